"""Reads the published catalogues into one form, exactly: numbers are Decimal from their own text, never float."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

MILLION = Decimal(1_000_000)
PICODOLLAR_DIGITS = Decimal("0.000001")  # one picodollar per token, in dollars per million tokens

GENAI_CLASSES = {
    "input_mtok": "uncached_input",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write_5m",
    "cache_write_5m_mtok": "cache_write_5m",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_mtok": "output",
}
LITELLM_CLASSES = {
    "input_cost_per_token": "uncached_input",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write_5m",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "output_cost_per_token": "output",
}
LITELLM_SELECTORS = {
    "": (),
    "_flex": (("service_tier", "flex"),),
    "_priority": (("service_tier", "priority"),),
    "_ultrafast": (("service_tier", "ultrafast"),),
    "_balanced": (("service_tier", "balanced"),),
    "_batches": (("service_tier", "batch"),),
}
# What genai-prices calls a request's context, in our words.
GENAI_SELECTORS = {
    ("processing", "batch"): ("service_tier", "batch"),
    ("service_tier", "flex"): ("service_tier", "flex"),
    ("service_tier", "priority"): ("service_tier", "priority"),
    ("speed", "fast"): ("speed", "fast"),
}
TOKEN_MODES = {"chat", "responses", "completion", None}


@dataclass
class Rates:
    """Dollars per million tokens by class, and the same for each context tier."""

    base: dict[str, Decimal] = field(default_factory=dict)
    tiers: dict[int, dict[str, Decimal]] = field(default_factory=dict)

    def tier(self, start: int) -> dict[str, Decimal]:
        return {**self.base, **self.tiers[start]}

    def normalised(self) -> Rates:
        """The same prices without tiers that change nothing."""
        base = {name: value.normalize() for name, value in self.base.items()}
        tiers: dict[int, dict[str, Decimal]] = {}
        before = base
        for start in sorted(self.tiers):
            now = {**base, **{name: value.normalize() for name, value in self.tiers[start].items()}}
            if now != before:
                tiers[start] = {name: value for name, value in now.items() if base.get(name) != value}
            before = now
        return Rates(base, tiers)

    def scaled(self, factor: Decimal) -> Rates:
        scale = lambda rates: {name: value * factor for name, value in rates.items()}
        return Rates(scale(self.base), {start: scale(rates) for start, rates in self.tiers.items()})


@dataclass
class Segment:
    """Prices in force from one day to another, by selector; the empty selector is the standard price."""

    start: date | None
    end: date | None
    rates: dict[tuple, Rates]
    fees: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class Listing:
    """What one source says about one name."""

    name: str
    segments: list[Segment]
    uplifts: dict[tuple, Decimal] = field(default_factory=dict)
    source: str = ""

    @property
    def current(self) -> Segment:
        now = date(2026, 11, 21)
        return next(s for s in self.segments if (not s.start or s.start <= now) and (not s.end or now < s.end))


class InexactRate(ValueError):
    """A rate finer than a picodollar per token."""


def per_million(text: str) -> Decimal:
    """Dollars per token, as text, to dollars per million tokens; binary noise in the text is taken off."""
    value = Decimal(text) * MILLION
    exact = value.quantize(PICODOLLAR_DIGITS)
    if exact != value and abs(exact - value) > abs(value) * Decimal("1e-9"):
        raise InexactRate(f"{text} is not a whole number of picodollars per token")
    return exact.normalize()


def whole_picodollars(value: Decimal) -> Decimal:
    """Dollars per million tokens to the picodollar per token; a catalogue's fractions (1/12) are cut off by it."""
    return value.quantize(PICODOLLAR_DIGITS).normalize()


def pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


