import Access
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import LocalHTTP
import Logging
import Metering
import NIOCore
import Operations
import Reporting
import ServiceLifecycle
import Support
import Telemetry
import Testing
import Wire

@testable import QueryService

@Suite(.timeLimit(.minutes(30))) struct `Live events` {
    /// The interface over a ledger, served on a port of its own.
    private struct Served {
        let address: HTTPAddress
        let group: ServiceGroup
        let running: Task<Void, any Error>

        init(
            _ test: TestLedger, _ head: LedgerHead, _ pace: EventStream.Pace = .patient, keys: KeyRing? = nil
        ) async throws {
            let operations = OperatorRoutes(
                health: HealthState(conditions: [], loops: []), metrics: MetricsRegistry())
            let api = QueryAPI(
                ledger: test.ledger, head: head, hosts: AllowedHosts(), zone: .utc, operations: operations, pace: pace,
                keys: keys)
            let (ports, port) = AsyncStream.makeStream(of: Int.self)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let application = Application(
                router: api.router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { channel in port.yield(channel.localAddress?.port ?? 0) }, logger: logger)
            let group = ServiceGroup(
                configuration: .init(services: [.init(service: application)], logger: logger))
            self.group = group
            running = Task { try await group.run() }
            var first = 0
            for await found in ports {
                first = found
                break
            }
            address = HTTPAddress(port: first)
        }

        func stop() async throws {
            await group.triggerGracefulShutdown()
            try await running.value
        }
    }

    private func commit(_ numbers: ClosedRange<Int64>, _ test: TestLedger, _ head: LedgerHead) throws {
        let commit = try test.commit(numbers.map { [Charges.charge($0)] })
        head.advance(to: test.writer.lastSequence, with: commit.changes)
    }

    /// Commits changes of more bytes than the buffers of a connection hold.
    private func commitMuch(_ test: TestLedger, _ head: LedgerHead) throws {
        let commit = try test.commit(
            (1...2000 as ClosedRange<Int64>).map { number in
                var charge = Charges.charge(number)
                charge.call.attribution.project = String(repeating: "p", count: 8000)
                return [charge]
            })
        head.advance(to: test.writer.lastSequence, with: commit.changes)
    }

    /// A reader in a list.
    private final class Held {
        var reader: EventReader

        init(_ reader: consuming EventReader) {
            self.reader = reader
        }
    }

    /// Runs what waits for the network on a thread of its own: the service needs the pool that tests run on.
    private func onThread(_ body: @escaping () throws -> Void) async throws {
        final class Work: @unchecked Sendable {
            let body: () throws -> Void

            init(_ body: @escaping () throws -> Void) {
                self.body = body
            }
        }
        let work = Work(body)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread { continuation.resume(with: Result { try work.body() }) }.start()
        }
    }

    /// The numbers of changes read until one is reached.
    private func numbers(_ reader: inout EventReader, until last: Int64) throws -> [Int64] {
        var numbers: [Int64] = []
        while numbers.last ?? 0 < last, let event = try reader.nextChange() { numbers.append(event.number ?? -1) }
        return numbers
    }

    @Test func `reach many readers when they happen, and hold the bytes that the feed publishes`() async throws {
        let (test, head) = (try TestLedger(), LedgerHead())
        try commit(1...3, test, head)
        // Nothing but the change itself ends the silence.
        var pace = EventStream.Pace.patient
        pace.heartbeat = .seconds(3600)
        let served = try await Served(test, head, pace)
        let published = try await test.ledger.changes(after: 0, limit: 10).changes
        try await onThread {
            var readers: [Held] = []
            for _ in 0..<60 {
                let held = Held(try EventReader(served.address))
                let welcome = try held.reader.next()
                #expect(welcome?.name == "welcome")
                #expect(welcome?.data.contains("\"seq\":3") == true)
                readers.append(held)
            }
            try commit(4...4, test, head)
            for held in readers {
                let change = try held.reader.next()
                #expect(change?.name == "change" && change?.number == 4)
            }
            var early = try EventReader(served.address, query: "after=0")
            var bodies: [String] = []
            while bodies.count < 3, let event = try early.nextChange() { bodies.append(event.data) }
            #expect(bodies == published.map { String(decoding: $0, as: UTF8.self) })
        }
        try await served.stop()
    }

    @Test func `end when the reader's key is taken back`() async throws {
        let (test, head) = (try TestLedger(), LedgerHead(view: TenantView(isGuarded: true)))
        let file = KeyFile(path: test.path + ".keys.json")
        let secret = KeySecret.make()
        try file.update { keys in
            keys = [KeyRecord(secret, tenant: "default", scopes: [.read], created: "2026-11-21T00:00:00Z", note: nil)]
        }
        var pace = EventStream.Pace.patient
        pace.heartbeat = .milliseconds(100)
        let served = try await Served(test, head, pace, keys: try KeyRing(file))
        try await onThread {
            var reader = try EventReader(served.address, secret: secret.text)
            #expect(try reader.next()?.name == "welcome")
            try commit(1...1, test, head)
            #expect(try reader.nextChange()?.number == 1)
            try file.update { $0 = [] }
            var last: EventReader.Event?
            while let event = try reader.next() { last = event }
            #expect(last?.name == "end" && last?.data.contains("\"reason\":\"revoked\"") == true)
        }
        try await served.stop()
    }

    @Test func `go on after any number, the one a browser names before the one in the address`() async throws {
        let (test, head) = (try TestLedger(), LedgerHead())
        try commit(1...600, test, head)
        let served = try await Served(test, head)
        try await onThread {
            var whole = try EventReader(served.address, query: "after=0")
            let all = try numbers(&whole, until: 600)
            #expect(all == Array(1...600))
            var resumed = try EventReader(served.address, query: "after=0", lastEvent: 598)
            try commit(601...601, test, head)
            let rest = try numbers(&resumed, until: 601)
            #expect(rest == [599, 600, 601])
            let wrong = try EventReader(served.address, query: "after=x").status
            #expect(wrong == 400)
        }
        try await served.stop()
    }

    @Test func `beat while there is nothing to say, and say when the service ends`() async throws {
        let (test, head) = (try TestLedger(), LedgerHead())
        try commit(1...2, test, head)
        var pace = EventStream.Pace.patient
        pace.heartbeat = .milliseconds(50)
        let epoch = test.ledger.epoch
        let served = try await Served(test, head, pace)
        try await onThread {
            var reader = try EventReader(served.address)
            let (welcome, beat) = (try reader.next(), try reader.next())
            #expect(welcome?.name == "welcome")
            #expect(beat?.name == "heartbeat")
            #expect(beat?.data == "{\"v\":1,\"epoch\":\"\(epoch)\",\"seq\":2}")
            Task { await served.group.triggerGracefulShutdown() }
            var last: EventReader.Event?
            while let event = try reader.next() { last = event }
            #expect(last?.name == "end")
            #expect(last?.data.contains("\"seq\":2,\"reason\":\"shutdown\"") == true)
        }
        try await served.running.value
    }

    @Test func `cut off a reader that takes nothing, and hold little for it meanwhile`() async throws {
        let (test, head) = (try TestLedger(), LedgerHead())
        try commitMuch(test, head)
        var pace = EventStream.Pace.patient
        pace.maximumStreams = 1
        pace.stalled = .milliseconds(400)
        let served = try await Served(test, head, pace)
        try await onThread {
            // Before the reader is there: however late it is looked at, it had its time.
            let start = ContinuousClock.now
            let deaf = try EventReader(served.address, query: "after=0", buffer: 65_536)
            var status = 503
            // Looks, not a time: each takes its turn on a busy machine.
            for _ in 0..<2400 where status == 503 {
                usleep(50_000)
                status = try EventReader(served.address).status
            }
            #expect(status == 200)
            let first = deaf.status
            #expect(first == 200, "and it was there all the time")
            // It was not cut off before its time.
            #expect(ContinuousClock.now - start >= .milliseconds(400))
        }
        try await served.stop()
    }

    /// What a reader takes, each piece after a while.
    private final class SlowReader: ResponseBodyWriter, @unchecked Sendable {
        // One task alone writes, and the test looks when it is done.
        var text = ""
        var isFinished = false
        let pause: Duration

        init(pause: Duration) {
            self.pause = pause
        }

        func write(_ buffer: ByteBuffer) async throws {
            try await Task.sleep(for: pause)
            text += String(buffer: buffer)
        }

        func finish(_ trailingHeaders: HTTPFields?) async throws { isFinished = true }
    }

    @Test func `tell a reader that is too slow where to go on`() async throws {
        let (test, head) = (try TestLedger(), LedgerHead())
        try commit(1...40, test, head)
        var pace = EventStream.Pace.patient
        pace.slow = .milliseconds(20)
        pace.page = 10
        let reader = SlowReader(pause: .milliseconds(40))
        try await EventStream(ledger: test.ledger, head: head, form: .json, pace: pace).run(from: 0, reader)
        #expect(reader.isFinished)
        #expect(reader.text.contains("id: 10\n") && !reader.text.contains("id: 11\n"))
        #expect(reader.text.hasSuffix("\"seq\":10,\"reason\":\"slow\"}\n\n"), "\(reader.text.suffix(200))")
    }

    @Test func `are refused to more readers than there is room for, until one leaves`() async throws {
        let (test, head) = (try TestLedger(), LedgerHead())
        var pace = EventStream.Pace.patient
        pace.maximumStreams = 2
        pace.heartbeat = .milliseconds(50)
        let served = try await Served(test, head, pace)
        try await onThread {
            let first = try EventReader(served.address)
            do {
                let second = try EventReader(served.address)
                let third = try EventReader(served.address)
                let statuses = [first.status, second.status, third.status]
                #expect(statuses == [200, 200, 503])
            }
            var again = 503
            for _ in 0..<2400 where again == 503 {
                usleep(50_000)
                again = try EventReader(served.address).status
            }
            #expect(again == 200)
        }
        try await served.stop()
    }
}

extension EventStream.Pace {
    /// A pace at which no reader is cut off, however long a busy machine holds it up.
    fileprivate static var patient: EventStream.Pace {
        var pace = EventStream.Pace()
        pace.slow = .seconds(3600)
        pace.stalled = .seconds(3600)
        return pace
    }
}
