import Foundation
import Metering

@testable import Harnesses

/// Files under `Fixtures`, one folder per harness and case.
enum Fixture {
    static let root = Bundle.module.bundleURL.appending(path: "Fixtures")

    static func bytes(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: root.appending(path: path)))
    }

    /// Every file below a folder whose name ends so, in the order of their paths.
    static func paths(below folder: String, suffix: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
            .filter { $0.hasSuffix(suffix) }.sorted().map { folder + "/" + $0 }
    }

    static func lines(_ path: String) throws -> [[UInt8]] {
        try bytes(path).split(separator: UInt8(ascii: "\n")).map(Array.init)
    }
}

/// One input of a fixture folder: its name tells how it reaches ingest.
///
/// `request.json`, `request.pb`, and whatever lies in a folder `otlp`: an OTLP request, of the signal that its path names.
/// `requests.jsonl`: one request a line. `result.json`, `result.jsonl`: what a command printed. Everything else: a session file.
struct FixtureInput: CustomStringConvertible {
    let path: String

    var description: String { path }
    private var name: Substring { path.split(separator: "/").last ?? "" }

    /// The harness, by the outermost folder.
    var harness: Harness { Harness(rawValue: String(path.prefix { $0 != "/" })) }
    var isRequest: Bool { name.hasPrefix("request") || path.contains("/otlp/") }
    var isResult: Bool { name.hasPrefix("result.") }
    var isSessionFile: Bool { !isRequest && !isResult }
    /// Whether each line is a record of its own.
    var hasLines: Bool { name.hasSuffix(".jsonl") }

    private var signal: OTLPSignal {
        if path.contains("metrics") { return .metrics }
        return path.contains("traces") ? .traces : .logs
    }

    /// Reads the input, or another text in its place.
    func read(_ text: [UInt8]? = nil, by intake: Intake = .forTests) throws -> IntakeResult {
        let text = try text ?? Fixture.bytes(path)
        if isResult { return try intake.readResult(text, of: harness, receivedTime: Intake.noon) }
        if isSessionFile {
            return try intake.readTranscript(text, of: harness, file: path, receivedTime: Intake.noon)
        }
        guard name == "requests.jsonl" else {
            return try intake.read(text, signal, path.hasSuffix(".pb") ? .protobuf : .json)
        }
        var result = IntakeResult()
        for line in text.split(separator: UInt8(ascii: "\n")) {
            result.add(contentsOf: try intake.read(Array(line), signal))
        }
        return result
    }

    /// Every input below a folder, in the order of their paths; published cases of other systems are none.
    static func all(below folder: String = "") throws -> [FixtureInput] {
        let root = folder.isEmpty ? Fixture.root : Fixture.root.appending(path: folder)
        return try FileManager.default.subpathsOfDirectory(atPath: root.path)
            .filter { $0.hasSuffix(".json") || $0.hasSuffix(".jsonl") || $0.hasSuffix(".pb") }
            .filter { !$0.hasPrefix("vectors/") }.sorted()
            .map { FixtureInput(path: folder.isEmpty ? $0 : folder + "/" + $0) }
    }
}

extension HarnessCatalog {
    /// The catalog with one line more: the made-up harness of these tests.
    static let forTests = HarnessCatalog(HarnessCatalog.standard.readers + [Windmill()])
}

extension Intake {
    static let forTests = Intake(catalog: .forTests, identityPolicy: .keep)
    static let noon = Timestamp(nanoseconds: 1_795_262_400_000_000_000)

    func read(_ body: [UInt8], _ signal: OTLPSignal, _ encoding: OTLPEncoding = .json) throws -> IntakeResult {
        try read(body, signal: signal, encoding: encoding, receivedTime: Self.noon)
    }

    func read(_ body: String, _ signal: OTLPSignal) throws -> IntakeResult {
        try read(Array(body.utf8), signal)
    }
}

extension IntakeResult {
    var observations: [Observation] {
        events.compactMap { if case .observation(let observation) = $0 { observation } else { nil } }
    }

    var deadLetters: [DeadLetter] {
        events.compactMap { if case .deadLetter(let letter) = $0 { letter } else { nil } }
    }
}

extension Observation {
    var keys: [String] {
        if case .call(let keys, _, _) = content { keys.map(\.rawValue) } else { [] }
    }

    var tokens: TokenCounts? {
        if case .call(_, let tokens, _) = content { tokens } else { nil }
    }

    var cost: Amount? {
        if case .call(_, _, let cost) = content { cost } else { nil }
    }

    var point: AggregatePoint? {
        if case .aggregate(let point) = content { point } else { nil }
    }
}

/// OTLP JSON bodies written by hand; values are JSON text of an `AnyValue`.
enum OTLPBody {
    static func text(_ text: String) -> String { #"{"stringValue":"\#(text)"}"# }
    static func int(_ text: String) -> String { #"{"intValue":\#(text)}"# }
    static func double(_ text: String) -> String { #"{"doubleValue":\#(text)}"# }

    static func attributes(_ attributes: [(String, String)]) -> String {
        "[" + attributes.map { #"{"key":"\#($0.0)","value":\#($0.1)}"# }.joined(separator: ",") + "]"
    }

    static func resource(_ service: String?, _ more: [(String, String)] = []) -> String {
        let named = service.map { [("service.name", text($0))] } ?? []
        return #""resource":{"attributes":\#(attributes(named + more))}"#
    }

    static func log(
        service: String? = "claude-code", resource: [(String, String)] = [], scope: String = "events",
        event: String = "api_request", time: String = "1787234592345000000", _ values: [(String, String)]
    ) -> String {
        let list = attributes([("event.name", text(event))] + values)
        return """
            {"resourceLogs":[{\(Self.resource(service, resource)),"scopeLogs":[{"scope":{"name":"\(scope)"},\
            "logRecords":[{"timeUnixNano":"\(time)","attributes":\(list)}]}]}]}
            """
    }

    static func span(
        service: String? = "my-agent", name: String, resource: [(String, String)] = [], _ values: [(String, String)]
    ) -> String {
        """
        {"resourceSpans":[{\(Self.resource(service, resource)),"scopeSpans":[{"scope":{"name":"tracing"},"spans":[{\
        "traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba90201","name":"\(name)",\
        "endTimeUnixNano":"1787234592345000000","attributes":\(attributes(values))}]}]}]}
        """
    }

    static func metric(
        service: String? = "claude-code", name: String, kind: String = "sum", resource: [(String, String)] = [],
        temporality: Int = 1, _ points: [(value: String, attributes: [(String, String)])]
    ) -> String {
        let list = points.map { point in
            """
            {"startTimeUnixNano":"1787234583200000000","timeUnixNano":"1787234592345000000",\(point.value),\
            "attributes":\(attributes(point.attributes))}
            """
        }
        return """
            {"resourceMetrics":[{\(Self.resource(service, resource)),"scopeMetrics":[{"scope":{"name":"meter"},\
            "metrics":[{"name":"\(name)","\(kind)":{"dataPoints":[\(list.joined(separator: ","))],\
            "aggregationTemporality":\(temporality)}}]}]}]}
            """
    }
}
