#!/usr/bin/env python3
"""Reads a ledger in every way there is and compares each answer with sums over its charges, counted here.

    check_sums.py URL CHARGES.jsonl ZONE some|all TOLLBOOK

CHARGES.jsonl holds the charges that stand, as the ledger has them. Every single grouping is compared in many zones, every
two groupings in ZONE; with `some`, a sample of them, and not what the command prints.
"""

import collections
import csv
import datetime
import decimal
import functools
import http.client
import io
import itertools
import json
import subprocess
import sys
import urllib.parse
import zoneinfo

url, path, wanted_zone, extent, tollbook = sys.argv[1:]
is_all = extent == "all"
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "America/Havana", "Asia/Beirut", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Pago_Pago",
]
CLASSES = ["uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write", "output", "reasoning"]
TIMES = ["hour", "day", "week", "month"]
DIMENSIONS = [
    "session", "tenant", "harness", "provider", "model", "project", "repository", "branch", "user", "team", "host", "agent",
    "caller", "quality", "status", "channel",
]
FIELDS = ["calls", "charges"] + CLASSES + ["computed", "reported", "auto"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
failures = []
checks = 0


def expect(found, wanted, what):
    global checks
    checks += 1
    if found != wanted:
        failures.append(f"{what}: found {found}, wanted {wanted}")


def picodollars(text):
    return int(decimal.Decimal(text).scaleb(12).to_integral_exact())


class Sums(collections.namedtuple("Sums", FIELDS)):
    """Sums by field; money in picodollars."""

    @property
    def cache_writes(self):
        return self.cache_write + self.cache_write_5m + self.cache_write_1h

    @property
    def all_tokens(self):
        return self.uncached_input + self.cache_read + self.cache_writes + self.output


def total(sums):
    columns = list(zip(*sums))
    return Sums(*map(sum, columns)) if columns else Sums(*[0] * len(FIELDS))


# What there is, from the charges alone.


class Charge:
    def __init__(self, text):
        value = json.loads(text)
        rating, attribution = value["rating"], value.get("attribution", {})
        moment, _, rest = value["event_time"].rstrip("Z").partition(".")
        self.seconds = int((datetime.datetime.fromisoformat(moment + "+00:00") - EPOCH).total_seconds())
        self.session, self.harness = value["session"], value["harness"]
        self.is_aggregate = value["quality"] == "aggregate"
        # Nobody knows how many calls an aggregate or an estimate stands for.
        self.calls = 1 if value["quality"] in ("exact", "merged") else 0
        self.tokens = {name: int(value["tokens"].get(name) or 0) for name in CLASSES}
        self.computed = picodollars(rating["cost"]) if rating.get("cost") is not None else None
        self.reported = picodollars(value["reported_cost"]) if value.get("reported_cost") is not None else None
        self.is_priced = rating["status"] == "priced"
        self.labels = {
            "session": self.session, "tenant": value["tenant"], "harness": self.harness, "provider": value.get("provider"),
            "model": value.get("model"), "agent": attribution.get("agent_name"), "quality": value["quality"],
            "status": rating["status"], "channel": value["evidence"]["items"][0]["channel"],
        }
        for name in ["project", "repository", "branch", "user", "team", "host", "caller"]:
            self.labels[name] = attribution.get(name)

    @functools.cached_property
    def sums(self):
        if (self.session, self.harness) in carriers:
            auto = self.reported or 0
        else:
            auto = self.reported if self.reported is not None else self.computed or 0
        return Sums(
            calls=self.calls, charges=1, computed=self.computed or 0, reported=self.reported or 0, auto=auto,
            **self.tokens)

    @functools.cache
    def label(self, dimension, zone):
        if dimension in TIMES:
            local = (EPOCH + datetime.timedelta(seconds=self.seconds)).astimezone(zoneinfo.ZoneInfo(zone))
            if dimension == "hour":
                hour = local.replace(minute=0, second=0, tzinfo=None).isoformat()
                minutes = int(local.utcoffset().total_seconds()) // 60
                sign = "-" if minutes < 0 else "+"
                return hour + ("Z" if zone == "UTC" else f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}")
            day = local.date()
            if dimension == "week":
                day -= datetime.timedelta(days=day.weekday())
            return day.isoformat()[:7] if dimension == "month" else day.isoformat()
        return self.labels[dimension] or "(none)"


charges = [Charge(line) for line in open(path, encoding="utf-8")]
carriers = {(one.session, one.harness) for one in charges if one.is_aggregate and one.reported is not None}
truth = total(one.sums for one in charges)


def grouped(dimensions, zone, chosen=None):
    groups = {}
    for one in charges if chosen is None else chosen:
        key = tuple(one.label(dimension, zone) for dimension in dimensions)
        groups.setdefault(key, []).append(one.sums)
    return {key: total(sums) for key, sums in groups.items()}


# What the service says.

connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc)


