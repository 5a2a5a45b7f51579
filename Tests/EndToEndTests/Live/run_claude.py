#!/usr/bin/env python3
"""Runs the real Claude Code through a few scenes against the scripted provider, its telemetry pointed at Tollbook.

    run_claude.py --claude PROGRAM --otlp URL --protocol http/json|http/protobuf --out FOLDER [--scenes SCENE ...]

FOLDER gets transcripts/ (what the agent wrote) and what agent_runs.py says.
"""

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

import agent_runs
from messages import SCENES, Messages


def main() -> int:
    parser = agent_runs.options_parser("claude")
    parser.add_argument("--scenes", nargs="*", default=list(SCENES))
    options = parser.parse_args()
    with agent_runs.session(options, Messages, ClaudeCode) as agent:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda scene: agent.run(f"SCENE:{scene}", interrupt=scene == "slow"), options.scenes))
        if options.scenes == list(SCENES):
            first = json.loads(agent.printed["SCENE:answer"])["session_id"]
            agent.run("SCENE:answer again", "--resume", first, parent=first)
            agent.run("SCENE:tools forked", "--resume", first, "--fork-session", parent=first)
            agent.run("SCENE:answer once more", "--resume", first, parent=first)
            agent.run("SCENE:answer other", "--model", "claude-opus-4-6")
            agent.run("SCENE:delegate streamed", format="stream-json")
        shutil.copytree(agent.home / ".claude/projects", agent.out / "transcripts/projects")
    return 0


class ClaudeCode(agent_runs.Agent):
    def __init__(self, options, work: str, out, provider: Messages):
        super().__init__(work, out, provider)
        self.program, self.printed = options.claude, {}
        self.environment |= {
            "IS_SANDBOX": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "ANTHROPIC_BASE_URL": provider.url,
            "ANTHROPIC_API_KEY": "not-a-key",
            "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
            "OTEL_LOGS_EXPORTER": "otlp",
            "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_TRACES_EXPORTER": "otlp",
            "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA": "1",
            "OTEL_LOG_RAW_API_BODIES": "1",
            "OTEL_EXPORTER_OTLP_PROTOCOL": options.protocol,
            "OTEL_EXPORTER_OTLP_ENDPOINT": options.otlp,
            "OTEL_METRIC_EXPORT_INTERVAL": "1000",
            "OTEL_LOGS_EXPORT_INTERVAL": "500",
            "OTEL_TRACES_EXPORT_INTERVAL": "500",
            # At its end it waits for its last telemetry to be taken, by itself for two seconds alone.
            "CLAUDE_CODE_OTEL_FLUSH_TIMEOUT_MS": "60000",
            "CLAUDE_CODE_OTEL_SHUTDOWN_TIMEOUT_MS": "60000",
        }

    def run(self, prompt: str, *arguments: str, parent="", format="json", interrupt=False) -> None:
        command = [self.program, "-p", prompt, "--output-format", format, "--allowedTools", "Bash,Agent,Task"]
        if format != "json":
            command.append("--verbose")
        self.printed[prompt] = self.run_command([*command, *arguments], prompt, parent, interrupt)


if __name__ == "__main__":
    sys.exit(main())
