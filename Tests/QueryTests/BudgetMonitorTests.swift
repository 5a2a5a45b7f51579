import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ledger
import Logging
import Metering
import Operations
import Reporting
import Support
import Synchronization
import Telemetry
import Testing
import Wire

@testable import QueryService

@Suite(.timeLimit(.minutes(30))) struct `The watch over budgets` {
    private static let now: Int64 = 1_795_190_000

    /// A clock that a test moves.
    private final class TestClock: Sendable {
        private let time = Mutex(Timestamp(seconds: 1_795_190_000))

        var now: Timestamp { time.withLock { $0 } }

        func advance(by nanoseconds: Int64) {
            time.withLock { $0 = Timestamp(nanoseconds: $0.nanoseconds + nanoseconds) }
        }
    }

    /// A ledger, its budgets, and the watch over them.
    private final class Rig {
        let test: TestLedger
        let folder: String
        let head = LedgerHead()
        let clock = TestClock()
        let file: BudgetFile?
        let webhook: String?
        static var start: Timestamp { Timestamp(seconds: now) }

        init(webhook: String? = nil, file: String? = nil) throws {
            test = try TestLedger()
            folder = URL(filePath: test.path).deletingLastPathComponent().path
            self.webhook = webhook
            if let file {
                try Data(file.utf8).write(to: URL(filePath: folder + "/budgets.json"))
                self.file = BudgetFile(path: folder + "/budgets.json")
            } else {
                self.file = nil
            }
        }

        func book() throws -> BudgetBook {
            try BudgetBook(
                store: try BudgetStore(path: folder + "/budgets.sqlite"), file: file, webhook: webhook, zone: .utc)
        }

        /// - Parameter timeout: how long a receiver may take; by default longer than any test.
        func monitor(
            _ book: BudgetBook, board: BudgetBoard = BudgetBoard(), timeout: Duration = .seconds(3600)
        ) -> BudgetMonitor {
            var monitor = BudgetMonitor(
                book: book, ledger: test.ledger, head: head, sender: WebhookSender(timeout: timeout), board: board,
                now: { [clock] in clock.now },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            monitor.settings.pause = .milliseconds(10)
            monitor.settings.patience = .milliseconds(100)
            monitor.settings.firstRetry = .milliseconds(1)
            return monitor
        }

        func spend(_ number: Int64, _ dollars: Int64, session: String = "s1") throws {
            try test.commit([
                [Charges.charge(number, session: session, at: now - 600, computed: dollars * 1_000_000_000_000)]
            ])
            head.advance(to: test.writer.lastSequence)
        }
    }

    private func budget(_ json: String) throws -> Budget {
        var reader = JSONReader(json)
        return try Budget(from: &reader, isFile: false) { _ in true }
    }

    @Test func `keeps no message that was taken, and no crossing of a period long past`() throws {
        let store = try BudgetStore(path: FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).sqlite")
        func crossing(_ window: Int64) -> BudgetStore.Crossing {
            BudgetStore.Crossing(budget: "b", fingerprint: "f", key: "ann", window: window, state: .exceeded)
        }
        let (old, now) = (Timestamp(seconds: 1_700_000_000), Timestamp(seconds: 1_800_000_000))
        #expect(try store.record(crossing(old.seconds), webhooks: ["http://h"], text: "old", at: old))
        #expect(try store.record(crossing(0), webhooks: [], text: "for ever", at: old))
        let notice = try #require(try store.due(at: now, for: "http://h"))
        try store.finish(notice, next: now)
        #expect(try store.due(at: now, for: "http://h")?.attempts == 1)
        try store.finish(notice, next: nil)
        #expect(try store.texts() == [])
        #expect(try store.record(crossing(now.seconds), webhooks: [], text: "new", at: now))
        #expect(try store.windows() == [0, now.seconds])
    }

    @Test func `tells each crossing once, over restarts too`() async throws {
        let receiver = WebhookReceiver()
        try await receiver.run { url in
            let rig = try Rig(webhook: url)
            let book = try rig.book()
            try book.set(try self.budget(#"{"name":"day","limit_usd":"10","period":"day"}"#))
            let first = rig.monitor(book)
            let running = Task { try await first.run() }
            try rig.spend(1, 5)
            try rig.spend(2, 3)
            try await eventually("a warning") { receiver.bodies.count == 1 }
            #expect(receiver.bodies[0].contains("budget day is nearly used up: $8.00 of $10.00 used (80 %)"))
            #expect(receiver.types == ["application/json"])
            let message = try JSONDecoder().decode([String: String].self, from: Data(receiver.bodies[0].utf8))
            #expect(Array(message.keys) == ["text"])
            try rig.spend(3, 3)
            try await eventually("word that it is exceeded") { receiver.bodies.count == 2 }
            #expect(receiver.bodies[1].contains("is exceeded: $11.00 of $10.00"))
            try rig.spend(4, 3)
            // A message that was answered and not yet noted would be told again, as the promise allows.
            try await eventually("all is noted") { try !book.store.hasPending() }
            running.cancel()
            _ = try await running.value

            let again = rig.monitor(try rig.book())
            let restarted = Task { try await again.run() }
            try rig.spend(5, 1)
            try await Task.sleep(for: .milliseconds(400))
            #expect(receiver.bodies.count == 2)
            // The next day is another period.
            rig.clock.advance(by: 86_400_000_000_000)
            try rig.test.commit([[Charges.charge(6, at: Self.now + 86_000, computed: 50_000_000_000_000)]])
            rig.head.advance(to: rig.test.writer.lastSequence)
            try await eventually("word of the next day") { receiver.bodies.count == 3 }
            restarted.cancel()
            _ = try await restarted.value
            #expect(receiver.bodies.count == 3)
        }
    }

    @Test func `sends again what was not taken, and gives up what is refused`() async throws {
        let receiver = WebhookReceiver()
        try await receiver.run { url in
            let rig = try Rig(webhook: url)
            let book = try rig.book()
            try book.set(try self.budget(#"{"name":"a","limit_usd":"1","period":"day"}"#))
            receiver.answer(500, 503, 429)
            let board = BudgetBoard()
            let monitor = rig.monitor(book, board: board)
            let running = Task { try await monitor.run() }
            try rig.spend(1, 5)
            try await eventually("sent four times") {
                rig.clock.advance(by: 50_000_000)
                return receiver.bodies.count == 4
            }
            try await eventually("all is noted") { try !book.store.hasPending() }
            #expect(Set(receiver.bodies).count == 1)
            #expect(board.exposition.contains(#"tollbook_budget_notices_total{result="delivered"} 1"#))
            #expect(board.exposition.contains(#"tollbook_budget_notices_total{result="retried"} 3"#))

            receiver.answer(404)
            try book.set(try self.budget(#"{"name":"b","limit_usd":"1","period":"day"}"#))
            try await eventually("what is refused was sent") { receiver.bodies.count == 5 }
            try await eventually("all is noted") { try !book.store.hasPending() }
            #expect(board.exposition.contains(#"tollbook_budget_notices_total{result="failed"} 1"#))
            running.cancel()
            _ = try await running.value
            #expect(receiver.bodies.count == 5)
        }
    }

    @Test func `keeps what could not be sent until the receiver is back, and never holds up the ledger`() async throws {
        let away = "http://127.0.0.1:\(FreePorts.take(1)[0])/hook"
        let rig = try Rig(webhook: away)
        let book = try rig.book()
        try book.set(try budget(#"{"name":"a","limit_usd":"1","period":"day"}"#))
        let monitor = rig.monitor(book)
        let running = Task { try await monitor.run() }
        try rig.spend(1, 5)
        try await eventually("a crossing is noted") { try book.store.hasPending() }
        for number in 2...50 as ClosedRange<Int64> { try rig.spend(number, 1) }
        #expect(try book.store.hasPending(), "the ledger took all meanwhile")
        running.cancel()
        _ = try await running.value
        // As after a restart: what waits goes where it was meant to go.
        let again = try rig.book().store
        #expect(try again.receivers(dueAt: Timestamp(seconds: Self.now + 86_400)) == [away])
        #expect(try await rig.test.totals().calls == 50)
    }

    @Test func `waits for a receiver that hangs or drips with nothing else, and ends without it`() async throws {
        let hanging = try HangingReceiver(drips: false)
        let dripping = try HangingReceiver(drips: true)
        let receiver = WebhookReceiver()
        try await receiver.run { url in
            let budgets = [hanging.url, dripping.url, url].enumerated().map { index, url in
                #"{"name":"b\#(index)","limit_usd":"1","period":"day","webhook":"\#(url)"}"#
            }
            let rig = try Rig(file: #"{"budgets":[\#(budgets.joined(separator: ","))]}"#)
            let book = try rig.book()
            let board = BudgetBoard()
            // Both may take longer than this test: whatever it does not wait for, nobody waits for.
            let monitor = rig.monitor(book, board: board)
            let running = Task { try await monitor.run() }
            try rig.spend(1, 5)
            try await eventually("the others have a message each that they do not answer") {
                hanging.connections > 0 && dripping.connections > 0
            }
            try await eventually("the one that answers is told") {
                board.exposition.contains(#"tollbook_budget_notices_total{result="delivered"} 1"#)
            }
            running.cancel()
            _ = try await running.value
            #expect(board.exposition.contains(#"tollbook_budget_notices_total{result="retried"} 0"#))
            #expect(board.exposition.contains(#"tollbook_budget_notices_total{result="failed"} 0"#))
            let due = try book.store.receivers(dueAt: Timestamp(seconds: Self.now + 86_400))
            #expect(Set(due) == [hanging.url, dripping.url])
            #expect(receiver.bodies.count == 1)
        }
    }

    @Test func `breaks off a delivery that takes too long, though the receiver says something all the time`()
        async throws
    {
        let hanging = try HangingReceiver(drips: false)
        let dripping = try HangingReceiver(drips: true)
        let budgets = [hanging.url, dripping.url].enumerated().map { index, url in
            #"{"name":"b\#(index)","limit_usd":"1","period":"day","webhook":"\#(url)"}"#
        }
        let rig = try Rig(file: #"{"budgets":[\#(budgets.joined(separator: ","))]}"#)
        let book = try rig.book()
        let board = BudgetBoard()
        let monitor = rig.monitor(book, board: board, timeout: .milliseconds(500))
        let running = Task { try await monitor.run() }
        try rig.spend(1, 5)
        // The clock stands still, so that each was tried once when both are to be tried again.
        try await eventually("both were broken off") {
            board.exposition.contains(#"tollbook_budget_notices_total{result="retried"} 2"#)
        }
        try await eventually("both are tried again") {
            rig.clock.advance(by: 1_000_000_000)
            return hanging.connections >= 2 && dripping.connections >= 2
        }
        running.cancel()
        _ = try await running.value
        let due = try book.store.receivers(dueAt: Timestamp(seconds: Self.now + 86_400))
        #expect(Set(due) == [hanging.url, dripping.url])
    }

    @Test func `takes no redirection for a delivery`() async throws {
        let receiver = WebhookReceiver()
        try await receiver.run { url in
            let sender = WebhookSender(timeout: .seconds(3600))
            let moved = url.replacing("/hook", with: "/moved")
            #expect(await sender.send("word", to: moved) == .refused("it redirects elsewhere; name where it leads to"))
            #expect(await sender.send("word", to: url) == .delivered)
            #expect(receiver.bodies.count == 1)
        }
    }

    @Test func `tells each user's and each session's crossing by itself`() async throws {
        let rig = try Rig()
        let book = try rig.book()
        try book.set(try budget(#"{"name":"sessions","limit_usd":"4","per":"session"}"#))
        try rig.spend(1, 5, session: "s1")
        try rig.spend(2, 1, session: "s2")
        // Longer ago than a day: whole sessions are looked at while they are active.
        try rig.test.commit([[Charges.charge(3, session: "old", at: Self.now - 200_000, computed: 9_000_000_000_000)]])
        let entry = try #require(book.entry("sessions"))
        let status = try await book.status(entry.budget, at: Rig.start, in: rig.test.ledger)
        #expect(status.entries.map(\.key) == ["s1", "s2"])
        #expect(status.entries.map(\.state) == [.exceeded, .ok])
    }

    @Test func `reads the operator's file, again when it changes, and keeps the last that could be read`() async throws
    {
        let rig = try Rig(
            webhook: nil,
            file: #"{"budgets":[{"name":"file","limit_usd":"1","webhook":"https://hooks.example/secret"}]}"#)
        let book = try rig.book()
        let monitor = rig.monitor(book)
        try book.set(try budget(#"{"name":"own","limit_tokens":5}"#))
        #expect(book.entries.map(\.budget.name) == ["file", "own"])
        #expect(throws: BudgetBook.Refusal.self) { try book.set(try budget(#"{"name":"file","limit_tokens":5}"#)) }
        #expect(throws: BudgetBook.Refusal.self) { try book.remove("file") }
        #expect(book.webhooks(of: try #require(book.entry("file")).budget) == ["https://hooks.example/secret"])

        func write(_ text: String, at seconds: Double) throws {
            let path = try #require(rig.file).path
            try Data(text.utf8).write(to: URL(filePath: path))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
        }
        try write("{", at: 1_000)
        await monitor.look()
        #expect(book.entries.map(\.budget.name) == ["file", "own"])
        try write(#"{"budgets":[{"name":"new","limit_usd":"1"}]}"#, at: 2_000)
        await monitor.look()
        #expect(book.entries.map(\.budget.name) == ["new", "own"])
        try write(#"{"budgets":[{"name":"a","limit_usd":"1"},{"name":"a","limit_usd":"2"}]}"#, at: 3_000)
        let error = #expect(throws: BudgetFileError.self) { try rig.book() }
        #expect(error?.description.contains("names the budget a twice") == true)
    }

    // MARK: Over HTTP

    private func client(
        _ rig: Rig, _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let board = BudgetBoard()
        let budgets = BudgetRoutes(book: try rig.book(), board: board, ledger: rig.test.ledger, now: { Rig.start })
        let monitor = rig.monitor(budgets.book, board: board)
        let operations = OperatorRoutes(
            health: HealthState(conditions: [], loops: []), metrics: MetricsRegistry()
        ) { () async throws -> String in
            await monitor.look()
            return board.exposition
        }
        let api = QueryAPI(
            ledger: rig.test.ledger, head: rig.head, hosts: AllowedHosts(), zone: .utc, operations: operations,
            budgets: budgets)
        try await Application(router: api.router()).test(.router, body)
    }

    @Test func `sets, shows and removes budgets over HTTP`() async throws {
        let rig = try Rig(file: #"{"budgets":[{"name":"file","limit_usd":"100"}]}"#)
        try rig.spend(1, 5)
        try await client(rig) { client in
            let json: HTTPFields = [.contentType: "application/json"]
            func put(_ name: String, _ text: String, _ headers: HTTPFields = json) async throws -> (Int, String) {
                try await client.execute(
                    uri: "/v1/budgets/\(name)", method: .put, headers: headers, body: ByteBuffer(string: text)
                ) { ($0.status.code, String(buffer: $0.body)) }
            }
            func status(_ uri: String, _ method: HTTPRequest.Method = .get) async throws -> (Int, String) {
                try await client.execute(uri: uri, method: method) { ($0.status.code, String(buffer: $0.body)) }
            }
            let made = try await put("own", #"{"limit_usd":"4","period":"day"}"#)
            #expect(made.0 == 201)
            #expect(made.1.contains(#""state":"exceeded""#) && made.1.contains(#""used_ratio":"1.250000""#))
            #expect(try await put("own", #"{"limit_usd":"10","period":"day"}"#).0 == 200)
            let list = try await status("/v1/budgets")
            #expect(list.1.contains(#""name":"file""#) && list.1.contains(#""source":"file""#))
            #expect(list.1.contains(#""name":"own","limit_usd":"10""#))
            #expect(try await status("/v1/budgets/own").0 == 200)
            #expect(try await status("/v1/budgets/none").0 == 404)
            let metrics = try await status("/metrics").1
            #expect(metrics.contains(#"tollbook_budget_used_ratio{budget="own"} 0.500000"#))

            #expect(try await put("file", #"{"limit_usd":"4"}"#).0 == 409)
            #expect(try await status("/v1/budgets/file", .delete).0 == 409)
            #expect(try await put("own", #"{"limit_usd":"4"}"#, [.contentType: "text/plain"]).0 == 415)
            for wrong in ["{", "[]", #"{"limit_usd":"4"}{}"#, #"{"limit_usd":"x"}"#, #"{"limit_usd":"4","name":"b"}"#] {
                #expect(try await put("own", wrong).0 == 400, "\(wrong)")
            }
            #expect(try await put("a%20b", #"{"limit_usd":"4"}"#).0 == 400)
            #expect(try await status("/v1/usage", .put).0 == 405)
            #expect(try await status("/v1/budgets/own", .post).0 == 405)
            #expect(try await status("/v1/budgets/own", .delete).0 == 204)
            #expect(try await status("/v1/budgets/own", .delete).0 == 404)
        }
    }
}

extension BudgetStore {
    fileprivate func texts() throws -> [String] {
        try pool.read { try String.fetchAll($0, sql: "SELECT text FROM notice") }
    }

    fileprivate func windows() throws -> [Int64] {
        try pool.read { try Int64.fetchAll($0, sql: "SELECT DISTINCT window FROM crossing ORDER BY 1") }
    }
}
