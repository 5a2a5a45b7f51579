import Metering

extension ClaudeCode {
    var command: AgentCommand? { AgentCommand("claude", sessionOptions: ["--resume", "-r"]) }
    var setup: AgentTelemetry? { Self.telemetry }

    private static let telemetry = AgentTelemetry(
        files: [
            .init(
                variable: "CLAUDE_CONFIG_DIR", folder: ".claude", name: "settings.json", format: .json,
                environment: "env")
        ],
        common: [
            .init("CLAUDE_CODE_ENABLE_TELEMETRY", wanted: .oneOf(["1", "true"])),
            .init("OTEL_EXPORTER_OTLP_PROTOCOL", wanted: .oneOf(["http/json", "http/protobuf"])),
            .init("OTEL_EXPORTER_OTLP_ENDPOINT", wanted: .endpoint(path: "")),
        ],
        channels: [
            (.log, [.init("OTEL_LOGS_EXPORTER", wanted: .list(has: "otlp"))]),
            (.metric, [.init("OTEL_METRICS_EXPORTER", wanted: .list(has: "otlp"))]),
        ],
        template: [
            "export CLAUDE_CODE_ENABLE_TELEMETRY=1",
            "export OTEL_LOGS_EXPORTER=otlp",
            "export OTEL_METRICS_EXPORTER=otlp",
            "export OTEL_EXPORTER_OTLP_PROTOCOL=http/json",
            "export OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}",
        ],
        place: "where you start claude, or without `export` in the env block of ~/.claude/settings.json")
}