class GenAIPrices:
    """The genai-prices package: first-party prices with effective dates."""

    def __init__(self, version: str, work: Path):
        self.version = version
        target = work / f"genai-prices-{version}"
        if not target.exists():
            pip("install", "--target", str(target), f"genai-prices=={version}")
        sys.path.insert(0, str(target))
        self.providers = {p.id: p for p in importlib.import_module("genai_prices.data").providers}

    def find(self, provider: str, name: str, fallback: list[str] = ()):
        """The model the package would use for a name."""
        for candidate in [provider, *fallback]:
            if model := self.providers[candidate].find_model(name):
                return model
        return None

    def literals(self, model) -> list[str]:
        """Every name that the model's rules spell out in full."""

        def walk(clause):
            if hasattr(clause, "equals"):
                yield clause.equals
            for inner in (getattr(clause, "or_", None) or []):
                yield from walk(inner)

        return [model.id, *walk(model.match)]

    def listing(self, model, skip_time_of_day: bool) -> Listing | None:
        """The model's prices as dated segments; `None` when it has no price per token."""
        prices = model.prices if isinstance(model.prices, list) else [None]
        if prices == [None]:
            dated = [(None, model.prices)]
        else:
            if any(hasattr(p.constraint, "start_time") for p in prices) and not skip_time_of_day:
                raise ValueError(f"{model.id}: prices by time of day need a correction in the policy")
            prices = [p for p in prices if not hasattr(p.constraint, "start_time")]
            dated = sorted(
                ((p.constraint.start_date if p.constraint else None, p.prices) for p in prices),
                key=lambda pair: pair[0] or date.min,
            )
        if not any(self.is_token_priced(price) for _, price in dated):
            return None
        variants: dict[tuple, list] = {}
        for variant in model.price_variants or []:
            selector = tuple(sorted(GENAI_SELECTORS.get(pair, ("", "")) for pair in variant.when.items()))
            if selector == (("", ""),) or not variant.prices.__dict__:
                continue
            begins = variant.constraint.start_date if variant.constraint else None
            variants.setdefault(selector, []).append((begins, variant.prices))
        segments = []
        for index, (start, price) in enumerate(dated):
            end = dated[index + 1][0] if index + 1 < len(dated) else None
            rates = {(): self.rates(price)}
            for selector, options in variants.items():
                # A variant's date says when it was first verified; within an unchanged standard price it holds from
                # the start.
                options.sort(key=lambda pair: pair[0] or date.min)
                usable = [p for begins, p in options if not begins or not end or begins < end]
                started = [p for begins, p in options if not begins or (start and begins <= start)]
                if started or usable:
                    chosen = started[-1] if started else usable[0]
                    rates[selector] = self.rates(price, chosen)
            segments.append(Segment(start, end, rates, self.fees(price)))
        return Listing(model.id, segments, source=f"genai-prices {self.version}")

    @staticmethod
    def is_token_priced(price) -> bool:
        stated = {key for key, value in price.__dict__.items() if value is not None}
        return not stated or bool(stated & {"input_mtok", "output_mtok"})

    @staticmethod
    def rates(price, variant=None) -> Rates:
        result = Rates()
        stated = dict(price.__dict__)
        if variant is not None:
            stated.update({key: value for key, value in variant.__dict__.items() if value is not None})
        for key, name in GENAI_CLASSES.items():
            value = stated.get(key)
            if value is None:
                continue
            result.base[name] = whole_picodollars(value.base if hasattr(value, "base") else value)
            for tier in getattr(value, "tiers", []):
                result.tiers.setdefault(tier.start, {})[name] = whole_picodollars(tier.price)
        # A class that the catalogue leaves out is not billed: embeddings have no output, free models no price.
        if "uncached_input" not in result.base:
            result.base["uncached_input"] = Decimal(0)
        result.base.setdefault("output", Decimal(0))
        return result.normalised()

    @staticmethod
    def fees(price) -> dict[str, Decimal]:
        searches = price.__dict__.get("web_searches_kcount")
        return {"web_search": searches / 1000} if isinstance(searches, Decimal) else {}


