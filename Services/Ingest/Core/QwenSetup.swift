extension QwenCode {
    var command: AgentCommand? { AgentCommand("qwen", sessionOptions: ["--resume", "-r"]) }
}
