// swift-format-ignore-file: NeverForceUnwrap
// A fixture that is wrong has to stop the test that uses it.

import Foundation
import Metering
import Pipeline
import Support
import Wire

@testable import DedupeService

/// Folders for one test, removed with it; a property of its suite, so that it lives as long as the test.
final class TestFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/dedupe-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A folder inside.
    func subfolder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
        return path + "/" + name
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Everything the store wrote, as bytes.
    func contents() throws -> [UInt8] {
        try FileManager.default.contentsOfDirectory(atPath: path).flatMap { name in
            Array(try Data(contentsOf: URL(filePath: path + "/" + name)))
        }
    }
}

/// A sender of observations: numbers events and puts them into frames.
struct Producer {
    let stream = StreamID()
    private(set) var next: SequenceNumber = 1

    /// A frame with the next events.
    mutating func frame(_ events: [[UInt8]], low: SequenceNumber = 1) -> [UInt8] {
        defer { next += Int64(events.count) }
        return Batch.encode(stream: stream.description, first: next, low: low, events: events)
    }

    mutating func frame(_ observations: [Observation]) -> [UInt8] {
        frame(observations.map { IngestEvent.observation($0).json })
    }

    /// Leaves numbers out, as a sender does whose disk was restored.
    mutating func skip(_ count: Int64) {
        next += count
    }
}

extension DedupeStore {
    /// Commits frames as one turn of the stage does.
    func apply(_ frames: [[UInt8]], settling scopes: [Scope] = []) throws {
        var arrivals = Arrivals()
        for frame in frames { arrivals.append(frame) }
        try commit { commit in
            for arrival in arrivals.batches { try commit.apply(arrival, at: Timestamp(seconds: 0)) }
            for frame in arrivals.rejected { try commit.refuse(frame, at: Timestamp(seconds: 0)) }
            for scope in scopes { try commit.settle(scope) }
        }
    }

    /// Every event that was ever handed on and is still held.
    func handedOn() throws -> [[UInt8]] {
        var events: [[UInt8]] = []
        var sequence = outbox.low
        while sequence < outbox.next {
            let read = try outbox.read(
                from: sequence, maximumEvents: Batch.maximumEvents, maximumBytes: Batch.maximumBytes)
            guard !read.isEmpty else { break }
            events += read.map { Array($0) }
            sequence += Int64(read.count)
        }
        return events
    }

    /// What stands for someone who keeps the highest revision of each call.
    func standing() throws -> [Int64: Call] {
        var calls: [Int64: Call] = [:]
        for event in try handedOn() {
            var reader = JSONReader(event)
            for call in try CallTransaction(from: &reader).calls where call.revision > calls[call.number]?.revision ?? 0
            {
                calls[call.number] = call
            }
        }
        return calls.filter { !$0.value.isRetracted }
    }
}

/// Telemetry of a few sessions over three channels: logs, transcripts with copies, and counters.
struct Telemetry {
    private(set) var observations: [Observation] = []
    /// Output tokens, each call once.
    private(set) var output: Int64 = 0

    init(calls: Int, seed: UInt64) {
        var random = Dice(seed: seed)
        for index in 0..<calls {
            let session = "s\(index % 5)"
            let tokens = Int64(1 + random.roll(1000))
            output += tokens
            let keys = ["req:r\(index)", "creq:c\(index)"]
            if !random.once(in: 4) {
                add(index, .log, session, keys, tokens)
            } else {
                add(index, .span, session, keys, tokens)
            }
            if random.once(in: 2) {
                add(index, .transcript, session, ["msg:m\(index)", "req:r\(index)"], tokens)
                if random.once(in: 2) { add(index, .transcript, "s\(random.roll(5))", ["msg:m\(index)"], tokens) }
            }
            if random.once(in: 3) { addPoint(index, session, Int64(random.roll(500))) }
        }
        observations.shuffle(using: &random)
    }

    static func report(_ id: UInt64, session: String? = "s1", keys: [String], output: Int64) -> Observation {
        Observation(
            id: ContentID(high: 7, low: id), harness: Harness(rawValue: "claude-code"), session: session, channel: .log,
            source: "p", eventTime: Timestamp(seconds: 1_780_000_000 + Int64(id)), receivedTime: Timestamp(seconds: 0),
            content: .call(
                keys: keys.map { CallKey(rawValue: "anthropic:" + $0) }, tokens: TokenCounts(output: output), cost: nil)
        )
    }

    static func point(_ id: UInt64, session: String = "s1", value: Int64) -> Observation {
        let end = Timestamp(seconds: 1_780_000_000 + 60 * Int64(id))
        return Observation(
            id: ContentID(high: 8, low: id), harness: Harness(rawValue: "claude-code"), session: session,
            channel: .metric, source: "p", eventTime: end, receivedTime: Timestamp(seconds: 0),
            content: .aggregate(
                AggregatePoint(
                    series: ContentID(high: 1, low: 1), group: ContentID(high: 1, low: 0),
                    measure: .tokens(.output, within: nil), start: Timestamp(seconds: end.seconds - 60), end: end,
                    temporality: .delta, value: value)))
    }

    private mutating func add(_ index: Int, _ channel: Channel, _ session: String, _ keys: [String], _ output: Int64) {
        var report = Self.report(UInt64(observations.count), session: session, keys: keys, output: output)
        report.channel = channel
        report.authority = channel.defaultAuthority
        observations.append(report)
    }

    private mutating func addPoint(_ index: Int, _ session: String, _ value: Int64) {
        observations.append(Self.point(UInt64(observations.count), session: session, value: value))
    }
}

extension Array {
    /// The array in pieces of a size.
    func pieces(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
