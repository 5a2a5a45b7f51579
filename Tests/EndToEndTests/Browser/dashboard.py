"""Uses the dashboard as a person would: watches a capture arrive, then follows a day down to the evidence of a call.

usage: dashboard.py DASHBOARD INGEST CAPTURE-FOLDER
"""

import json
import pathlib
import re
import contextlib
import sys
import threading
import time
import urllib.error
import urllib.request

from browser import browser, opened

dashboard, ingest, capture = sys.argv[1:4]
day = "2026-11-21"
failures = []


def expect(condition, what):
    print("ok  " if condition else "FAIL", what, flush=True)
    if not condition:
        failures.append(what)


def post(signal, body):
    """Sends telemetry until ingest has it, as exporters do."""
    for _ in range(600):
        request = urllib.request.Request(f"{ingest}/v1/{signal}", body, {"Content-Type": "application/json"})
        try:
            return urllib.request.urlopen(request).read()
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                raise
            time.sleep(0.2)
    raise SystemExit("ingest stays busy")


def send(pattern, signal):
    for file in sorted(pathlib.Path(capture).glob(pattern)):
        post(signal, file.read_bytes())


def usage(query):
    with urllib.request.urlopen(f"{dashboard}/v1/usage?{query}") as answer:
        return json.load(answer)["totals"]


def money(text):
    digits = re.sub(r"[^0-9.]", "", text)
    return float(digits) if digits else None


def eventually(page, holds, what):
    """Waits for a condition, however long a busy machine takes."""
    for _ in range(1200):
        if holds():
            return expect(True, what)
        page.wait_for_timeout(100)
    expect(False, what)


def settled(page):
    """Waits until the page shows what its address asks for."""
    page.locator("#page:not([aria-busy])").wait_for()


def shows_cost(page, query):
    """Whether the cost in range is the ledger's."""
    shown = money(page.locator("#cost-range .value").inner_text())
    return shown is not None and abs(shown - float(usage(query)["cost_usd"])) < 0.006


def watch_it_arrive(page):
    page.get_by_role("heading", name="Nothing has been counted yet").wait_for()
    expect("OTEL_EXPORTER_OTLP_ENDPOINT" in page.content(), "an empty ledger says what to do next")
    page.evaluate("window.notReloaded = true")
    send("*-logs.json", "logs")
    page.locator("#cost-range .value").wait_for()
    send("*-metrics.json", "metrics")
    calls = page.locator("#tokens-range .note")
    eventually(
        page, lambda: calls.inner_text().startswith(f"{usage(f'since={day}')['calls']} "), "the calls shown are the ledger's")
    eventually(page, lambda: shows_cost(page, f"since={day}&until={day}"), "the cost shown is the ledger's")
    expect(page.evaluate("window.notReloaded") is True, "totals appear live, without a reload")
    eventually(page, lambda: page.locator("#state").inner_text() == "Live", "the page says that it is live")
    tail = page.get_by_role("region", name="Live").first.locator("tbody tr")
    eventually(page, lambda: tail.count() > 0, "the tail shows the newest calls")


def follow_a_day(page):
    page.locator(".bars a").filter(has=page.locator(".block")).first.click()
    page.wait_for_url(re.compile(rf"since={day}&until={day}"))
    sessions = page.get_by_role("region", name="Sessions").first.locator("tbody tr")
    sessions.first.wait_for()
    expect(sessions.count() > 0, "a day shows its sessions")
    page.get_by_role("region", name="Sessions").first.locator("tbody a").first.click()
    calls = page.get_by_role("region", name="Calls of the session").first
    calls.locator("tbody tr").first.wait_for()
    expect("session=" in page.url, "a session has an address")
    settled(page)
    calls.locator("tbody a").first.click()
    evidence = page.get_by_role("region", name="Evidence").first
    evidence.locator("tbody tr").first.wait_for()
    expect("counted" in evidence.inner_text(), "a call shows the report that counted")
    expect("$" in evidence.inner_text(), "the report of a log shows the cost that it told")
    arithmetic = page.get_by_role("region", name="Arithmetic").first.inner_text()
    expect("Total" in arithmetic and "$" in arithmetic, "a call shows its arithmetic")
    address = page.url
    page.go_back()
    calls.locator("tbody tr").first.wait_for()
    page.go_forward()
    evidence.locator("tbody tr").first.wait_for()
    expect(page.url == address, "back and forward work")


