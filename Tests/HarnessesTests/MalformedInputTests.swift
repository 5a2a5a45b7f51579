import Foundation
import Metering
import Testing
import Wire

@testable import Harnesses

/// What is broken is counted with a reason, and what is not is read: for every session file and every output of every
/// harness.
struct MalformedInputTests {
    private static let newline = UInt8(ascii: "\n")

    private static func inputs(_ isWanted: (FixtureInput) -> Bool) throws -> [FixtureInput] {
        try FixtureInput.all().filter { !$0.isRequest && isWanted($0) && !$0.path.contains("/capture/") }
    }

    /// Lines that no reader can use.
    private static let brokenLines: [(name: String, line: [UInt8])] = [
        ("no JSON", Array("not json".utf8)), ("half of a line", Array(#"{"type":"assistant","message":{"usa"#.utf8)),
        ("bytes that are no text", Array(#"{"type":""#.utf8) + [0xFF, 0xFE, 0xC0] + Array(#"","id":"x"}"#.utf8)),
        (
            "nesting without end",
            Array((String(repeating: #"{"a":["#, count: 5000) + String(repeating: "]}", count: 5000)).utf8)
        ),
    ]

    @Test func `a broken line is a dead letter, and the lines around it are read`() throws {
        for input in try Self.inputs({ $0.isSessionFile && $0.hasLines }) {
            let lines = try Fixture.lines(input.path)
            let expected = try input.read()
            for (name, broken) in Self.brokenLines {
                for place in [0, lines.count / 2, lines.count] {
                    var text = lines
                    text.insert(broken, at: place)
                    let result = try input.read(Array(text.joined(separator: [Self.newline])))
                    #expect(
                        result.observations.map(\.id) == expected.observations.map(\.id),
                        "\(input): \(name) at \(place)")
                    // Content that is no text is passed over like all content; only what is read has to be some.
                    if name == "bytes that are no text", result.rejectedCount == expected.rejectedCount { continue }
                    #expect(result.rejectedCount == expected.rejectedCount + 1, "\(input): \(name) at \(place)")
                    let reasons: [RejectionReason] = [.malformedLine, .invalidUTF8, .nestedTooDeeply]
                    #expect(reasons.contains { (result.rejected[$0] ?? 0) > 0 }, "\(input): \(name)")
                }
            }
        }
    }

    @Test func `lines of unknown types and shapes are passed over`() throws {
        let strangers = [
            #"{"type":"from_the_future","usage":{"input_tokens":1},"data":[1,2,{"x":null}]}"#, "[]", "[1,2]", "7",
            "null",
            #""text""#, "{}", #"{"type":7,"message":"x","part":[],"properties":null,"tokens":3}"#,
        ]
        for input in try Self.inputs({ $0.isSessionFile && $0.hasLines }) {
            let lines = try Fixture.lines(input.path)
            let expected = try input.read()
            for stranger in strangers {
                let text = lines + [Array(stranger.utf8)]
                let result = try input.read(Array(text.joined(separator: [Self.newline])))
                #expect(result.observations.map(\.id) == expected.observations.map(\.id), "\(input): \(stranger)")
            }
        }
    }

    @Test func `a document that is cut off is a dead letter, and once it is whole it is read`() throws {
        for input in try Self.inputs({ $0.isSessionFile && !$0.hasLines }) {
            let document = try Fixture.bytes(input.path)
            let expected = try input.read().observations.map(\.id)
            var reading = try #require(
                Intake.forTests.beginTranscript(of: input.harness, file: SessionFile(path: input.path)))
            for count in [0, 1, document.count / 2, document.count - 3] {
                let result = reading.read(Array(document.prefix(count)), receivedTime: Intake.noon)
                #expect(result.observations.isEmpty && result.rejected == [.malformedDocument: 1], "\(input) \(count)")
            }
            #expect(reading.read(document, receivedTime: Intake.noon).observations.map(\.id) == expected, "\(input)")
            for (name, broken) in Self.brokenLines {
                let result = reading.read(broken, receivedTime: Intake.noon)
                #expect(result.observations.isEmpty, "\(input): \(name)")
                if name == "bytes that are no text", result.rejected.isEmpty { continue }
                #expect(result.rejected == [.malformedDocument: 1], "\(input): \(name)")
            }
        }
    }

    @Test func `noise around what a command prints changes nothing`() throws {
        for input in try Self.inputs({ $0.isResult }) {
            let output = try Fixture.bytes(input.path)
            let expected = try input.read().observations.map(\.id)
            let noise = Array("warning: {not json\n\u{1B}[2K[spinner]\n".utf8)
            #expect(try input.read(noise + output + noise).observations.map(\.id) == expected, "\(input)")
        }
    }

    @Test func `counts that are none are dead letters with the member at fault`() throws {
        let numbers = ["-5", "1.5", "\"many\"", "true", "[1]", "1e300"]
        var rejected: Set<Harness> = []
        for input in try Self.inputs({ !$0.path.contains("capture") }) {
            let text = String(decoding: try Fixture.bytes(input.path), as: UTF8.self)
            let count = try Regex(
                #"("(?:[a-zA-Z_]*(?:[iI]nput|[oO]utput|prompt|tokensIn|grain)[a-zA-Z_]*)": ?)[1-9][0-9]*"#)
            for number in numbers {
                let changed = text.replacing(count) { "\($0.output[1].substring ?? "")\(number)" }
                guard changed != text else { continue }
                let result = try input.read(Array(changed.utf8))
                for letter in result.deadLetters {
                    #expect(
                        RejectionReason(rawValue: letter.reason) != nil && letter.field != nil, "\(input) \(number)")
                    #expect(letter.harness == input.harness)
                }
                if result.rejectedCount > 0 { rejected.insert(input.harness) }
            }
        }
        let all = Set(HarnessCatalog.forTests.readers.filter { $0.sessionFiles != nil }.compactMap(\.harness))
        // The cost of a session is all that is read of one harness.
        #expect(all.subtracting(rejected).map(\.rawValue) == ["crush"])
    }

    @Test(.timeLimit(.minutes(30)))
    func `whatever becomes of an input, reading it ends and what is sent on can be read`() throws {
        var random = SeededNumbers(state: 20_261_128)
        for input in try Self.inputs({ _ in true }) {
            let original = try Fixture.bytes(input.path)
            for _ in 0..<60 {
                var text = original
                for _ in 0..<Int.random(in: 1..<12, using: &random) where !text.isEmpty {
                    let place = Int.random(in: 0..<text.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: text[place] = UInt8.random(in: 0...255, using: &random)
                    case 1: text.remove(at: place)
                    case 2: text.insert(contentsOf: [0x22, 0x7B, 0x5B, 0xFF].shuffled(using: &random), at: place)
                    default: text.removeSubrange(place..<min(text.count, place + 40))
                    }
                }
                for event in try input.read(text).events {
                    var json = JSONReader(event.json)
                    #expect(try IngestEvent(from: &json) == event, "\(input)")
                }
            }
        }
    }
}

/// A small generator with a seed, so that a failure comes again.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
