"""Reads `daily --json` as scripts for ccusage do: date or period, numeric costs, totals that are the sum of the rows."""
import json
import sys
from datetime import date

report = json.load(open(sys.argv[1]))
days = report["daily"]
for day in days:
    key = day["date"] if "date" in day else day["period"]
    assert date.fromisoformat(key)
    assert isinstance(day["totalCost"], (int, float)), day
    assert day["totalTokens"] == sum(
        day[name] for name in ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens"))
    assert abs(sum(model["cost"] for model in day["modelBreakdowns"]) - day["totalCost"]) < 1e-9
    assert set(day["modelsUsed"]) == {model["modelName"] for model in day["modelBreakdowns"]}
assert abs(sum(day["totalCost"] for day in days) - report["totals"]["totalCost"]) < 1e-9
newest = max(days, key=lambda day: day["date"])
print(newest["date"])
print(f"{len(days)} days, {report['totals']['totalTokens']:,} tokens, ${report['totals']['totalCost']:.2f}")
