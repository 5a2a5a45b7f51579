#!/usr/bin/env python3
"""Writes a database as OpenCode does, answer by answer, while others read it.

    write_opencode.py DATABASE older|newer NAME ANSWERS DAY END

Older builds keep messages and their parts, newer ones messages in a table of another name.
It goes on after ANSWERS answers until there is a file END. Prints the truth: the usage of each session. Nothing of it is ever
in one transaction with the next, and forks copy what was written before.
"""

import itertools
import json
import os
import sqlite3
import sys
import time

SCHEMAS = {
    "older": """
        CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT, time_created INTEGER);
        CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
        CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER,
                           time_updated INTEGER, data TEXT);
    """,
    "newer": """
        CREATE TABLE session_message (id TEXT PRIMARY KEY, session_id TEXT, type TEXT, time_created INTEGER, data TEXT);
    """,
}
# Who waits for it is gone.
LIMIT = 20_000
START = 1_795_200_000_000 + 86_400_000 * int(sys.argv[5])


def main() -> int:
    path, schema, name, answers = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    database = sqlite3.connect(path, timeout=120, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(SCHEMAS[schema])
    truth = {}
    for number in itertools.takewhile(
            lambda number: number < answers or number < LIMIT and not os.path.exists(sys.argv[6]), itertools.count()):
        session = f"ses_{name}_{number % 3}"
        write = older if schema == "older" else newer
        for tokens in write(database, f"{name}{number}", session, number):
            usage = truth.setdefault(session, {"calls": 0, "input": 0, "read": 0, "output": 0})
            usage["calls"] += 1
            usage["input"] += tokens["input"]
            usage["read"] += tokens["cache"]["read"]
            usage["output"] += tokens["output"]
        time.sleep(0.02)
    if schema == "older":
        fork(database, f"ses_{name}_0", f"ses_{name}_fork")
    database.close()
    print(json.dumps(truth))
    return 0


def usage(number: int, step: int) -> dict:
    read = 1000 + 10 * number + step
    return {"input": 100 + number, "output": 10 + step, "reasoning": 0, "cache": {"read": read, "write": 0}}


def message(number: int, tokens: dict, completed: bool) -> str:
    times = {"created": START + 1000 * number}
    if completed:
        times["completed"] = START + 1000 * number + 900
    return json.dumps({
        "role": "assistant", "time": times, "modelID": "claude-sonnet-4-6", "providerID": "anthropic", "agent": "build",
        "path": {"cwd": "/w", "root": "/w"}, "cost": 0.01, "tokens": tokens,
    })


def older(database, name: str, session: str, number: int) -> list:
    """An answer of two steps, or, every fourth, one that is told by its message alone."""
    database.execute("INSERT OR IGNORE INTO session VALUES (?, NULL, ?)", (session, START))
    identity, created = f"msg_{name}", START + 1000 * number
    empty = {"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}
    database.execute(
        "INSERT INTO message VALUES (?, ?, ?, ?, ?)", (identity, session, created, created, message(number, empty, False)))
    steps = [usage(number, step) for step in (range(2) if number % 4 else range(1))]
    for step, tokens in enumerate(steps):
        if number % 4:
            part = {"type": "step-finish", "reason": "stop", "cost": 0.005, "tokens": tokens}
            database.execute(
                "INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)",
                (f"prt_{name}_{step}", identity, session, created + step, created + step, json.dumps(part)))
    database.execute("UPDATE message SET data = ? WHERE id = ?", (message(number, steps[-1], True), identity))
    return steps


def newer(database, name: str, session: str, number: int) -> list:
    tokens = usage(number, 0)
    database.execute(
        "INSERT INTO session_message VALUES (?, ?, 'assistant', ?, ?)",
        (f"msg_{name}", session, START + 1000 * number, message(number, tokens, True)))
    return [tokens]


def fork(database, session: str, copy: str) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO session VALUES (?, NULL, ?)", (copy, START))
    database.execute(
        "INSERT INTO message SELECT id || 'f', ?, time_created, time_updated, data FROM message WHERE session_id = ?",
        (copy, session))
    database.execute(
        "INSERT INTO part SELECT id || 'f', message_id || 'f', ?, time_created, time_updated, data FROM part "
        "WHERE session_id = ?", (copy, session))
    time.sleep(0.3)
    database.execute("COMMIT")


if __name__ == "__main__":
    sys.exit(main())
