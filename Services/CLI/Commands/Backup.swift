import ArgumentParser
import Console
import FoundationEssentials
import GRDB
import Glibc
import Settings

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy what is counted, while everything runs.",
        discussion: """
            Writes a new folder with the databases of dedupe and of the ledger, at moments that fit together, and the \
            key of pseudonyms. Keep it like the data itself: who has it can read it.
            """)

    @Argument(help: "The folder to make; it must not exist.")
    var folder: String

    @Option(help: "The folder for all data.")
    var data = DataDirectory.root

    func run() throws {
        try Environment.validate()
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw Failure("\(folder) exists; name a folder that does not, so that no backup is ever half overwritten")
        }
        // Made under another name first: a folder with its name is a whole backup.
        let draft = folder + ".part"
        try? FileManager.default.removeItem(atPath: draft)
        for part in ["", "/dedupe", "/query", "/ingest"] { _ = try DataDirectory.make(draft + part) }
        let pair = try StorePair(data: data, orElse: "name the data folder with --data")
        let moment = try pair.atOneMoment { dedupe, ledger, moment in
            try copy(dedupe, to: draft + "/dedupe/dedupe.sqlite")
            try copy(ledger, to: draft + "/query/ledger.sqlite")
            return moment
        }
        try copyOthers(to: draft)
        try synchronize(draft)
        try DurableFile.move(draft, to: folder)
        try DurableFile.synchronize(DurableFile.folder(of: folder))
        let size = try Self.bytes(in: folder)
        Terminal.report(
            "\(folder): \(NumberText.bytes(size)); the ledger has \(moment.taken.watermark) of \(moment.held.upperBound - 1) "
                + "transactions, dedupe holds the rest")
    }

    /// Copies what a connection sees, page by page, as SQLite's own backup does, and looks the copy through.
    private func copy(_ source: Database, to path: String) throws {
        let target = try DatabaseQueue(path: path)
        let report = try target.writeWithoutTransaction { target in
            try source.backup(to: target)
            return try String.fetchOne(target, sql: "PRAGMA quick_check(1)")
        }
        try target.close()
        guard report == "ok" else {
            throw Failure(
                "the database copied to \(path) is damaged (\(report ?? "no answer")): stop the services and restore the "
                    + "last backup that was made without this message")
        }
    }

    /// Copies the service's other databases, each for itself, and the key of pseudonyms.
    private func copyOthers(to draft: String) throws {
        let files = FileManager.default
        let known = ["dedupe.sqlite", "ledger.sqlite"]
        for part in ["dedupe", "query"] {
            for name in try files.contentsOfDirectory(atPath: data + "/" + part)
            where name.hasSuffix(".sqlite") && !known.contains(name) {
                var configuration = Configuration()
                configuration.readonly = true
                let source = try DatabaseQueue(path: "\(data)/\(part)/\(name)", configuration: configuration)
                try source.read { try copy($0, to: "\(draft)/\(part)/\(name)") }
            }
        }
        let key = "/ingest/pseudonym.key"
        if files.fileExists(atPath: data + key) { try files.copyItem(atPath: data + key, toPath: draft + key) }
    }

    private func synchronize(_ folder: String) throws {
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            try DurableFile.synchronize(folder + "/" + name)
        }
        try DurableFile.synchronize(folder)
    }

    private static func bytes(in folder: String) throws -> Int64 {
        try FileManager.default.subpathsOfDirectory(atPath: folder).reduce(0) { sum, name in
            var status = stat()
            return stat(folder + "/" + name, &status) == 0 ? sum + Int64(status.st_size) : sum
        }
    }
}

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a data folder from a backup.",
        discussion: """
            The services must not run, and the folder must hold none of their data: move the old one away first. Nothing \
            that is there is replaced. The databases get their names last, when all is whole and on the disk. Ended on \
            the way, it goes again, or says what to move away. What was counted after the backup comes back from session \
            files (tollbook import); what only telemetry said does not.
            """)

    @Argument(help: "The backup.")
    var backup: String

    @Option(help: "The folder for all data.")
    var data = DataDirectory.root

    func run() throws {
        try Environment.validate()
        let restoration = try Restoration(of: backup, to: data)
        let pair = try StorePair(data: backup, orElse: "name a folder that tollbook backup made")
        try restoration.perform(pair.atOneMoment { _, _, moment in moment })
        Terminal.report("\(data) is restored; start the services, then: tollbook import")
    }
}
