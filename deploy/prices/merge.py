"""Merges what the sources say about each name of a provider, by the rules of policy.toml."""

from __future__ import annotations

import re
from collections import defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal

from .sources import GenAIPrices, Listing, LiteLLM, Rates, Segment, history_listing

BATCH = (("service_tier", "batch"),)
SNAPSHOT = re.compile(r"(?:@(?:\d{8}|default|\d{3})|-\d{4}-\d{2}-\d{2}|-20\d{6})(?=-v\d|:|$)")
# A version of Amazon Bedrock's names, which begin with the maker and a dot: `anthropic.claude-…-v1:0`.
BEDROCK_VERSION = re.compile(r"(?<=.)(?:-v\d+(?::\d+)?|:\d+)$")
BEDROCK_NAME = re.compile(r"^(?:[a-z0-9-]+/)?(?:[a-z-]+\.)+[a-z]")


def without_snapshot(name: str) -> str:
    if BEDROCK_NAME.match(name):
        name = BEDROCK_VERSION.sub("", name)
    if name.startswith("gemini-"):
        name = re.sub(r"-00\d$", "", name)
    return SNAPSHOT.sub("", name)


@dataclass
class Model:
    """A model of a provider: its prices and every name that stands for it."""

    id: str
    listing: Listing
    names: set[str] = field(default_factory=set)