class LiteLLM:
    """The model map inside the litellm package: hosts, regions, service tiers; no history."""

    def __init__(self, version: str, work: Path):
        self.version = version
        wheels = work / f"litellm-{version}"
        if not wheels.exists():
            pip("download", "--no-deps", "--dest", str(wheels), f"litellm=={version}")
        with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
            text = wheel.read("litellm/model_prices_and_context_window_backup.json")
        entries = json.loads(text, parse_float=str, parse_int=str)
        self.entries = {k: v for k, v in entries.items() if k not in ("sample_spec", "fallback_generalizations")}

    def listings(self, provider: str, strip: str = "") -> dict[str, tuple[bool, Listing]]:
        """What the map says about a provider's names, and whether the key carried the provider's prefix."""
        found = {}
        for key, entry in self.entries.items():
            if entry.get("litellm_provider") != provider or entry.get("mode") not in TOKEN_MODES:
                continue
            if entry.get("input_cost_per_token") is None:
                continue
            if self.is_sold_otherwise(entry):
                continue
            name = key.removeprefix(strip).lower()
            # A prefixed and a plain key may stand for the same name; the prefixed one is kept up to date.
            if name not in found or key != name:
                try:
                    found[name] = (key != name, self.listing(name, entry))
                except InexactRate as error:
                    print(f"litellm {self.version}: {key} left out: {error}", file=sys.stderr)
        return found

    @staticmethod
    def is_sold_otherwise(entry: dict) -> bool:
        """Whether tokens cost nothing because something else does: songs, seconds, images."""
        if any(Decimal(entry.get(key) or 0) for key in ("input_cost_per_token", "output_cost_per_token")):
            return False
        return any("_cost_per_" in key and isinstance(value, str) and Decimal(value) for key, value in entry.items())

    def listing(self, name: str, entry: dict) -> Listing:
        standard = self.rates(entry, "")
        rates = {(): standard}
        for suffix, selector in LITELLM_SELECTORS.items():
            if suffix and f"input_cost_per_token{suffix}" in entry:
                rates[selector] = self.rates(entry, suffix)
        uplifts: dict[tuple, Decimal] = {}
        for key, value in (entry.get("provider_specific_entry") or {}).items():
            if key == "fast":
                rates[(("speed", "fast"),)] = standard.scaled(Decimal(value)).normalised()
            elif re.fullmatch("[a-z]{2}", key):
                uplifts[("geo", key)] = Decimal(value)
        for geo in ("eu", "us"):
            if value := entry.get(f"regional_processing_uplift_multiplier_{geo}"):
                uplifts[("geo", geo)] = Decimal(value)
        if value := entry.get("regional_endpoint_uplift_multiplier"):
            uplifts[("geo", "*")] = Decimal(value)
        fees = {}
        search = (entry.get("search_context_cost_per_query") or {}).get("search_context_size_medium")
        if search and Decimal(search) != 0:
            fees["web_search"] = Decimal(search)
        return Listing(name, [Segment(None, None, rates, fees)], uplifts, f"litellm {self.version}")

    @staticmethod
    def rates(entry: dict, suffix: str) -> Rates:
        result = Rates()
        # A service tier leaves what it does not state at the standard rate; a batch states all that it discounts.
        fallback = "" if suffix != "_batches" else suffix
        for key, name in LITELLM_CLASSES.items():
            value = entry.get(key + suffix, entry.get(key + fallback))
            if value is not None:
                result.base[name] = per_million(value)
        for key in entry:
            if match := re.fullmatch(r"input_cost_per_token_above_(\d+)k_tokens", key):
                threshold = f"_above_{match[1]}k_tokens"
                tier = {}
                for stem, name in LITELLM_CLASSES.items():
                    value = entry.get(stem + threshold + suffix, entry.get(stem + threshold + fallback))
                    if value is not None:
                        tier[name] = per_million(value)
                if suffix == "":
                    # A tier rate below its base is a slip of the catalogue, such as a write rate that is the read rate.
                    floor = {"cache_write_5m": result.base["uncached_input"], **result.base}
                    tier = {name: value for name, value in tier.items() if value >= floor.get(name, value)}
                if tier:
                    result.tiers[int(match[1]) * 1000] = tier
        result.base.setdefault("output", Decimal(0))
        return result.normalised()


def history(path: Path) -> dict[str, dict[str, dict]]:
    """The last known cost of every name in the dated history, by provider, as `{name: {cost, first, last}}`."""
    found: dict[str, dict[str, dict]] = {}
    with open(path) as lines:
        for line in lines:
            event = json.loads(line, parse_float=str, parse_int=str)
            names = found.setdefault(event["provider"], {})
            known = names.setdefault(event["model"].lower(), {"cost": None})
            if event["event"] != "removed" and event.get("cost"):
                known["cost"] = event["cost"]
    return found


def history_listing(name: str, known: dict, source: str) -> Listing | None:
    """A listing from a name's last known cost, or `None` when its shape is not the current one."""
    cost = known["cost"]
    if not cost or "inputCached" in cost or "input" not in cost or "output" not in cost:
        return None
    keys = {
        "input": "uncached_input",
        "cache_read": "cache_read",
        "cache_write": "cache_write_5m",
        "output": "output",
    }
    take = lambda block: {ours: Decimal(block[theirs]) for theirs, ours in keys.items() if block.get(theirs) is not None}
    rates = Rates(take(cost))
    for tier in cost.get("tiers") or []:
        if size := (tier.get("tier") or {}).get("size"):
            rates.tiers[int(size)] = take(tier)
    return Listing(name, [Segment(None, None, {(): rates.normalised()})], source=source)


def utc_midnight(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