def filter_by_model(page):
    page.goto(f"{dashboard}/?since={day}&until={day}&zone=UTC")
    models = page.get_by_role("region", name="Models").first.locator("tbody a")
    models.first.wait_for()
    name = models.first.inner_text()
    models.first.focus()
    page.keyboard.press("Enter")
    page.locator(".chip", has_text=f"model: {name}").wait_for()
    settled(page)
    eventually(
        page, lambda: shows_cost(page, f"since={day}&until={day}&model={name}"), "a model chosen by keyboard filters everything")
    page.locator(".chip", has_text="model:").click()
    page.locator(".chip", has_text="model:").wait_for(state="detached")
    page.select_option("#zone", "Asia/Tokyo")
    page.wait_for_url(re.compile("zone=Asia%2FTokyo"))
    expect(True, "a filter is taken off again and the zone stands in the address")


def bears_strange_addresses(page):
    for query in ["zone=Mars%2FOlympus", "since=2026-99-99&until=2026-99-99", f"since={day}&until=tomorrow", "range=ever&cost=none"]:
        page.goto(f"{dashboard}/?{query}")
        page.locator("#page section").first.wait_for()
        expect(page.locator(".failure").count() == 0, f"an address with {query} shows something")


@contextlib.contextmanager
def calls_arriving():
    """Sends a call of the day after the other while it lasts."""
    over = threading.Event()

    def log(number):
        values = {"event.name": "api_request", "session.id": "busy", "model": "claude-opus-4-6", "request_id": f"req_busy_{number}",
                  "output_tokens": "100000"}
        record = {"timeUnixNano": str(1_795_262_400_000_000_000 + number), "body": {"stringValue": "claude_code.api_request"},
                  "attributes": [{"key": name, "value": {"stringValue": value}} for name, value in values.items()]}
        scope = {"name": "com.anthropic.claude_code.events"}
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "claude-code"}}]}
        return {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": scope, "logRecords": [record]}]}]}

    def work():
        number = 0
        while not over.wait(0.1):
            number += 1
            post("logs", json.dumps(log(number)).encode())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def shows_budgets(page):
    for name, period in [("ever", "all"), ("monthly", "month")]:
        body = json.dumps({"limit_usd": "1000", "period": period}).encode()
        request = urllib.request.Request(
            f"{dashboard}/v1/budgets/{name}", body, {"Content-Type": "application/json"}, method="PUT")
        urllib.request.urlopen(request).read()
    page.goto(f"{dashboard}/?since={day}&until={day}&zone=UTC")
    bars = page.locator(".budgets li")
    bars.nth(1).wait_for()
    texts = " | ".join(bars.all_inner_texts())
    expect("of $1,000.00 in all" in texts and "of $1,000.00 this month" in texts, f"budgets say of which time they are: {texts}")


def is_usable_while_calls_arrive(page):
    page.goto(f"{dashboard}/?since={day}&until={day}&zone=UTC")
    models = page.get_by_role("region", name="Models").first.locator("tbody a")
    models.first.wait_for()
    with calls_arriving():
        seen = set()

        def changes():
            seen.add(page.locator("#cost-range .value").inner_text())
            return len(seen) > 3

        models.first.focus()
        chosen = page.evaluate("document.activeElement.getAttribute('href')")
        eventually(page, changes, "the cost follows the calls that arrive")
        expect(page.evaluate("document.activeElement.getAttribute('href')") == chosen, "what has the focus keeps it")
        page.keyboard.press("Enter")
        page.locator(".chip", has_text="model:").wait_for()
        settled(page)
        expect("model=" in page.url, "the keyboard works while calls arrive")
        seen.clear()
        page.locator(".chip", has_text="model:").click()
        page.locator(".chip", has_text="model:").wait_for(state="detached")
        settled(page)
        models.first.hover()
        page.mouse.down()
        page.wait_for_timeout(1500)
        page.mouse.up()
        page.locator(".chip", has_text="model:").wait_for()
        expect("model=" in page.url, "a slow click works while calls arrive")


def is_narrow_enough(running):
    for width, scheme in [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]:
        with opened(running, dashboard, f"/?since={day}&until={day}", width=width, scheme=scheme) as watched:
            watched.page.get_by_role("region", name="Models").first.wait_for()
            width_used = watched.page.evaluate("document.documentElement.scrollWidth")
            expect(width_used <= width, f"nothing is wider than {width} pixels, {scheme}")
            expect(watched.faults == [], f"nothing is said in the console: {watched.faults}")


with browser() as running:
    with opened(running, dashboard, f"/?since={day}&until=2026-11-22&zone=UTC") as watched:
        watch_it_arrive(watched.page)
        follow_a_day(watched.page)
        filter_by_model(watched.page)
        bears_strange_addresses(watched.page)
        shows_budgets(watched.page)
        is_usable_while_calls_arrive(watched.page)
        expect(watched.faults == [], f"nothing is said in the console: {watched.faults}")
    is_narrow_enough(running)
sys.exit(f"{len(failures)} failures: {failures}" if failures else 0)
