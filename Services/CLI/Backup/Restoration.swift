import FoundationEssentials
import GRDB
import Glibc
import Settings

/// Puts a backup in the place of the databases of a data folder: whole and named anew, or not at all.
///
/// Every file is copied beside its place, the databases get a new stream and a new epoch there, and all of it is synchronized
/// before the first file gets its name. The databases get theirs last. So what can be started never hands out numbers that
/// the stream or feed of the backup has used for other things; of a restoration that ended between the two databases, the
/// services say that they do not belong together.
struct Restoration {
    /// A file of the backup and its place.
    private struct File {
        let source: String
        let place: String
        var draft: String { place + ".part" }
    }

    private let data: String
    /// Everything to be put in place, the two databases that make a folder one that can be started at the end.
    private let files: [File]
    private static let parts = ["ingest", "query", "dedupe"]
    private static let databases = ["query/ledger.sqlite", "dedupe/dedupe.sqlite"]
    /// What SQLite keeps beside a database that is open, or was when its process ended.
    private static let besides = ["-wal", "-shm", "-journal"]

    /// Looks at both folders and changes nothing.
    ///
    /// - Throws: `Failure` where the data folder holds anything that would have to give way.
    init(of backup: String, to data: String) throws {
        self.data = data
        var names: [String] = []
        for part in Self.parts where FileManager.default.fileExists(atPath: backup + "/" + part) {
            let own = try FileManager.default.contentsOfDirectory(atPath: backup + "/" + part)
                .filter { name in !Self.besides.contains { name.hasSuffix($0) } }
            names += own.sorted().map { part + "/" + $0 }
        }
        names = names.filter { !Self.databases.contains($0) } + Self.databases
        var taken: [String] = []
        files = names.compactMap { name in
            let file = File(source: backup + "/" + name, place: data + "/" + name)
            switch Self.occupation(of: file) {
            case .none: return file
            case .same: return nil
            case .other(let path):
                taken.append(path)
                return nil
            }
        }
        guard taken.isEmpty else {
            throw Failure(
                "there is \(taken.joined(separator: " and ")) already; stop the services and move the folder away")
        }
    }

    private enum Occupation {
        case none, same
        case other(String)
    }

    /// What stands in the place of a file.
    private static func occupation(of file: File) -> Occupation {
        let files = FileManager.default
        // A log of changes without its database would be taken for one of the new database.
        if let log = besides.map({ file.place + $0 }).first(where: { files.fileExists(atPath: $0) }) {
            return .other(log)
        }
        guard files.fileExists(atPath: file.place) else { return .none }
        guard !databases.contains(where: { file.place.hasSuffix($0) }) else { return .other(file.place) }
        // A restoration that was ended may have put it there.
        return files.contents(atPath: file.place) == files.contents(atPath: file.source) ? .same : .other(file.place)
    }

    /// Does it.
    ///
    /// - Parameter moment: how the databases of the backup stand to each other.
    func perform(_ moment: StorePair.Moment) throws {
        for part in Self.parts { _ = try DataDirectory.make(data + "/" + part) }
        do {
            for file in files {
                removeDraft(file)
                try FileManager.default.copyItem(atPath: file.source, toPath: file.draft)
            }
            try beginAnew(moment)
            for file in files { try DurableFile.synchronize(file.draft) }
        } catch {
            for file in files { removeDraft(file) }
            throw error
        }
        for file in files {
            try DurableFile.move(file.draft, to: file.place)
            // One name after the other on the disk as well.
            try DurableFile.synchronize(DurableFile.folder(of: file.place))
        }
        for folder in [data, DurableFile.folder(of: data)] { try DurableFile.synchronize(folder) }
    }

    /// Removes what a restoration that was ended has left.
    private func removeDraft(_ file: File) {
        for end in [""] + Self.besides { unlink(file.draft + end) }
    }

    /// Gives the stream and the feed new names: their numbers will be used again for other things.
    private func beginAnew(_ moment: StorePair.Moment) throws {
        let stream = UUID().uuidString.lowercased()
        try change("dedupe/dedupe.sqlite") { database in
            try database.execute(sql: "UPDATE identity SET stream = ?", arguments: [stream])
        }
        try change("query/ledger.sqlite") { database in
            try database.execute(
                sql: "UPDATE stream SET id = ? WHERE id = ?", arguments: [stream, moment.stream])
            try database.execute(sql: "UPDATE ledger SET epoch = ?", arguments: [UUID().uuidString.lowercased()])
        }
    }

    /// Changes the draft of a database, with everything in its one file afterwards; its service sets the log up again.
    private func change(_ name: String, _ body: (Database) throws -> Void) throws {
        let database = try DatabaseQueue(path: File(source: "", place: data + "/" + name).draft)
        try database.writeWithoutTransaction { database in
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
            guard mode == "delete" else { throw Failure("the copy of \(name) is in use; is another restore running?") }
            try database.inTransaction {
                try body(database)
                return .commit
            }
        }
        try database.close()
    }
}
