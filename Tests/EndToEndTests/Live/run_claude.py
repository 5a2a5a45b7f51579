#!/usr/bin/env python3
"""Runs the real Claude Code through a few scenes against the scripted provider, its telemetry pointed at Tollbook.

    run_claude.py --claude PROGRAM --otlp URL --protocol http/json|http/protobuf --out FOLDER [--scenes SCENE ...]

FOLDER gets truth.jsonl (what the provider served), transcripts/ (what the agent wrote), results/NAME.out (what each command
printed) and results.json (what each command was: its name, the conversation it went on with, when it began and ended).
Nothing but loopback is used.
"""

import argparse
import datetime
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from provider import SCENES, Provider


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("claude", "otlp", "protocol", "out"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--scenes", nargs="*", default=list(SCENES))
    options = parser.parse_args()
    out = Path(options.out)
    (out / "results").mkdir(parents=True, exist_ok=True)
    provider = Provider(str(out / "truth.jsonl"))
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as work:
        agent = Agent(options, provider, work)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda scene: agent.run(f"SCENE:{scene}", interrupt=scene == "slow"), options.scenes))
        if options.scenes == list(SCENES):
            first = agent.session_of("SCENE:answer")
            agent.run("SCENE:answer again", "--resume", first, parent=first)
            agent.run("SCENE:tools forked", "--resume", first, "--fork-session", parent=first)
            agent.run("SCENE:answer once more", "--resume", first, parent=first)
            agent.run("SCENE:answer other", "--model", "claude-opus-4-6")
            agent.run("SCENE:delegate streamed", format="stream-json")
        shutil.copytree(Path(work) / "home/.claude/projects", out / "transcripts/projects")
    provider.shutdown()
    (out / "results.json").write_text(json.dumps(agent.runs))
    return 0


class Agent:
    def __init__(self, options, provider: Provider, work: str):
        self.program, self.out, self.provider = options.claude, Path(options.out), provider
        self.home, self.project = Path(work) / "home", Path(work) / "project"
        self.home.mkdir()
        self.project.mkdir()
        self.runs, self.results = [], {}
        self.environment = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TERM": "xterm",
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
        }

    def run(self, prompt: str, *arguments: str, parent="", format="json", interrupt=False) -> None:
        command = [self.program, "-p", prompt, "--output-format", format, "--allowedTools", "Bash,Agent,Task"]
        if format != "json":
            command.append("--verbose")
        name = prompt.removeprefix("SCENE:").replace(" ", "-")
        output = self.out / f"results/{name}.out"
        began = now()
        with open(output, "wb") as printed:
            process = subprocess.Popen(
                [*command, *arguments], cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=printed, stderr=subprocess.DEVNULL, preexec_fn=heed_interrupts,
            )
            if interrupt and self.provider.hanging.wait(60):
                # The agent has to read how the answer begins.
                time.sleep(1)
                process.send_signal(signal.SIGINT)
            process.wait(timeout=90)
        self.results[prompt] = output.read_text()
        self.runs.append({"name": name, "parent": parent, "began": began, "ended": now()})
        print(f"status {process.returncode}: {name} {' '.join(arguments)}", flush=True)

    def session_of(self, prompt: str) -> str:
        return json.loads(self.results[prompt])["session_id"]


def heed_interrupts() -> None:
    """A shell that runs the tests in the background has interrupts ignored, and whoever it starts inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    sys.exit(main())
