import Metering

extension Copilot {
    var command: AgentCommand? { AgentCommand("copilot", sessionOptions: ["--resume"]) }
    var setup: AgentTelemetry? { Self.telemetry }

    private static let telemetry = AgentTelemetry(
        files: [],
        common: [
            .init("COPILOT_OTEL_ENABLED", wanted: .oneOf(["true", "1"]), isDefault: true),
            .init("COPILOT_OTEL_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT", wanted: .endpoint(path: "")),
        ],
        channels: [(.span, [])],
        template: ["export COPILOT_OTEL_ENABLED=true", "export OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}"],
        place: "where you start copilot")
}
