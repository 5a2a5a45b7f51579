import Metering

extension Codex {
    var command: AgentCommand? { AgentCommand("codex", sessionWords: ["resume", "fork"]) }
    var setup: AgentTelemetry? { Self.telemetry }

    private static let telemetry = AgentTelemetry(
        files: [
            .init(variable: "CODEX_HOME", folder: ".codex", name: "config.toml", format: .toml, environment: nil)
        ],
        common: [],
        channels: [
            (.log, [.init("otel.exporter.otlp-http.endpoint", wanted: .endpoint(path: "/v1/logs"))]),
            (.metric, [.init("otel.metrics_exporter.otlp-http.endpoint", wanted: .endpoint(path: "/v1/metrics"))]),
        ],
        template: [
            "[otel]",
            "log_user_prompt = false",
            "exporter = { otlp-http = { endpoint = \"{endpoint}/v1/logs\", protocol = \"json\" } }",
            "metrics_exporter = { otlp-http = { endpoint = \"{endpoint}/v1/metrics\", protocol = \"json\" } }",
        ],
        place: "in ~/.codex/config.toml")
}
