import Metering

extension GeminiCLI {
    var command: AgentCommand? { AgentCommand("gemini", sessionOptions: ["--resume", "-r"]) }
    var setup: AgentTelemetry? { Self.telemetry }

    private static let telemetry = AgentTelemetry(
        files: [
            .init(
                variable: nil, folder: ".gemini", name: "settings.json", format: .json, environment: nil)
        ],
        common: [
            .init("GEMINI_TELEMETRY_ENABLED", "telemetry.enabled", wanted: .oneOf(["true", "1"])),
            .init("GEMINI_TELEMETRY_TARGET", "telemetry.target", wanted: .oneOf(["local"]), isDefault: true),
            .init("GEMINI_TELEMETRY_OTLP_PROTOCOL", "telemetry.otlpProtocol", wanted: .oneOf(["http"])),
            .init("GEMINI_TELEMETRY_OTLP_ENDPOINT", "telemetry.otlpEndpoint", wanted: .endpoint(path: "")),
        ],
        channels: [(.log, []), (.metric, [])],
        template: [
            "export GEMINI_TELEMETRY_ENABLED=true",
            "export GEMINI_TELEMETRY_TARGET=local",
            "export GEMINI_TELEMETRY_OTLP_PROTOCOL=http",
            "export GEMINI_TELEMETRY_OTLP_ENDPOINT={endpoint}",
            "export GEMINI_TELEMETRY_LOG_PROMPTS=false",
        ],
        place: "where you start gemini, or as members of \"telemetry\" in ~/.gemini/settings.json")
}
