import FileReading
import Harnesses
import Metering
import Testing

@testable import IngestService

/// One file that is changed before every single question that whoever follows it asks of the system: nothing that stands in
/// it in the end may be missing.
struct FileInterleavingTests {
    private typealias Record = SessionFilesUnderTest.Record

    /// Ways to write a file: what it holds first and then, one after another; a half record as a minus.
    ///
    /// Records from 100 on are long, those from 200 on as long as each other.
    static let scenarios: [(name: String, contents: [String])] = [
        ("grows", ["1 2", "1 2 3"]),
        ("grows by a half", ["1 2", "1 2 -3", "1 2 3 4"]),
        ("is cut off and goes on", ["1 2 3", "1", "1 4 5 6"]),
        ("is cut off behind a long line and goes on", ["101 2 3", "101", "101 4 5 6"]),
        ("loses a half and goes on", ["1 2 -3", "1 2", "1 2 4 5 6"]),
        ("loses a half behind a long line and goes on", ["101 -3", "101", "101 104 5"]),
        ("is written anew", ["101 2 3", "", "101 5 2 3"]),
        ("is written anew at once", ["1 102 3", "3 1 102 4"]),
        ("changes and keeps its size", ["1 201", "1", "1 202"]),
        ("changes in the middle and keeps its size", ["101 201 102", "101 202 102"]),
        ("changes in the middle, keeps its ends and grows", ["101 201 102", "101 202 102 3"]),
        ("becomes another file", ["1 2", "", "5", "5 6"]),
    ]

    /// Whether it is read with a memory of its whole beginning or, like a long file, of the first line only.
    @Test(arguments: scenarios, [64 << 10, 1 << 10])
    func `a file that changes before any question is read whole in the end`(
        scenario: (name: String, contents: [String]), headLength: Int
    ) throws {
        let contents = scenario.contents
        // What neither its beginning nor its end tells.
        if headLength < 64 << 10, scenario.name.contains("in the middle") { return }
        let texts = contents.map(Self.text)
        let last = try #require(contents.last).split(separator: " ").compactMap { Int($0) }
        let changes = texts.count - 1
        var runs = 0
        for first in 0... {
            var isOver = true
            for gap in changes > 1 ? [0, 1, 2, 3, 5, 8] : [0] {
                let file = ChangingFile(texts, changingBefore: (0..<changes).map { first + $0 * gap })
                let read = try Self.follow(file, headLength, isOver: &isOver)
                let missing = last.filter { read[$0] == nil }
                #expect(missing.isEmpty, "changed before question \(first), then after \(gap) each")
                #expect(read.allSatisfy { Self.record($0).input == $1 }, "no figure is made up")
                runs += 1
            }
            if isOver { break }
        }
        #expect(runs > 10)
    }

    /// Follows a file until it is written and nothing more is to be read.
    ///
    /// - Parameter isOver: made false when a change came upon a question.
    /// - Returns: the input tokens by the numbers of records.
    private static func follow(_ file: ChangingFile, _ headLength: Int, isOver: inout Bool) throws -> [Int: Int64] {
        let folder = try #require(SessionFolder(harness: Harness(rawValue: "claude-code"), path: "/projects"))
        let intake = Intake(identityPolicy: .drop)
        var followed = FollowedFile(
            folder: 0, path: "-p/s.jsonl", form: .lines, cursor: FileCursor(headLength: headLength))
        var read: [Int: Int64] = [:]
        var now = Timestamp(nanoseconds: 0)
        /// Reads what there is, as often as a change, or the time, makes a look necessary.
        func turn() throws {
            for _ in 0..<1000 {
                if followed.reading == nil { followed.reading = folder.begin(followed.path, intake: intake) }
                let step = try followed.readLines(in: file, at: now)
                switch step {
                case .read(let result, _), .ended(let result, _): note(result, &read)
                case .unsure, .repeated, .startedOver: break
                }
                if step.isEnd { return }
            }
            Issue.record("there is no end of reading")
        }
        repeat {
            try turn()
            if file.isDone { isOver = false } else { file.finishWriting() }
            let status = try file.status()
            if followed.cursor.look(at: (status.size, status.modified)) != .unchanged { try turn() }
            if let due = followed.due {
                now = due
                followed.due = nil
                try turn()
            }
        } while !file.isDone
        return read
    }

    private static func note(_ result: IntakeResult, _ read: inout [Int: Int64]) {
        for case .observation(let observation) in result.events {
            guard case .call(let keys, let tokens, _) = observation.content, let key = keys.first else { continue }
            guard let number = Int(key.rawValue.drop { $0 != "_" }.dropFirst()) else { continue }
            read[number] = tokens.uncachedInput
        }
    }

    private static func record(_ number: Int) -> Record {
        let filler = number < 100 ? number % 7 : number < 200 ? 1_100 + number % 7 : 40
        return Record(number: number, input: Int64(1_000 + number), output: 5, filler: filler)
    }

    private static func text(_ records: String) -> [UInt8] {
        records.split(separator: " ").flatMap { name -> [UInt8] in
            let line = record(abs(Int(name) ?? 0)).line
            return Array((name.hasPrefix("-") ? String(line.prefix(line.count / 2)) : line + "\n").utf8)
        }
    }
}