class Merger:
    """Builds one provider's models; differences that a rule settled are appended to `conflicts`."""

    def __init__(self, policy: dict, genai: GenAIPrices, litellm: LiteLLM, conflicts: list):
        self.policy = policy
        self.genai = genai
        self.conflicts = conflicts
        self.hosted = self.listings(litellm)

    def listings(self, litellm: LiteLLM) -> dict[str, Listing]:
        """The map's entries for the provider's names; one that carries the provider's prefix comes first."""
        found: dict[str, tuple[bool, Listing]] = {}
        for source in self.policy.get("litellm", []):
            for name, (prefixed, listing) in litellm.listings(source["provider"], source.get("strip", "")).items():
                if name not in found or (prefixed and not found[name][0]):
                    found[name] = (prefixed, listing)
        return {name: listing for name, (_, listing) in found.items()}

    def models(self) -> list[Model]:
        groups: dict[tuple, Model] = {}
        spines = self.spine_names()
        for name in sorted({*spines, *self.hosted}):
            spine_model = spines.get(name) or self.find(name)
            listing = self.listing(name, spine_model)
            owner = spine_model.id if spine_model else without_snapshot(name)
            key = (owner, fingerprint(listing))
            if key not in groups:
                groups[key] = Model(name, listing)
            groups[key].names.add(name)
        return self.named(list(groups.values()), spines)

    def retired(self, models: list[Model], older: list[LiteLLM], history: dict) -> list[Model]:
        """Models that no current catalogue lists any more, at the last rates an older one or the history knows."""
        known = {name for model in models for name in model.names}
        known |= {without_snapshot(name) for name in known}
        found: dict[str, Listing] = {}
        for catalogue in older:
            for name, listing in self.listings(catalogue).items():
                if name not in known and without_snapshot(name) not in known:
                    found.setdefault(name, listing)
        for provider in self.policy.get("history", []):
            for name, cost in history.get(provider, {}).items():
                if name in known or name in found or without_snapshot(name) in known:
                    continue
                if re.search(self.policy.get("history_skip", "(?!)"), name):
                    continue
                if listing := history_listing(name, cost, "models.dev history to 2026-06-30"):
                    found[name] = listing
        by_id = {model.id: model for model in models}
        groups: dict[tuple, Model] = {}
        for name, listing in sorted(found.items()):
            spine = self.find(name)
            if spine and spine.id in by_id:
                model = by_id[spine.id]
                is_same = without_snapshot(name).removesuffix("-latest") in known
                if is_same or any(base_equal(s.rates[()], listing.current.rates[()]) for s in model.listing.segments):
                    model.names.add(name)
                    continue
            key = (without_snapshot(name), fingerprint(listing))
            groups.setdefault(key, Model(name, listing)).names.add(name)
        return self.named(list(groups.values()), {})

    def named(self, models: list[Model], spines: dict) -> list[Model]:
        """Names each model by the catalogue's own id where it has it, else by its shortest name."""
        ids = {m.id for m in spines.values()}
        for model in models:
            own = sorted(name for name in model.names if name in ids)
            model.id = own[0] if own else min(model.names, key=lambda name: (len(name), name))
        taken = {name for model in models for name in model.names}
        short: dict[str, list[Model]] = defaultdict(list)
        for model in models:
            for name in model.names:
                short[without_snapshot(name)].append(model)
        for name, owners in short.items():
            if name not in taken and len({fingerprint(owner.listing) for owner in owners}) == 1:
                owners[0].names.add(name)
        return sorted(models, key=lambda model: model.id)

    def spine_names(self) -> dict:
        names = {}
        if self.policy.get("genai_only_matched"):
            return names
        for model in self.genai.providers[self.policy["genai"]].models:
            if re.search(self.policy.get("genai_skip", "(?!)"), model.id):
                continue
            if self.genai.listing(model, self.skip_time_of_day) is None:
                continue
            for name in self.genai.literals(model):
                name = name.lower()
                if name not in names and self.genai.find(self.policy["genai"], name) is model:
                    names[name] = model
        return names

    @property
    def skip_time_of_day(self) -> bool:
        return self.policy.get("skip_time_of_day", False)

    def find(self, name: str):
        model = self.genai.find(self.policy["genai"], name, self.policy.get("genai_fallback", []))
        if model is None or self.genai.listing(model, True) is None:
            return None
        return model

    def listing(self, name: str, spine_model) -> Listing:
        spine = self.genai.listing(spine_model, True) if spine_model else None
        hosted = self.hosted.get(name)
        if hosted is None and spine_model is not None:
            hosted = self.hosted_sibling(spine_model, spine)
        if spine is None and hosted is not None:
            for segment in hosted.segments:
                self.complete_batch(segment)
        if spine is None or hosted is None:
            return spine or hosted
        ours, theirs = spine.current.rates[()], hosted.current.rates[()]
        if uplift := self.policy.get("in_region_uplift"):
            if in_region(theirs, Decimal(uplift), ours):
                self.note(name, "in-region", ours, theirs, "genai-prices")
                regional = self.hosted.get(f"us.{name}") or uplifted(hosted, Decimal(uplift))
                return self.combined(name, spine, regional)
        if same(ours, theirs):
            return self.combined(name, spine, hosted)
        if self.prefers_spine(name, spine_model, ours, theirs):
            self.note(name, "differs", ours, theirs, "genai-prices")
            return self.combined(name, spine, hosted)
        self.note(name, "differs", ours, theirs, "litellm")
        listing = deepcopy(hosted)
        supplement(listing.current.rates[()], ours)
        return listing

    def hosted_sibling(self, spine_model, spine: Listing) -> Listing | None:
        """LiteLLM's entry for another name of the same model, if its standard price is the same."""
        for name in sorted(name.lower() for name in self.genai.literals(spine_model)):
            other = self.hosted.get(name)
            if other and same(other.current.rates[()], spine.current.rates[()]):
                return other
        return None

    def prefers_spine(self, name: str, spine_model, ours: Rates, theirs: Rates) -> bool:
        if re.search(self.policy.get("floating", "(?!)"), name):
            return False
        spelled = {literal.lower() for literal in self.genai.literals(spine_model)}
        if name not in spelled and without_snapshot(name) not in spelled and not base_equal(ours, theirs):
            return False
        match self.policy["prefer"]:
            case "genai":
                return True
            case "litellm":
                return False
            case "cached":
                # An entry of a retired model that lost its cache rates lost its base rate's upkeep as well.
                return "cache_read" not in theirs.base or base_equal(ours, theirs)
        raise ValueError(f"{self.policy['id']}: unknown preference {self.policy['prefer']}")

    def combined(self, name: str, spine: Listing, hosted: Listing | None) -> Listing:
        """The spine's dated segments, with what only the host's entry knows added to the current one."""
        listing = deepcopy(spine)
        if hosted is None:
            return listing
        current, theirs = listing.current, hosted.current
        if base_equal(current.rates[()], theirs.rates[()]):
            supplement(current.rates[()], theirs.rates[()])
        for segment in listing.segments:
            if not base_equal(segment.rates[()], theirs.rates[()]):
                continue
            for selector, rates in theirs.rates.items():
                if selector != ():
                    self.add_selector(name, segment, selector, rates)
        for segment in listing.segments:
            self.complete_batch(segment)
            if not segment.fees and theirs.fees:
                segment.fees = dict(theirs.fees)
        listing.uplifts = dict(hosted.uplifts)
        listing.source = f"{spine.source}, {hosted.source}"
        return listing

    def add_selector(self, name: str, segment: Segment, selector: tuple, theirs: Rates) -> None:
        standard = segment.rates[()]
        ours = segment.rates.get(selector)
        ratio = theirs.base["uncached_input"] / (standard.base["uncached_input"] or 1)
        if ratio > 5 and selector != (("service_tier", "ultrafast"),):
            self.note(name, f"{label(selector)} is {ratio:f} x standard", ours or standard, theirs, "dropped")
            return
        if ours is None:
            segment.rates[selector] = deepcopy(theirs)
            return
        if same(ours, theirs):
            return
        if self.policy.get("prefer_selectors") == "litellm":
            self.note(name, label(selector), ours, theirs, "litellm")
            segment.rates[selector] = deepcopy(theirs)
            supplement(segment.rates[selector], ours)
        else:
            self.note(name, label(selector), ours, theirs, "genai-prices")

    @staticmethod
    def complete_batch(segment: Segment) -> None:
        """The batch discount stacks with the write lifetime: a missing one-hour rate keeps the five-minute ratio."""
        batch, standard = segment.rates.get(BATCH), segment.rates[()]
        if batch is None or "cache_write_1h" in batch.base or "cache_write_1h" not in standard.base:
            return
        if "cache_write_5m" not in batch.base:
            return
        ratio = batch.base["cache_write_5m"] / standard.base["cache_write_5m"]
        batch.base["cache_write_1h"] = standard.base["cache_write_1h"] * ratio
        for start, tier in batch.tiers.items():
            if start in standard.tiers and "cache_write_1h" in standard.tiers[start]:
                tier.setdefault("cache_write_1h", standard.tiers[start]["cache_write_1h"] * ratio)

    def note(self, name: str, what: str, ours: Rates, theirs: Rates, chosen: str) -> None:
        self.conflicts.append((self.policy["id"], name, what, brief(ours), brief(theirs), chosen))


