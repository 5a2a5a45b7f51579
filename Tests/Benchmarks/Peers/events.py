"""Writes the calls that all price engines of the benchmark price: agents' turns, from a fixed seed."""

import json
import random
import sys

MODELS = [
    ("anthropic", "claude-opus-4-6"),
    ("anthropic", "claude-opus-5-5"),
    ("anthropic", "claude-sonnet-4-6"),
    ("anthropic", "claude-haiku-4-5"),
    ("openai", "gpt-5.2"),
    ("openai", "gpt-5.4"),
    ("openai", "gpt-5.6-sol"),
    ("gemini", "gemini-2.5-pro"),
]

numbers = random.Random(1)
with open(sys.argv[1], "w") as file:
    for index in range(20_000):
        provider, model = MODELS[index % len(MODELS)]
        event = {
            "provider": provider,
            "model": model,
            "at": "2026-11-18T12:00:00Z",
            "uncached_input": numbers.randint(1, 4_000),
            "cache_read": numbers.randint(0, 150_000),
            "cache_write": numbers.randint(0, 8_000) if provider == "anthropic" else 0,
            "output": numbers.randint(1, 4_000),
        }
        file.write(json.dumps(event) + "\n")
