#!/usr/bin/env python3
"""Installs the real Claude Code for the live test and prints the path of its program.

    install_agent.py FOLDER

The program comes from the wheel of claude-agent-sdk on the Python package index and is kept in FOLDER. Standard library
and pip only; ends with status 3 and the reason on standard error where the agent cannot be had.
"""

import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REQUIREMENT = "claude-agent-sdk==0.2.186"
PROGRAM = "claude_agent_sdk/_bundled/claude"


def main() -> int:
    folder = Path(sys.argv[1]) / REQUIREMENT
    program = folder / "claude"
    if not program.exists():
        with tempfile.TemporaryDirectory() as wheels:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
            result = subprocess.run([*pip, "--dest", wheels, REQUIREMENT], stderr=subprocess.PIPE, text=True)
            found = list(Path(wheels).glob("*.whl"))
            if result.returncode != 0 or not found:
                return refuse("pip cannot get it: " + " ".join(result.stderr.split())[-200:])
            folder.mkdir(parents=True, exist_ok=True)
            partial = folder / "claude.partial"
            with zipfile.ZipFile(found[0]) as wheel:
                if PROGRAM not in wheel.namelist():
                    return refuse(f"there is no program for {platform.machine()} in the wheel")
                partial.write_bytes(wheel.read(PROGRAM))
            partial.chmod(0o755)
            partial.rename(program)
    print(program)
    return 0


def refuse(reason: str) -> int:
    print(f"Claude Code is not installed: {reason}", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
