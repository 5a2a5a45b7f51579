import Foundation
import Harnesses
import Metering

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

extension Intake {
    static let forTests = Intake(identityPolicy: .keep)
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
