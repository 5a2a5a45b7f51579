extension OpenCode {
    // Its database tells all that its telemetry could, without a setting.
    var command: AgentCommand? { AgentCommand("opencode", sessionOptions: ["--session", "-s"]) }
}