def get(route, **parameters):
    connection.request("GET", route + ("?" + urllib.parse.urlencode(parameters) if parameters else ""))
    answer = connection.getresponse()
    body = answer.read().decode()
    if answer.status != 200:
        raise SystemExit(f"{route} {parameters}: {answer.status} {body}")
    return body


def read(row):
    return Sums(
        calls=row["calls"], charges=row["charges"], computed=picodollars(row["computed_cost_usd"]),
        reported=picodollars(row["reported_cost_usd"]), auto=picodollars(row["cost_usd"]), **row["tokens"])


def usage(dimensions, zone, limit=10_000, **filters):
    """All pages of a report: its rows by label, and its totals, which every page must repeat."""
    rows, totals, cursor = {}, None, {}
    while True:
        page = json.loads(
            get("/v1/usage", group_by=",".join(dimensions), timezone=zone, limit=limit, **filters, **cursor))
        for row in page["rows"]:
            key = tuple(row[dimension] for dimension in dimensions)
            expect(key in rows, False, f"a row twice, {dimensions} {zone} {key}")
            rows[key] = read(row)
        expect(totals is None or totals == read(page["totals"]), True, f"totals of every page, {dimensions} {zone}")
        totals = read(page["totals"])
        if page["next_cursor"] is None:
            return rows, totals
        cursor = {"cursor": page["next_cursor"]}


def check(dimensions, zone, **parameters):
    what = f"{'+'.join(dimensions)} {zone} {parameters or ''}"
    rows, totals = usage(dimensions, zone, **parameters)
    wanted = grouped(dimensions, zone)
    expect(sorted(rows), sorted(wanted), "rows of " + what)
    for key in wanted:
        expect(rows.get(key), wanted[key], f"{key} of {what}")
    expect(totals, truth, "totals of " + what)
    expect(total(rows.values()), truth, "sum of " + what)


def check_usage():
    for zone in ZONES if is_all else [wanted_zone]:
        for dimension in TIMES + DIMENSIONS if zone == wanted_zone else TIMES:
            check([dimension], zone)
    check(["day", "session"], wanted_zone, limit=7)
    for pair in list(itertools.combinations(TIMES + DIMENSIONS, 2))[:: 1 if is_all else 9]:
        check(list(pair), wanted_zone)