def base_equal(left: Rates, right: Rates) -> bool:
    return all(left.base.get(name) == right.base.get(name) for name in ("uncached_input", "output"))


def resolved(rates: dict[str, Decimal]) -> tuple:
    """A rate for every class, with the ones left out taken from the class they fall back to."""
    read = rates.get("cache_read", rates["uncached_input"])
    write = rates.get("cache_write_5m", rates["uncached_input"])
    hour = rates.get("cache_write_1h", write)
    return tuple(value.normalize() for value in (rates["uncached_input"], read, write, hour, rates["output"]))


def same(left: Rates, right: Rates) -> bool:
    """Whether two prices bill every request alike (an inclusive threshold and the one before it are the same)."""
    starts = lambda rates: {start + start % 2 for start in rates.tiers}
    if resolved(left.base) != resolved(right.base) or starts(left) != starts(right):
        return False
    return all(
        resolved(left.tier(a)) == resolved(right.tier(b)) for a, b in zip(sorted(left.tiers), sorted(right.tiers))
    )


def in_region(host: Rates, uplift: Decimal, spine: Rates) -> bool:
    """Whether the spine's rates are the host's global ones with the in-region premium on."""
    return host.base["uncached_input"] != 0 and all(
        host.base[name] * uplift == spine.base[name] for name in ("uncached_input", "output")
    )


def uplifted(listing: Listing, factor: Decimal) -> Listing:
    result = deepcopy(listing)
    for segment in result.segments:
        segment.rates = {selector: rates.scaled(factor) for selector, rates in segment.rates.items()}
    return result


def supplement(rates: Rates, other: Rates) -> None:
    """Adds classes and tiers that only the other source states."""
    for name, value in other.base.items():
        rates.base.setdefault(name, value)
    if not rates.tiers and other.tiers and base_equal(rates, other):
        rates.tiers = deepcopy(other.tiers)
    for start, tier in rates.tiers.items():
        for name, value in other.tiers.get(start, {}).items():
            tier.setdefault(name, value)


def fingerprint(listing: Listing) -> str:
    parts = []
    for segment in listing.segments:
        rates = sorted((selector, brief(value)) for selector, value in segment.rates.items())
        parts.append((segment.start, segment.end, rates, sorted(segment.fees.items())))
    return repr((parts, sorted(listing.uplifts.items())))


def label(selector: tuple) -> str:
    return ",".join(f"{key}={value}" for key, value in selector) or "standard"


def brief(rates: Rates) -> str:
    row = lambda r: "/".join(f"{value:f}" for value in resolved(r))
    text = row(rates.base)
    for start in sorted(rates.tiers):
        text += f"; >{start}: {row(rates.tier(start))}"
    return text
