import Foundation
import Ledger
import Logging
import Metering
import Pipeline
import Reporting
import Synchronization
import Testing
import Wire
import ZeroMQ

@testable import QueryService

@Suite(.timeLimit(.minutes(30))) struct `The ledger's stage` {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A stage on a ledger, with sockets of its own on any free port, and the clients that talk to it.
    private struct Rig: ~Copyable {
        let environment: StageEnvironment
        let context: Context
        let push: Socket<Push>
        let watermarks: Socket<Subscribe>
        var stage: LedgerStage

        init(_ test: TestLedger, _ logger: Logger) throws {
            let environment = try StageEnvironment()
            let settings = LedgerStage.Settings(
                inlet: Inlet.Settings(batches: .bindAnyLoopbackPort, watermarks: .bindAnyLoopbackPort),
                feed: .bindAnyLoopbackPort)
            let stage = try LedgerStage(
                settings, ledger: test.writer, head: LedgerHead(), metrics: LedgerMetrics(stored: [:], lastSequence: 0),
                logger: logger, wallClock: { Timestamp(seconds: 1_795_200_000) }, in: environment)
            let context = try Context()
            let push = try Socket<Push>(in: context)
            let watermarks = try Socket<Subscribe>(in: context)
            try push.connect(try #require(Endpoint(stage.links.charges.description)))
            try watermarks.connect(try #require(Endpoint(stage.links.watermarks.description)))
            try watermarks.subscribe(to: "ack/")
            self.environment = environment
            self.context = context
            self.push = push
            self.watermarks = watermarks
            self.stage = stage
        }

        func subscriber(_ topic: String) throws -> Socket<Subscribe> {
            let socket = try Socket<Subscribe>(in: context)
            try socket.connect(try #require(Endpoint(stage.links.feed.description)))
            try socket.subscribe(to: topic)
            return socket
        }

        /// Gives turns until something holds.
        mutating func turn(until isDone: (inout Rig) throws -> Bool) throws {
            let deadline = ContinuousClock.now + .seconds(120)
            while ContinuousClock.now < deadline {
                _ = try stage.turn(Turn(clock: environment.clock))
                if try isDone(&self) { return }
                usleep(1000)
            }
            Issue.record("the stage did not get there in time")
        }

        mutating func send(_ frame: [UInt8]) throws {
            try turn { rig in try rig.push.send(frame) }
        }

        mutating func waitForWatermark(_ stream: StreamID, _ through: Int64) throws {
            try turn { rig in
                while let message = try rig.watermarks.receive() {
                    if Watermark(decoding: message.copiedBytes()) == Watermark(stream: stream, through: through) {
                        return true
                    }
                }
                return false
            }
        }
    }

    private func position(_ frame: String) -> (epoch: String, sequence: Int64, type: String)? {
        guard
            let match = frame.firstMatch(
                of: /^tollbook\.v1\.heartbeat \{"v":1,"type":"(\w+)","epoch":"([^"]+)","seq":(\d+)\}$/)
        else { return nil }
        return (String(match.output.2), Int64(match.output.3) ?? -1, String(match.output.1))
    }

    @Test func `stores, acknowledges and publishes what arrives, each once, in any order`() async throws {
        let test = try TestLedger()
        let stream = StreamID()
        do {
            var rig = try Rig(test, logger)
            let feed = try rig.subscriber("tollbook.v1.")
            try rig.turn { _ in try feed.receive() != nil }
            try rig.send(Charges.frame([[Charges.charge(3)], [Charges.charge(4)]], stream: stream, first: 3))
            try rig.waitForWatermark(stream, 0)
            try rig.send(
                Charges.frame(
                    [[Charges.charge(1)], [Charges.charge(2)], [Charges.charge(3)]], stream: stream, first: 1))
            try rig.waitForWatermark(stream, 4)
            var frames: [String] = []
            try rig.turn { _ in
                while let message = try feed.receive() {
                    let frame = String(decoding: message.copiedBytes(), as: UTF8.self)
                    if position(frame) == nil { frames.append(frame) }
                }
                return frames.count >= 4
            }
            #expect(frames.count == 4)
            for frame in frames { #expect(frame.hasPrefix("tollbook.v1.default.claude-code. {\"v\":1,")) }
            let published = frames.map { Array($0.utf8.drop { $0 != UInt8(ascii: "{") }) }
            #expect(try await test.ledger.changes(after: 0, limit: 10).changes == published)
        }
        #expect(try await test.totals().calls == 4)
        try test.reopen()
        var rig = try Rig(test, logger)
        try rig.send(Charges.frame([[Charges.charge(4)], [Charges.charge(5)]], stream: stream, first: 4))
        try rig.waitForWatermark(stream, 5)
        #expect(try await test.totals().calls == 5)
        #expect(try test.writer.counters()["duplicates"] == 2)
    }

    @Test func `moves on past what cannot be read`() async throws {
        let test = try TestLedger()
        var rig = try Rig(test, logger)
        let stream = StreamID()
        let events = [
            Array(#"{"charges":"none"}"#.utf8), ChargeTransaction(charges: [Charges.charge(1)]).json,
            Array(#"{"charges":[{"number":0}]}"#.utf8), Array(#"{"other":1}"#.utf8),
        ]
        try rig.send(Batch.encode(stream: stream.description, first: 1, low: 1, events: events))
        try rig.send(Array("no batch".utf8))
        try rig.waitForWatermark(stream, 4)
        try rig.turn { _ in try test.writer.counters()["dead_letters"] == 4 }
        #expect(try await test.totals().calls == 1)
    }

    @Test func `welcomes subscribers and beats every second with the last number`() throws {
        let test = try TestLedger()
        try test.commit([[Charges.charge(1), Charges.charge(2)]])
        var rig = try Rig(test, logger)
        let feed = try rig.subscriber("tollbook.v1.")
        var seen: [String] = []
        try rig.turn { _ in
            while let message = try feed.receive() {
                let heard = try #require(position(String(decoding: message.copiedBytes(), as: UTF8.self)))
                #expect(heard.epoch == test.writer.epoch)
                #expect(heard.sequence == 2)
                seen.append(heard.type)
            }
            return seen.count >= 3
        }
        #expect(seen.first == "welcome")
        #expect(Set(seen.dropFirst()) == ["heartbeat"])
    }

    @Test func `publishes CloudEvents to those who subscribe to them, beside the changes`() throws {
        let test = try TestLedger()
        var rig = try Rig(test, logger)
        let stream = StreamID()
        let feed = try rig.subscriber("tollbook.")
        try rig.turn { _ in try feed.receive() != nil }
        try rig.send(Charges.frame([[Charges.charge(1, computed: 5)]], stream: stream, first: 1))
        var frames: [String] = []
        try rig.turn { _ in
            while let message = try feed.receive() {
                let frame = String(decoding: message.copiedBytes(), as: UTF8.self)
                if position(frame) == nil { frames.append(frame) }
            }
            return frames.count >= 2
        }
        #expect(frames[0].hasPrefix("tollbook.v1.default.claude-code. {\"v\":1,"))
        #expect(
            frames[1].hasPrefix(
                #"tollbook.cloudevents.v1.default.claude-code. {"specversion":"1.0","id":"anthropic:req:req_1/1","#))
        #expect(frames[1].contains(#""type":"tollbook.usage.priced.v1""#) && frames[1].contains(#""sequence":"1""#))
    }

    @Test func `lets a late joiner heal over the changes of before`() async throws {
        let test = try TestLedger()
        var rig = try Rig(test, logger)
        let stream = StreamID()
        try rig.send(Charges.frame((1...50).map { [Charges.charge($0)] }, stream: stream, first: 1))
        try rig.waitForWatermark(stream, 50)
        let late = try rig.subscriber("tollbook.v1.")
        var frames: [String] = []
        try rig.turn { _ in
            while let message = try late.receive() {
                frames.append(String(decoding: message.copiedBytes(), as: UTF8.self))
            }
            return !frames.isEmpty
        }
        #expect(frames.first.flatMap(position)?.sequence == 50)
        try rig.send(
            Charges.frame([[Charges.charge(51)], [Charges.retraction(7, revision: 2)]], stream: stream, first: 51))
        try rig.turn { _ in
            while let message = try late.receive() {
                frames.append(String(decoding: message.copiedBytes(), as: UTF8.self))
            }
            return frames.contains { $0.contains(#""seq":52,"#) }
        }
        var latest: [CallKey: Charge] = [:]
        let replayed = try await test.ledger.changes(after: 0, limit: 50).changes
        let live = frames.filter { position($0) == nil }.map { Array($0.utf8.drop { $0 != UInt8(ascii: "{") }) }
        for text in replayed + live {
            var reader = JSONReader(text)
            let change = try Change(from: &reader)
            latest[change.charge.call.key] = change.operation == .retract ? nil : change.charge
        }
        #expect(latest.count == 50)
        #expect(try await test.totals().calls == 50)
    }

    @Test func `is not held up by a subscriber that reads nothing`() async throws {
        let test = try TestLedger()
        var rig = try Rig(test, logger)
        let sleeper = try rig.subscriber("tollbook.v1.")
        let stream = StreamID()
        var next: Int64 = 1
        while next <= 20_000 {
            let numbers = next..<next + 250
            try rig.send(Charges.frame(numbers.map { [Charges.charge($0)] }, stream: stream, first: next))
            next += 250
        }
        try rig.waitForWatermark(stream, 20_000)
        #expect(try await test.ledger.lastSequence() == 20_000)
        _ = consume sleeper
    }
}
