"""Writes price sheets: one JSON file for each provider, one row a line, so that a change of price is one line's diff."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from pathlib import Path

from .merge import Model
from .sources import Rates, utc_midnight

CLASSES = ["uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "output"]


def dollars(value: Decimal) -> str:
    """Dollars per million tokens as plain decimal text; a value finer than a picodollar per token is refused."""
    picodollars = value * 1_000_000
    if picodollars != picodollars.to_integral_value() or value < 0:
        raise ValueError(f"{value} is not a whole number of picodollars per token")
    return f"{value.normalize():f}"


def written(rates: dict[str, Decimal]) -> dict[str, str]:
    return {name: dollars(rates[name]) for name in CLASSES if name in rates}


def rows_of(model: Model, policy: dict) -> list[dict]:
    """A model's rows, in the order standard, selectors, from the oldest segment to the newest."""
    rows = []
    for segment in model.listing.segments:
        for selector, rates in sorted(segment.rates.items()):
            row: dict = {"model": model.id}
            if segment.start:
                row["from"] = utc_midnight(segment.start)
            if segment.end:
                row["to"] = utc_midnight(segment.end)
            if selector:
                row["when"] = dict(selector)
            row["rates"] = written(rates.base)
            if rates.tiers:
                row["tiers"] = tiers_of(rates, policy)
            if uplifts := uplifts_of(model, policy):
                row["uplifts"] = uplifts
            if segment.fees and not policy.get("searches_have_free_quota"):
                row["fees"] = {name: f"{value.normalize():f}" for name, value in sorted(segment.fees.items())}
            row["source"] = model.listing.source
            rows.append(row)
    return rows


def tiers_of(rates: Rates, policy: dict) -> list[dict]:
    tiers = []
    for start in sorted(rates.tiers):
        if policy.get("inclusive_tiers"):
            tier = {"at": start + start % 2}
        else:
            tier = {"above": start}
        tiers.append({**tier, "rates": written(rates.tiers[start])})
    return tiers


def uplifts_of(model: Model, policy: dict) -> list[dict]:
    uplifts = [
        {dimension: value, "factor": ratio(factor)}
        for (dimension, value), factor in sorted(model.listing.uplifts.items())
        if factor != 1
    ]
    for rule in policy.get("uplifts", []):
        if re.search(rule["models"], model.id):
            uplifts.append({"geo": rule["geo"], "factor": rule["factor"]})
    return uplifts


def ratio(factor: Decimal) -> str:
    numerator, denominator = factor.as_integer_ratio()
    return f"{numerator}/{denominator}"


def corrected(models: list[Model], rows: list[dict], corrections: list[dict], windows: dict) -> list[dict]:
    """Applies the corrections to a provider's rows; one that matches nothing is an error, since it may be stale."""
    for correction in corrections:
        ids = {model.id for model in models if model.names & set(correction["models"])}
        if not ids:
            raise ValueError(f"correction for {correction['models']} matches no model")
        source = f"{correction['source']} (corrected: {correction['reason']})"
        if "set" in correction:
            change = correction["set"]
            matched = [row for row in rows if row["model"] in ids and applies(row, change)]
            if not matched:
                raise ValueError(f"correction for {correction['models']} matches no row")
            for row in matched:
                row["rates"].update(change.get("rates", {}))
                if "tiers" in change:
                    row["tiers"] = change["tiers"]
                if "to" in change:
                    row["to"] = change["to"]
                row["source"] = source
        if "rows" in correction:
            rows = [row for row in rows if row["model"] not in ids]
        for template in [*correction.get("rows", []), *correction.get("add", [])]:
            wanted = template.get("models", correction["models"])
            for model in models:
                if model.id in ids and model.names & set(wanted):
                    rows.append(completed(template, model.id, source, rows, windows))
    return rows


def applies(row: dict, change: dict) -> bool:
    if row.get("when", {}) != change.get("when", row.get("when", {}) if "to" not in change else {}):
        return False
    return "until" not in change or row.get("to") == change["until"]


def completed(template: dict, model: str, source: str, rows: list[dict], windows: dict) -> dict:
    row: dict = {"model": model}
    row.update({key: template[key] for key in ("from", "to", "when") if key in template})
    if name := template.get("window"):
        row["window"] = windows[name]
    row["rates"] = {name: template["rates"][name] for name in CLASSES if name in template["rates"]}
    row.update({key: template[key] for key in ("tiers", "fees") if key in template})
    for key in ("uplifts", "fees"):
        sibling = next((other for other in rows if other["model"] == model and key in other), None)
        if sibling and key not in row:
            row[key] = sibling[key]
    row["source"] = source
    return row


def aliases_of(models: list[Model], moved: list[dict]) -> list[dict]:
    """Every other name of a model; one that stood for another model before has a row for each time."""
    aliases = [
        {"name": name, "model": model.id}
        for model in models
        for name in sorted(model.names - {model.id})
    ]
    for move in moved:
        current = next((alias for alias in aliases if alias["name"] == move["name"]), None)
        if current is None or not any(model.id == move["model"] for model in models):
            raise ValueError(f"moved name {move['name']} or its former model is not listed")
        current["from"] = move["until"]
        aliases.append({"name": move["name"], "model": move["model"], "to": move["until"]})
    return aliases


def write(path: Path, policy: dict, rows: list[dict], aliases: list[dict], sources: list[str], as_of: str) -> int:
    rows.sort(key=lambda row: (row["model"], row.get("from", ""), json.dumps(row.get("when", {})), "window" in row))
    catalogue = sorted({row["source"] for row in rows})
    for row in rows:
        row["source"] = catalogue.index(row["source"])
    line = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    row_lines = ",\n".join(f"    {line(row)}" for row in rows)
    alias_lines = ",\n".join(f"    {line(alias)}" for alias in sorted(aliases, key=lambda a: (a["name"], a.get("from", ""))))
    digest = hashlib.sha256((row_lines + alias_lines).encode()).hexdigest()[:12]
    header = {
        "format": 1,
        "provider": policy["id"],
        "first_party": policy.get("first_party", False),
        "also": policy.get("also", []),
        "includes": policy.get("includes", []),
        "version": digest,
        "as_of": as_of,
        "generated_from": sources,
        "unit": "USD per million tokens",
        "inherit": {
            "cache_read": "uncached_input",
            "cache_write_5m": "uncached_input",
            "cache_write_1h": "cache_write_5m",
            "cache_write": "cache_write_5m",
        },
        "selector_aliases": policy.get("selector_aliases", {}),
        "sources": catalogue,
    }
    body = ",\n".join(f"  {line(key)}: {line(value)}" for key, value in header.items())
    text = f'{{\n{body},\n  "rows": [\n{row_lines}\n  ],\n  "aliases": [\n{alias_lines}\n  ]\n}}\n'
    path.write_text(text)
    return len(text)
