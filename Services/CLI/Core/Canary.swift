import Ledger
public import Metering
import Wire

/// A call that nobody made, sent through the pipeline to see that it comes out priced.
///
/// It has a harness of its own, whose calls are stored, priced and explained like all others and count in no total.
public struct Canary: Hashable, Sendable {
    /// What makes it one of its kind.
    public let name: String
    /// When it was made.
    public let time: Timestamp
    /// A model that has a price.
    public static let model = "claude-haiku-4-5"

    /// Makes a canary.
    public init(name: String, time: Timestamp) {
        self.name = name
        self.time = time
    }

    /// The key under which the ledger knows it.
    public var key: String { CallKey(space: "anthropic", kind: .response, value: response).rawValue }

    private var response: String { "canary-" + name }

    /// The body of a `/v1/logs` request: the event that OpenTelemetry's conventions have for an inference.
    public var telemetry: [UInt8] {
        func attribute(_ name: String, _ value: String) -> String {
            "{\"key\":\"\(name)\",\"value\":{\"stringValue\":\"\(value)\"}}"
        }
        let attributes = [
            attribute("event.name", "gen_ai.client.inference.operation.details"),
            attribute("gen_ai.operation.name", "chat"), attribute("gen_ai.provider.name", "anthropic"),
            attribute("gen_ai.request.model", Self.model), attribute("gen_ai.response.id", response),
            attribute("gen_ai.conversation.id", "canary"), attribute("gen_ai.usage.input_tokens", "1"),
            attribute("gen_ai.usage.output_tokens", "1"),
        ]
        let service = attribute("service.name", Harness.canary.rawValue)
        return Array(
            """
            {"resourceLogs":[{"resource":{"attributes":[\(service)]},"scopeLogs":[{"scope":{"name":"tollbook"},\
            "logRecords":[{"timeUnixNano":"\(time.nanoseconds)","attributes":[\(attributes.joined(separator: ","))]}]}]}]}
            """.utf8)
    }
}