def check_days():
    """A day asked for alone has what the day has among all; a range has what its days have together."""
    for zone in {wanted_zone, "Europe/Berlin"}:
        days = sorted({one.label("day", zone) for one in charges})
        for day in days[:: 1 if is_all else 4]:
            _, totals = usage(["model"], zone, since=day, until=day)
            expect(totals, grouped(["day"], zone)[(day,)], f"{day} alone, {zone}")
        for first, last in [(days[0], days[-1]), (days[1], days[len(days) // 2])]:
            _, totals = usage(["harness"], zone, since=first, until=last)
            chosen = [one for one in charges if first <= one.label("day", zone) <= last]
            expect(totals, total(one.sums for one in chosen), f"{first} to {last}, {zone}")


def check_exports():
    text = get("/v1/usage", group_by="day,project", timezone=wanted_zone, format="csv", limit=10_000)
    rows = list(csv.DictReader(io.StringIO(text)))
    for name in CLASSES + ["calls", "charges"]:
        expect(sum(int(row[name]) for row in rows), getattr(truth, name), f"CSV, {name}")
    for name, field in [("cost_usd", "auto"), ("computed_cost_usd", "computed"), ("reported_cost_usd", "reported")]:
        expect(sum(picodollars(row[name]) for row in rows), getattr(truth, field), f"CSV, {name}")
    rows = list(csv.DictReader(io.StringIO(get("/v1/focus"))))
    expect(sum(int(row["ConsumedQuantity"] or 0) for row in rows), truth.all_tokens, "FOCUS, tokens")
    expect(sum(picodollars(row["EffectiveCost"] or "0") for row in rows), truth.computed, "FOCUS, cost")


def check_forms():
    page = json.loads(get("/api/tokens", bucket="1h", cost="computed"), parse_float=decimal.Decimal)

    def beacon(sums):
        names = ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "events"]
        return [sums[name] for name in names] + [picodollars(sums["cost_usd"])]

    wanted = [
        truth.uncached_input, truth.output, truth.cache_read, truth.cache_writes, truth.charges, truth.computed]
    expect(beacon(page["totals"]), wanted, "Beacon's totals")
    for group in ["by_session", "by_harness", "series"]:
        columns = zip(*(beacon(entry["usage"]) for entry in page[group]))
        expect([sum(column) for column in columns], wanted, "Beacon's " + group)
    sessions, cursor = [], {}
    while True:
        page = json.loads(get("/v1/sessions", limit=5, **cursor))
        sessions += page["sessions"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    expect(total(read(session) for session in sessions), truth, "sum of sessions")
    threads = [json.loads(get(f"/api/threads/{session['session']}/token-usage")) for session in sessions]
    expect(total(read(thread["totals"]) for thread in threads), truth, "sum of threads")
    expect(sum(sum(thread["by_caller"].values()) for thread in threads), truth.all_tokens, "threads by caller")
    counters = collections.Counter()
    for line in get("/metrics").splitlines():
        name, _, value = line.rpartition(" ")
        family, _, labels = name.partition("{")
        kind = dict(part.split("=", 1) for part in labels.rstrip("}").split(",") if part.count("=") == 1).get("type")
        sign = {"tollbook_tokens_total": 1, "tollbook_retracted_tokens_total": -1}.get(family)
        if sign:
            counters[kind.strip('"')] += sign * int(value)
    for name in CLASSES:
        expect(counters[name], getattr(truth, name), f"metrics less what was retracted, {name}")


# What the command prints.


def run(*arguments):
    command = [tollbook, *arguments, "--json", "--server", url]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(result.stdout, parse_float=decimal.Decimal)


def printed(row, cost="totalCost"):
    return [row["inputTokens"], row["outputTokens"], row["cacheCreationTokens"], row["cacheReadTokens"],
            row["totalTokens"], picodollars(row[cost])]


def as_printed(sums, cost):
    return [sums.uncached_input, sums.output, sums.cache_writes, sums.cache_read, sums.all_tokens, getattr(sums, cost)]


def check_command():
    for zone, modes in [(wanted_zone, ["auto", "calculate"]), ("Europe/Berlin", ["display"])]:
        for mode in modes:
            cost = {"auto": "auto", "calculate": "computed", "display": "reported"}[mode]
            for verb, dimension in [("daily", "day"), ("monthly", "month"), ("session", "session"), ("weekly", "week")]:
                report = run(verb, "-z", zone, "--mode", mode, *(["-w", "monday"] if verb == "weekly" else []))
                what = f"tollbook {verb} -z {zone} --mode {mode}"
                expect(printed(report["totals"]), as_printed(truth, cost), "totals of " + what)
                found = {row["period"]: printed(row) for row in report[verb]}
                wanted = {key[0]: as_printed(sums, cost) for key, sums in grouped([dimension], zone).items()}
                expect(found, wanted, "rows of " + what)
    agents = [run(agent, "daily", "-z", wanted_zone)["totals"] for agent in ["claude", "codex", "gemini"]]
    columns = zip(*(printed(totals, "totalCost" if "totalCost" in totals else "costUSD") for totals in agents))
    expect([sum(column) for column in columns], as_printed(truth, "auto"), "agents together")
    blocks = run("blocks", "-z", wanted_zone)["blocks"]
    expect(sum(block["totalTokens"] for block in blocks), truth.all_tokens, "blocks, tokens")
    expect(sum(picodollars(block["costUSD"]) for block in blocks), truth.auto, "blocks, cost")


check_usage()
check_days()
check_exports()
check_forms()
if is_all:
    check_command()
print(f"{checks} checks over {len(charges)} charges, {len(failures)} failed")
print("\n".join(failures[:20]))
sys.exit(1 if failures else 0)
