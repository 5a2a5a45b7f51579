import Foundation
import LocalHTTP
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// Databases that another program writes while they are read.
    @Suite struct DatabaseTests {
        private struct Usage: Decodable {
            let calls: Int64
            let input: Int64
            let read: Int64
            let output: Int64
        }

        @Test(arguments: ["older", "newer"])
        func `a database is followed and imported while its agent writes it`(schema: String) throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let watched = folder.path + "/watched"
            let imported = folder.path + "/imported"
            for path in [watched, imported] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            let services = try RunningServices(
                extraArguments: [.ingest: ["--watch-folder", "opencode=" + watched]])
            defer { services.shutDown() }
            // They write until there have been imports enough, however long these take.
            let enough = folder.path + "/enough"
            let writers = try [(watched, 0), (imported, 1)].map {
                try Self.writer($0.0, schema, day: $0.1, until: enough)
            }
            var imports = 0
            while writers.contains(where: { $0.process.isRunning }) {
                // Of a database that is just being made there may be nothing yet.
                let result = try Self.importing(imported, to: services)
                imports += result.status == 0 ? 1 : 0
                if imports > 1 { try Data().write(to: URL(filePath: enough)) }
            }
            #expect(imports > 1)
            let last = try Self.importing(imported, to: services)
            #expect(last.status == 0, "\(last.errors)")
            var truth = Books()
            for writer in writers { try truth.add(writer.truth()) }
            #expect(truth.total.calls > 100)
            let view = try services.settledLedger { Self.usage(of: $0) == truth }
            #expect(Self.usage(of: view).differences(from: truth).isEmpty)
            #expect(try Self.importing(imported, to: services).status == 0)
            let again = try services.settledLedger { _ in true }
            #expect(Self.usage(of: again).differences(from: truth).isEmpty, "imported once more")
        }

        @Test func `a database of something else is told from one without usage`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let path = folder.path + "/opencode.db"
            let made = try Command(
                EndToEndTests.python,
                ["-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE other (id)')", path])
            #expect(made.status == 0, "\(made.errors)")
            let services = try RunningServices(services: [.ingest])
            defer { services.shutDown() }
            let result = try Self.importing(folder.path, to: services)
            #expect(result.status != 0 && result.errors.contains("it has none of the tables that are read"))
        }

        private static func importing(_ folder: String, to services: RunningServices) throws -> Command {
            try Command.tollbook(["import", folder, "--ingest", services.ingest.description])
        }

        private static func usage(of view: LedgerView) -> Books {
            view.books.mapped { tally in
                var tally = tally
                tally.picodollars = 0
                return tally
            }
        }

        /// A program that writes a database, and what it prints in the end.
        private struct Writer {
            let process: Process
            let output: Pipe

            /// What it wrote, by session.
            func truth() throws -> Books {
                process.waitUntilExit()
                let printed = output.fileHandleForReading.readDataToEndOfFile()
                var books = Books()
                for (session, usage) in try JSONDecoder().decode([String: Usage].self, from: printed) {
                    var tally = Tally()
                    tally.calls = usage.calls
                    tally.uncachedInput = usage.input
                    tally.cacheRead = usage.read
                    tally.output = usage.output
                    books.add(tally, to: Books.Account(session: session, model: "claude-sonnet-4-6"))
                }
                return books
            }
        }

        private static func writer(_ folder: String, _ schema: String, day: Int, until end: String) throws -> Writer {
            let output = Pipe()
            let process = Process()
            process.executableURL = URL(filePath: EndToEndTests.python)
            let name = String(folder.split(separator: "/").last ?? "")
            process.arguments = [
                "-B", try EndToEndTests.script("write_opencode.py"), folder + "/opencode.db", schema, name, "60",
                "\(day)", end,
            ]
            process.standardOutput = output
            try process.run()
            return Writer(process: process, output: output)
        }
    }
}

extension Books {
    fileprivate mutating func add(_ others: Books) {
        for (account, tally) in others.accounts { add(tally, to: account) }
    }
}
