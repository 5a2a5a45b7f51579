import Foundation
import Harnesses
import Metering
import Testing

/// One recorded sample: a file, how it reached us, and which calls of its harness it tells of.
struct Sample: Hashable, Sendable {
    /// How a sample is read.
    enum Form: String, Hashable, Sendable {
        case logs, metrics, traces, transcript, result, response
    }

    /// The part of `expected.json` it belongs to.
    let family: String
    let harness: String
    let form: Form
    let files: [String]
    /// Who answered, for a response.
    var provider = ""
    /// Which of the family's calls it names, counted from 0; `nil` for one that only sums all of them.
    let calls: Set<Int>?
    /// The session that a gateway knows a response is of.
    var session: String?
    /// The request that a gateway knows a response answers, where the file does not say it.
    var request: String?

    /// The observations of the sample, each file read by itself.
    func observations() throws -> [Observation] {
        let intake = Intake(catalog: .standard, identityPolicy: .drop)
        // Shortly after the calls: what says no time is taken to have just happened.
        let received = Timestamp(seconds: 1_790_694_000)
        var events: [IngestEvent] = []
        for file in files {
            let body = try Samples.body(file)
            let result: IntakeResult
            switch form {
            case .logs: result = try intake.read(body, signal: .logs, encoding: .json, receivedTime: received)
            case .metrics:
                events += try body.split(separator: UInt8(ascii: "\n")).isLineDelimited(file).flatMap { line in
                    try intake.read(Array(line), signal: .metrics, encoding: .json, receivedTime: received).events
                }
                continue
            case .traces: result = try intake.read(body, signal: .traces, encoding: .json, receivedTime: received)
            case .transcript:
                result = try intake.readTranscript(
                    body, of: Harness(rawValue: harness), file: file, receivedTime: received)
            case .response:
                let answer = try Samples.answer(file)
                let facts = [
                    "harness": harness, "session": session ?? "", "request_id": request ?? answer.request ?? "",
                    // A gateway passes an answer on when it has it, not minutes later.
                    "time": "2026-09-29T14:15:25Z",
                ]
                result = try intake.readResponses(
                    answer.text, of: provider, framing: answer.framing, facts: ResponseFacts { facts[$0] },
                    receivedTime: received)
            case .result: result = try intake.readResult(body, of: Harness(rawValue: harness), receivedTime: received)
            }
            events += result.events
        }
        return try events.map { event in
            guard case .observation(let observation) = event else {
                throw SampleFault("\(files) holds something that is refused: \(event)")
            }
            return observation
        }
    }
}

extension Array where Element == ArraySlice<UInt8> {
    /// The lines of a file that has a request on each; the file as one for others.
    fileprivate func isLineDelimited(_ file: String) throws -> [ArraySlice<UInt8>] {
        file.hasSuffix(".jsonl") ? self : [ArraySlice(try Samples.body(file))]
    }
}

struct SampleFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What stands in the samples' folder.
enum Samples {
    static func body(_ file: String) throws -> [UInt8] {
        guard let folder = Bundle.module.resourceURL else { throw SampleFault("the fixtures are missing") }
        return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/samples/" + file)))
    }

    /// An answer as a gateway passes it on; the samples keep it with its headers, or its events one on a line.
    static func answer(_ file: String) throws -> (text: [UInt8], framing: ResponseFraming, request: String?) {
        let body = try body(file)
        if file.hasSuffix(".jsonl") {
            let events = try body.split(separator: UInt8(ascii: "\n")).map { line in
                let event = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
                return "data: " + String(decoding: try json(event?["data"] ?? [:]), as: UTF8.self) + "\n\n"
            }
            return (Array(events.joined().utf8), .eventStream, nil)
        }
        guard let whole = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let inner = whole["body"]
        else { return (body, .json, nil) }
        return (try json(inner), .json, (whole["headers"] as? [String: String])?["request-id"])
    }

    private static func json(_ value: Any) throws -> [UInt8] {
        Array(try JSONSerialization.data(withJSONObject: value))
    }

    /// The calls of a part of `expected.json`.
    static func calls(_ family: String) throws -> [Expectation] {
        let root = try JSONDecoder().decode([String: Part].self, from: Data(try body("expected.json")))
        guard let part = root[family], let calls = part.calls ?? part.steps else {
            throw SampleFault("nothing is expected of \(family)")
        }
        return calls
    }

    private struct Part: Decodable {
        let calls: [Expectation]?
        let steps: [Expectation]?

        init(from decoder: any Decoder) throws {
            // The first member is a text about the file.
            guard let members = try? decoder.container(keyedBy: CodingKeys.self) else {
                (calls, steps) = (nil, nil)
                return
            }
            calls = try members.decodeIfPresent([Expectation].self, forKey: .calls)
            steps = try members.decodeIfPresent([Expectation].self, forKey: .steps)
        }

        enum CodingKeys: String, CodingKey {
            case calls, steps
        }
    }

    /// One expected call, cache writes of every lifetime together.
    struct Expectation: Decodable, Hashable {
        let uncachedInput: Int64
        let cacheRead: Int64?
        let output: Int64
        private let write5m: Int64?
        private let write1h: Int64?
        private let writeUnknown: Int64?

        enum CodingKeys: String, CodingKey {
            case uncachedInput = "input_uncached"
            case cacheRead = "cache_read"
            case output
            case write5m = "cache_write_5m"
            case write1h = "cache_write_1h"
            case writeUnknown = "cache_write_unknown"
        }

        var figures: SampleFigures {
            SampleFigures(
                input: uncachedInput, read: cacheRead ?? 0,
                write: (write5m ?? 0) + (write1h ?? 0) + (writeUnknown ?? 0), output: output)
        }
    }
}

/// What is compared: tokens that are billed, cache writes of every lifetime together.
struct SampleFigures: Hashable {
    var input: Int64 = 0
    var read: Int64 = 0
    var write: Int64 = 0
    var output: Int64 = 0

    static func += (left: inout SampleFigures, right: SampleFigures) {
        left.input += right.input
        left.read += right.read
        left.write += right.write
        left.output += right.output
    }

    init(input: Int64 = 0, read: Int64 = 0, write: Int64 = 0, output: Int64 = 0) {
        self.input = input
        self.read = read
        self.write = write
        self.output = output
    }

    init(_ tokens: TokenCounts) {
        self.init(
            input: tokens.uncachedInput ?? 0, read: tokens.cacheRead ?? 0, write: tokens.allCacheWrites ?? 0,
            output: tokens.output ?? 0)
    }
}
