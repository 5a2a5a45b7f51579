"""What the runs of real agents have in common: a home and a project of their own, and books of what was run.

FOLDER of a run gets truth.jsonl (what the provider served), results/NAME.out (what each command printed) and results.json
(what each command was: its name, the conversation it went on with, when it began and ended), besides what the agent wrote.
Nothing but loopback is used.
"""

import argparse
import datetime
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path


class Agent:
    """An agent whose commands are run one by one or side by side."""

    # How long after an answer began the agent is interrupted: it has to read how the answer begins.
    seconds_to_interrupt = 5.0

    def __init__(self, work: str, out: Path, provider):
        self.out, self.provider = out, provider
        self.home, self.project = Path(work) / "home", Path(work) / "project"
        self.home.mkdir()
        self.project.mkdir()
        self.runs = []
        self.environment = {
            "HOME": str(self.home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm",
            # A busy machine may take more than ten seconds to take in what an agent sends.
            "OTEL_EXPORTER_OTLP_TIMEOUT": "60000",
        }

    def run_command(self, command: list, prompt: str, parent: str, interrupt: bool) -> str:
        """Runs a command to its end and gives what it printed."""
        name = prompt.removeprefix("SCENE:").replace(" ", "-")
        output = self.out / f"results/{name}.out"
        began = now()
        with open(output, "wb") as printed:
            process = subprocess.Popen(
                command, cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL, stdout=printed,
                stderr=subprocess.DEVNULL, preexec_fn=heed_interrupts,
            )
            if interrupt and self.provider.hanging.wait(300):
                time.sleep(self.seconds_to_interrupt)
                process.send_signal(signal.SIGINT)
                # One that does not heed an interrupt is ended like a terminal that is closed: nothing more is said.
                try:
                    process.wait(timeout=60)
                except subprocess.TimeoutExpired:
                    process.kill()
            process.wait(timeout=600)
        self.runs.append({"name": name, "parent": parent, "began": began, "ended": now()})
        print(f"status {process.returncode}: {name}", flush=True)
        return output.read_text()


@contextmanager
def session(options: argparse.Namespace, provider_type: type, agent_type: type):
    """A provider that serves and an agent that uses it; at the end the books are written."""
    out = Path(options.out)
    (out / "results").mkdir(parents=True, exist_ok=True)
    provider = provider_type(str(out / "truth.jsonl"))
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as work:
        agent = agent_type(options, work, out, provider)
        yield agent
    provider.shutdown()
    (out / "results.json").write_text(json.dumps(agent.runs))


def options_parser(*names: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    for name in (*names, "otlp", "protocol", "out"):
        parser.add_argument("--" + name, required=True)
    return parser


def heed_interrupts() -> None:
    """A shell that runs the tests in the background has interrupts ignored, and whoever it starts inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
