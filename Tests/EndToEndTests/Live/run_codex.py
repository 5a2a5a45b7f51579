#!/usr/bin/env python3
"""Runs the real Codex through a few scenes against the scripted provider, its telemetry pointed at Tollbook.

    run_codex.py --codex PROGRAM --otlp URL --protocol json|binary --out FOLDER

FOLDER gets truth.jsonl (what the provider served), files/ (what the agent wrote), results/NAME.out (what each command
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

from responses import SCENES, Responses


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("codex", "otlp", "protocol", "out"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    out = Path(options.out)
    (out / "results").mkdir(parents=True, exist_ok=True)
    provider = Responses(str(out / "truth.jsonl"))
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as work:
        agent = Agent(options, provider, work)
        # Each run waits several seconds for its telemetry to go out: apart from those that follow others, all at once.
        with ThreadPoolExecutor(len(SCENES)) as pool:
            list(pool.map(lambda scene: agent.run(f"SCENE:{scene}", interrupt=scene == "slow"), SCENES))
        first = agent.threads["SCENE:answer"]
        agent.run("SCENE:answer again", "resume", parent=first)
        agent.run("SCENE:tools forked", "fork", parent=first)
        agent.run("SCENE:answer once more", "resume", parent=first)
        shutil.copytree(agent.home / ".codex/sessions", out / "files/sessions")
    provider.shutdown()
    (out / "results.json").write_text(json.dumps(agent.runs))
    return 0


class Agent:
    def __init__(self, options, provider: Responses, work: str):
        self.options, self.provider = options, provider
        self.home, self.project = Path(work) / "home", Path(work) / "project"
        (self.home / ".codex").mkdir(parents=True)
        self.project.mkdir()
        self.runs, self.threads = [], {}
        self.environment = {
            "HOME": str(self.home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm", "KEY": "not-a-key",
        }
        exporters = "\n".join(
            f'{name} = {{ otlp-http = {{ endpoint = "{options.otlp}/v1/{path}", protocol = "{options.protocol}" }} }}'
            for name, path in (("exporter", "logs"), ("trace_exporter", "traces"), ("metrics_exporter", "metrics"))
        )
        (self.home / ".codex/config.toml").write_text(
            f"""
model = "gpt-5.5"
model_provider = "scripted"
check_for_update_on_startup = false
[model_providers.scripted]
name = "scripted"
base_url = "{provider.url}"
wire_api = "responses"
env_key = "KEY"
request_max_retries = 3
[otel]
environment = "test"
{exporters}
"""
        )

    def run(self, prompt: str, action: str = "", parent: str = "", interrupt: bool = False) -> None:
        command = [
            self.options.codex, "exec", "--json", "--skip-git-repo-check",
            "--dangerously-bypass-approvals-and-sandbox", *([action, parent] if action else []), prompt,
        ]
        name = prompt.removeprefix("SCENE:").replace(" ", "-")
        output = Path(self.options.out) / f"results/{name}.out"
        began = now()
        with open(output, "wb") as printed:
            process = subprocess.Popen(
                command, cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL, stdout=printed,
                stderr=subprocess.DEVNULL, preexec_fn=heed_interrupts,
            )
            if interrupt and self.provider.hanging.wait(60):
                time.sleep(0.5)
                process.send_signal(signal.SIGINT)
                # One that does not heed an interrupt is ended like a terminal that is closed: nothing more is said.
                try:
                    process.wait(timeout=15)
                except subprocess.TimeoutExpired:
                    process.kill()
            process.wait(timeout=90)
        for line in output.read_text().splitlines():
            if '"thread.started"' in line:
                self.threads[prompt] = json.loads(line)["thread_id"]
        self.runs.append({"name": name, "parent": parent, "began": began, "ended": now()})
        print(f"status {process.returncode}: {name} {action}", flush=True)


def heed_interrupts() -> None:
    """A shell that runs the tests in the background has interrupts ignored, and whoever it starts inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    sys.exit(main())
