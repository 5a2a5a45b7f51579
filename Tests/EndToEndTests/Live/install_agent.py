#!/usr/bin/env python3
"""Installs a real agent for the live tests and prints the path of its program.

    install_agent.py FOLDER claude|codex

The program comes from a wheel on the Python package index and is kept in FOLDER. Standard library and pip only; ends with
status 3 and the reason on standard error where the agent cannot be had.
"""

import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# The wheel, and the program's place in it.
AGENTS = {
    "claude": ("claude-agent-sdk==0.2.186", "claude_agent_sdk/_bundled/claude"),
    "codex": ("openai-codex-cli-bin==0.163.0", "codex_cli_bin/bin/codex"),
}


def main() -> int:
    name = sys.argv[2]
    requirement, inside = AGENTS[name]
    folder = Path(sys.argv[1]) / requirement
    program = folder / name
    if not program.exists():
        with tempfile.TemporaryDirectory() as wheels:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
            result = subprocess.run([*pip, "--dest", wheels, requirement], stderr=subprocess.PIPE, text=True)
            found = list(Path(wheels).glob("*.whl"))
            if result.returncode != 0 or not found:
                return refuse(name, "pip cannot get it: " + " ".join(result.stderr.split())[-200:])
            folder.mkdir(parents=True, exist_ok=True)
            partial = folder / f"{name}.partial"
            with zipfile.ZipFile(found[0]) as wheel:
                if inside not in wheel.namelist():
                    return refuse(name, f"there is no program for {platform.machine()} in the wheel")
                partial.write_bytes(wheel.read(inside))
            partial.chmod(0o755)
            partial.rename(program)
    print(program)
    return 0


def refuse(name: str, reason: str) -> int:
    print(f"the agent {name} is not installed: {reason}", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
