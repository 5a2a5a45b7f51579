#!/usr/bin/env python3
"""Runs the real Codex through a few scenes against the scripted provider, its telemetry pointed at Tollbook.

    run_codex.py --codex PROGRAM --otlp URL --protocol json|binary --out FOLDER

FOLDER gets files/ (what the agent wrote) and what agent_runs.py says.
"""

import json
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

import agent_runs
from responses import SCENES, Responses


def main() -> int:
    options = agent_runs.options_parser("codex").parse_args()
    with agent_runs.session(options, Responses, Codex) as agent:
        # Each run waits several seconds for its telemetry to go out: apart from those that follow others, all at once.
        with ThreadPoolExecutor(len(SCENES)) as pool:
            list(pool.map(lambda scene: agent.run(f"SCENE:{scene}", interrupt=scene == "slow"), SCENES))
        first = agent.threads["SCENE:answer"]
        agent.run("SCENE:answer again", "resume", parent=first)
        agent.run("SCENE:tools forked", "fork", parent=first)
        agent.run("SCENE:answer once more", "resume", parent=first)
        shutil.copytree(agent.home / ".codex/sessions", agent.out / "files/sessions")
    return 0


class Codex(agent_runs.Agent):
    seconds_to_interrupt = 0.5

    def __init__(self, options, work: str, out, provider: Responses):
        super().__init__(work, out, provider)
        self.program, self.threads = options.codex, {}
        self.environment["KEY"] = "not-a-key"
        exporters = "\n".join(
            f'{name} = {{ otlp-http = {{ endpoint = "{options.otlp}/v1/{path}", protocol = "{options.protocol}" }} }}'
            for name, path in (("exporter", "logs"), ("trace_exporter", "traces"), ("metrics_exporter", "metrics"))
        )
        (self.home / ".codex").mkdir()
        (self.home / ".codex/config.toml").write_text(
            f"""
model = "gpt-5.5"
model_provider = "scripted"
check_for_update_on_startup = false
[model_providers.scripted]
name = "scripted"
base_url = "{provider.url}/v1"
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
            self.program, "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox",
            *([action, parent] if action else []), prompt,
        ]
        for line in self.run_command(command, prompt, parent, interrupt).splitlines():
            if '"thread.started"' in line:
                self.threads[prompt] = json.loads(line)["thread_id"]


if __name__ == "__main__":
    sys.exit(main())
