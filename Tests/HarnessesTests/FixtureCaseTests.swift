import Foundation
import Harnesses
import Metering
import Testing

/// Every fixture folder with an `expected.txt`: what its inputs must give, line for line.
///
/// A new harness brings a folder `Fixtures/<harness>/<case>` with its inputs (`*.json`, `*.pb` for OTLP requests,
/// `requests.jsonl` for one request a line, other `*.jsonl` for session files) and is found by itself.
struct FixtureCaseTests {
    private static var cases: [String] {
        get throws {
            try FileManager.default.subpathsOfDirectory(atPath: Fixture.root.path)
                .filter { $0.hasSuffix("/expected.txt") }.map { String($0.dropLast("/expected.txt".count)) }.sorted()
        }
    }

    private func events(of path: String) throws -> [IngestEvent] {
        let intake = Intake.forTests
        if path.hasSuffix("/requests.jsonl") {
            return try Fixture.lines(path).flatMap { try intake.read($0, signal(of: path)).events }
        }
        if path.hasSuffix(".jsonl") {
            let harness = Harness(rawValue: String(path.prefix { $0 != "/" }))
            return try intake.readTranscript(
                try Fixture.bytes(path), of: harness, file: path, receivedTime: Intake.noon
            ).events
        }
        return try intake.read(
            try Fixture.bytes(path), signal(of: path), path.hasSuffix(".pb") ? .protobuf : .json
        ).events
    }

    private func signal(of path: String) -> OTLPSignal {
        if path.contains("metrics") { return .metrics }
        return path.contains("traces") ? .traces : .logs
    }

    @Test func `every case gives what it is expected to give`() throws {
        let cases = try Self.cases
        #expect(cases.count >= 12)
        for folder in cases {
            let expected = try String(decoding: Fixture.bytes(folder + "/expected.txt"), as: UTF8.self)
            let inputs = try Fixture.paths(below: folder, suffix: "").filter {
                $0.hasSuffix(".json") || $0.hasSuffix(".jsonl") || $0.hasSuffix(".pb")
            }
            #expect(!inputs.isEmpty)
            for encoding in [[".json", ".jsonl"], [".pb"]] {
                let inputs = inputs.filter { input in encoding.contains { input.hasSuffix($0) } }
                guard !inputs.isEmpty else { continue }
                let text = try inputs.flatMap(events(of:)).map(ObservationText.line).joined(separator: "\n") + "\n"
                #expect(text == expected, "\(folder), from \(inputs)")
            }
        }
    }

    @Test func `every folder of inputs has an expectation or a test of its own`() throws {
        let folders = Set(
            try FileManager.default.subpathsOfDirectory(atPath: Fixture.root.path).map { $0.split(separator: "/") }
                .filter { $0.count > 2 }.map { $0[0] + "/" + $0[1] })
        let described = Set(try Self.cases.map { Substring($0) })
        #expect(folders.subtracting(described) == ["claude-code/capture"])
    }

    /// The sources of the core, as they lie beside the tests.
    private var core: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Services/Ingest/Core")
            .standardizedFileURL
    }

    @Test func `no file but a harness's own names it, save for its line in the catalog`() throws {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: core.path).filter { $0.hasSuffix(".swift") }
        #expect(paths.count > 20)
        var mentions: [String] = []
        for path in paths where !path.hasPrefix("Claude") {
            let text = try String(contentsOf: core.appending(path: path), encoding: .utf8)
            for line in text.split(separator: "\n") where line.lowercased().contains("claude") {
                mentions.append("\(path): \(line.trimmingCharacters(in: .whitespaces))")
            }
        }
        #expect(mentions == ["HarnessCatalog.swift: ClaudeCode()"])
    }
}
