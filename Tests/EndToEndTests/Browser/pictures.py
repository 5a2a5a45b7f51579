"""Fills a ledger with a month of invented work and takes the README's pictures of the dashboard.

usage: pictures.py DASHBOARD INGEST FOLDER
"""

import datetime
import json
import pathlib
import random
import sys
import time
import urllib.request

from browser import browser, opened

dashboard, ingest, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
chance = random.Random(11)
now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
people = {"ada": "platform", "grace": "platform", "linus": "web", "barbara": "data"}
projects = ["checkout", "search", "billing-api", "mobile-app", "infra"]
claude = [("claude-opus-4-6", 4), ("claude-sonnet-4-5", 6), ("claude-haiku-4-5", 3)]


def attributes(values):
    def wrapped(value):
        return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}
    return [{"key": name, "value": wrapped(value)} for name, value in values.items()]


def nanoseconds(moment):
    return str(int(moment.timestamp() * 1_000_000_000))


def post(signal, body):
    request = urllib.request.Request(
        f"{ingest}/v1/{signal}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request).read()


def claude_session(number, start, person, project):
    records, at, cached = [], start, 0
    for call in range(chance.randint(5, 42)):
        at += datetime.timedelta(seconds=chance.randint(4, 150))
        if at > now:
            break
        model = chance.choices([name for name, _ in claude], [weight for _, weight in claude])[0]
        is_agent = chance.random() < 0.3
        written = chance.randint(400, 9000)
        records.append({"timeUnixNano": nanoseconds(at), "body": {"stringValue": "claude_code.api_request"}, "attributes": attributes({
            "event.name": "api_request", "session.id": f"{number:08x}-4c1d-4a7e-9b52-7f3e0a6c{number:04x}", "event.sequence": call, "model": model,
            "request_id": f"req_{number:05d}{call:04d}", "input_tokens": chance.randint(2, 900), "output_tokens": chance.randint(60, 2600),
            "cache_read_tokens": min(cached, 160_000), "cache_creation_tokens": written, "cache_creation_5m_tokens": written,
            "user.id": person, "query_source": "agent:builtin:Explore" if is_agent else "repl_main_thread",
        })})
        cached += written
    if records:
        repeat = [dict(records[0])] if chance.random() < 0.6 else []
        scope = {"name": "com.anthropic.claude_code.events"}
        resource = {"attributes": attributes({"service.name": "claude-code", "project.name": project, "team.id": people[person]})}
        post("logs", {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": scope, "logRecords": records + repeat}]}]})
        spans = [span_of(record, number, index) for index, record in enumerate(records) if chance.random() < 0.35]
        post("traces", {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "com.anthropic.claude_code.tracing"}, "spans": spans}]}]})


def span_of(record, number, index):
    kept = [item for item in record["attributes"] if item["key"] not in ("event.name", "event.sequence")]
    return {"traceId": f"{number:032x}", "spanId": f"{number * 100 + index + 1:016x}", "name": "claude_code.llm_request",
            "startTimeUnixNano": record["timeUnixNano"], "endTimeUnixNano": record["timeUnixNano"], "attributes": kept}


def other_session(number, start, person, project):
    service, model, provider = chance.choice([("aider", "gpt-5", "openai"), ("aider", "gpt-5-mini", "openai"), ("gemini-agent", "gemini-2.5-pro", "gcp.gemini"), ("house-bot", "mystery-9b", "selfhosted")])
    spans, at = [], start
    for call in range(chance.randint(3, 18)):
        at += datetime.timedelta(seconds=chance.randint(5, 200))
        if at > now:
            break
        read = chance.randint(0, 60_000)
        spans.append({"traceId": f"{number:032x}", "spanId": f"{number * 1000 + call + 1:016x}", "name": f"chat {model}",
                      "startTimeUnixNano": nanoseconds(at), "endTimeUnixNano": nanoseconds(at), "attributes": attributes({
                          "gen_ai.operation.name": "chat", "gen_ai.provider.name": provider, "gen_ai.request.model": model, "gen_ai.response.model": model,
                          "gen_ai.response.id": f"resp_{number}_{call}", "gen_ai.conversation.id": f"conv-{number}", "user.id": person,
                          "gen_ai.usage.input_tokens": read + chance.randint(500, 9000), "gen_ai.usage.cache_read.input_tokens": read,
                          "gen_ai.usage.output_tokens": chance.randint(100, 3000)})})
    resource = {"attributes": attributes({"service.name": service, "project.name": project, "team.id": people[person]})}
    post("traces", {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "genai"}, "spans": spans}]}]})


def month():
    number = 100
    for days in range(34, -1, -1):
        day = now - datetime.timedelta(days=days)
        busy = 2 if day.weekday() >= 5 else 9
        for _ in range(chance.randint(max(1, busy - 3), busy + 4)):
            number += 1
            start = day.replace(hour=chance.randint(6, 19), minute=chance.randint(0, 59)) if days else now - datetime.timedelta(minutes=chance.randint(5, 300))
            person, project = chance.choice(list(people)), chance.choices(projects, [5, 4, 3, 2, 1])[0]
            (claude_session if chance.random() < 0.72 else other_session)(number, start, person, project)


def budgets():
    limits = [
        ("everything", {"limit_usd": "400", "period": "month"}),
        ("checkout", {"limit_usd": "25", "period": "week", "match": {"project": "checkout"}}),
        ("opus", {"limit_usd": "30", "period": "week", "match": {"model": "claude-opus-4-6"}, "warning_percent": 70}),
    ]
    for name, budget in limits:
        request = urllib.request.Request(
            f"{dashboard}/v1/budgets/{name}", json.dumps(budget).encode(), {"Content-Type": "application/json"}, method="PUT")
        urllib.request.urlopen(request).read()


def pictures():
    sizes = [("wide", 1440, 1240), ("narrow", 390, 1500)]
    with browser() as running:
        for scheme in ["light", "dark"]:
            for name, width, height in sizes:
                with opened(running, dashboard, "/?range=30d&zone=UTC", width=width, height=height, scheme=scheme) as watched:
                    page = watched.page
                    page.get_by_role("region", name="Models").first.wait_for()
                    page.wait_for_timeout(700)
                    page.screenshot(path=folder / f"overview-{name}-{scheme}.png")
                    if watched.faults:
                        raise SystemExit(f"the page is not clean: {watched.faults}")
                    page.get_by_role("region", name="Sessions").first.locator("tbody a").first.click()
                    page.get_by_role("region", name="Calls of the session").first.wait_for()
                    page.screenshot(path=folder / f"session-{name}-{scheme}.png")
                    page.get_by_role("region", name="Calls of the session").first.locator("tbody a").first.click()
                    page.get_by_role("region", name="Evidence").first.wait_for()
                    page.screenshot(path=folder / f"call-{name}-{scheme}.png")


month()
budgets()
time.sleep(4)
pictures()
