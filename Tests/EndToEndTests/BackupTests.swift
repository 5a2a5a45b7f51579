import Foundation
import Supervision
import Support
import Synchronization
import Testing

extension EndToEndTests {
    /// Copies made while everything runs, and what becomes of them.
    @Suite struct BackupTests {
        private static func startAll(_ services: RunningServices) throws {
            for service in Service.startOrder { try services.start(service) }
            for service in Service.startOrder { try services.waitUntilReady(service) }
        }

        private static func stopAll(_ services: RunningServices) throws {
            for service in Service.startOrder.reversed() { try services.stop(service) }
        }

        /// Puts a part of a backup in the place of what a service has.
        private static func replace(_ part: String, by backup: String, in data: String) throws {
            let files = FileManager.default
            try files.removeItem(atPath: data + "/" + part)
            try files.copyItem(atPath: backup + "/" + part, toPath: data + "/" + part)
        }

        @Test func `a backup made under load is restored to right totals, and half of one is refused`() throws {
            let services = try RunningServices()
            defer { services.shutDown() }
            let home = try TestFolder()
            defer { home.remove() }
            let data = services.deployment.data
            let backups = (0..<3).map { home.path + "/backup-\($0)" }
            let generator = Mutex(TelemetryGenerator(seed: 77))
            let bodies = Mutex<[[UInt8]]>([])
            @Sendable func load(_ requests: Int) throws {
                for _ in 0..<requests {
                    let body = generator.withLock { $0.logs(calls: 50) }
                    bodies.withLock { $0.append(body) }
                    try services.deliver(body, to: "logs")
                }
            }
            for backup in backups {
                let isDone = Atomic<Bool>(false)
                Thread.detachNewThread {
                    try? load(60)
                    isDone.store(true, ordering: .releasing)
                }
                pause(.milliseconds(150))
                let made = try Command.tollbook(["backup", backup, "--data", data])
                #expect(made.status == 0, "\(made.errors)")
                while !isDone.load(ordering: .acquiring) { pause(.milliseconds(20)) }
            }
            #expect(try Command.tollbook(["backup", backups[0], "--data", data]).status != 0, "never overwritten")
            let truth = generator.withLock { $0.books }
            #expect(try services.settledLedger { $0.books == truth }.books == truth)

            // The whole of it: what came after the backup comes again, as from session files.
            #expect(
                try Command.tollbook(["restore", backups[1], "--data", data]).status != 0, "nothing is overwritten")
            try Self.stopAll(services)
            try FileManager.default.moveItem(atPath: data, toPath: home.path + "/old")
            try Self.checkRestorationsThatFail(backups[1], data, home.path)
            let restored = try Command.tollbook(["restore", backups[1], "--data", data])
            #expect(restored.status == 0, "\(restored.errors)")
            #expect(try FileManager.default.subpathsOfDirectory(atPath: data).allSatisfy { !$0.contains(".part") })
            try Self.startAll(services)
            for body in bodies.withLock({ $0 }) { try services.deliver(body, to: "logs") }
            let view = try services.settledLedger { $0.books == truth }
            #expect(view.books == truth, "\(view.books.differences(from: truth).prefix(3))")

            // Half of it: each of the two says so.
            try Self.stopAll(services)
            try Self.replace("query", by: backups[0], in: data)
            try Self.startRefusers(services)
            try load(2)
            try Self.waitForRefusal(by: .query, services)
            for service in Service.startOrder.reversed() { _ = try? services.stop(service) }
            try FileManager.default.removeItem(atPath: data)
            try FileManager.default.moveItem(atPath: home.path + "/old", toPath: data)
            try Self.replace("dedupe", by: backups[0], in: data)
            try Self.startRefusers(services)
            try load(2)
            try Self.waitForRefusal(by: .dedupe, services)
        }

        /// A disk that fails on the way leaves nothing that can be started; nothing that is there is replaced.
        private static func checkRestorationsThatFail(_ backup: String, _ data: String, _ home: String) throws {
            let files = FileManager.default
            let restore = ["restore", backup, "--data", data]
            let host = try HostFaults(path: home + "/faults")
            // All of them, for SQLite takes some as said in vain.
            host.failSyncs(10_000)
            #expect(try Command.tollbook(restore, environment: host.environment).status != 0)
            let left = (try? files.subpathsOfDirectory(atPath: data)) ?? []
            #expect(left.sorted() == ["dedupe", "ingest", "query"], "\(left)")

            let own = ["query/budgets.sqlite", "ingest/pseudonym.key"]
            for name in own { try Data("own".utf8).write(to: URL(filePath: data + "/" + name)) }
            let nothing = try Command.tollbook(["restore", home, "--data", data])
            #expect(nothing.errors.contains("name a folder that tollbook backup made"), "\(nothing.errors)")
            let refused = try Command.tollbook(restore)
            #expect(refused.status != 0)
            for name in own {
                #expect(refused.errors.contains(name), "\(refused.errors)")
                #expect(files.contents(atPath: data + "/" + name) == Data("own".utf8))
                try files.removeItem(atPath: data + "/" + name)
            }
            // The log of a database that is gone, and what a restoration that was killed has left.
            try Data("log".utf8).write(to: URL(filePath: data + "/query/ledger.sqlite-wal"))
            #expect(try Command.tollbook(restore).errors.contains("ledger.sqlite-wal"))
            try files.removeItem(atPath: data + "/query/ledger.sqlite-wal")
            for end in ["", "-journal"] {
                try Data("half".utf8).write(to: URL(filePath: data + "/dedupe/dedupe.sqlite.part" + end))
            }
        }

        /// Starts all services, of which one may have ended before it was ever ready.
        private static func startRefusers(_ services: RunningServices) throws {
            for service in Service.startOrder { try services.start(service) }
            try services.waitUntilReady(.ingest)
        }

        private static func waitForRefusal(by service: Service, _ services: RunningServices) throws {
            for _ in 0..<2400 where !services.log(of: service).contains("restore both from one backup") {
                pause(.milliseconds(50))
            }
            #expect(services.log(of: service).contains("restore both from one backup"), "\(services.log(of: service))")
        }
    }
}
