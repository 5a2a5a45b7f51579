import Foundation
import Glibc
import Ledger
import Metering
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// Receivers of budget messages that behave badly.
    @Suite struct WebhookTests {
        @Test func `a receiver that takes a message and never answers costs next to no processor time`() throws {
            let folder = try TestFolder()
            defer { folder.remove() }
            let receiver = try SilentReceiver()
            let budgets = folder.path + "/budgets.json"
            try Data(
                """
                {"budgets":[{"name":"spent","limit_usd":"1","period":"all","webhook":"http://127.0.0.1:\(receiver.port)/hook"}]}
                """.utf8
            ).write(to: URL(filePath: budgets))
            let services = try RunningServices(
                extraArguments: [.query: ["--budgets", budgets]], services: [.query])
            defer { services.shutDown() }
            let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
            let call = Call(
                number: 1, key: CallKey(space: "test", kind: .request, value: "1"), revision: 1, reason: .first,
                scope: Scope(tenant: "default", harness: Harness(rawValue: "codex"), session: "s"), eventTime: now,
                tokens: TokenCounts(output: 1), quality: .exact)
            try services.store(
                [Charge(call: call, rating: Rating(status: .priced, cost: Amount(dollars: "2")))],
                stream: "0190a000-0000-7000-8000-000000000001")
            let message = try receiver.firstRequest()
            #expect(message.contains("budget spent is exceeded"))

            let start = ContinuousClock.now
            let before = try #require(services.processorTime(of: .query))
            pause(.seconds(3))
            let used = try #require(services.processorTime(of: .query)) - before
            // Of the time that has really passed: a busy machine may give this test its turn late.
            let waited = ContinuousClock.now - start
            #expect(used < waited / 5, "of \(waited) of waiting")
        }
    }
}

/// Takes connections and what is sent over them, and says nothing.
private struct SilentReceiver {
    private let listener: LoopbackListener
    var port: Int { listener.port }

    init() throws { listener = try LoopbackListener() }

    /// What came over the first connection, which stays open.
    func firstRequest() throws -> String {
        var poll = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, 120_000) == 1 else { throw SupportFailure("nobody connected") }
        let connection = accept(listener.descriptor, nil, nil)
        var text = ""
        while !text.hasSuffix("}") {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(connection, &bytes, bytes.count, 0)
            guard count > 0 else { throw SupportFailure("the connection ended") }
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
        return text
    }
}
