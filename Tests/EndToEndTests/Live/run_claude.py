#!/usr/bin/env python3
"""Runs the real Claude Code through a few scenes against the scripted provider, its telemetry pointed at Tollbook.

    run_claude.py --claude PROGRAM --otlp URL --protocol http/json|http/protobuf --out FOLDER

FOLDER gets truth.jsonl (what the provider served) and transcripts/ (what the agent wrote). Nothing but loopback is used.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from provider import SCENES, Provider


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("claude", "otlp", "protocol", "out"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    provider = Provider(str(out / "truth.jsonl"))
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as work:
        agent = Agent(options, provider.url, work)
        for scene in SCENES:
            agent.run(f"SCENE:{scene}")
        first = agent.session_of("SCENE:answer")
        agent.run("SCENE:answer again", "--resume", first)
        agent.run("SCENE:tools forked", "--resume", first, "--fork-session")
        agent.run("SCENE:answer other", "--model", "claude-opus-4-6")
        shutil.copytree(Path(work) / "home/.claude/projects", out / "transcripts/projects")
    provider.shutdown()
    return 0


class Agent:
    def __init__(self, options, provider: str, work: str):
        self.program = options.claude
        self.home, self.project = Path(work) / "home", Path(work) / "project"
        self.home.mkdir()
        self.project.mkdir()
        self.results = {}
        self.environment = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "IS_SANDBOX": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "ANTHROPIC_BASE_URL": provider,
            "ANTHROPIC_API_KEY": "not-a-key",
            "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
            "OTEL_LOGS_EXPORTER": "otlp",
            "OTEL_METRICS_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_PROTOCOL": options.protocol,
            "OTEL_EXPORTER_OTLP_ENDPOINT": options.otlp,
            "OTEL_METRIC_EXPORT_INTERVAL": "1000",
            "OTEL_LOGS_EXPORT_INTERVAL": "500",
        }

    def run(self, prompt: str, *arguments: str) -> None:
        command = [self.program, "-p", prompt, "--output-format", "json", "--allowedTools", "Bash,Agent,Task"]
        result = subprocess.run(
            [*command, *arguments], cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=90,
        )
        self.results[prompt] = result.stdout
        print(f"status {result.returncode}: {prompt} {' '.join(arguments)}", flush=True)

    def session_of(self, prompt: str) -> str:
        return json.loads(self.results[prompt])["session_id"]


if __name__ == "__main__":
    sys.exit(main())
