"""Prints how many calls a second LiteLLM and genai-prices price on one core: the same calls as PriceBenchmark, the same
measure (processor time of one thread, best of three)."""

import json
import os
import sys
import time
from datetime import datetime, timezone

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import genai_prices  # noqa: E402
import litellm  # noqa: E402
from litellm.types.utils import PromptTokensDetailsWrapper, Usage  # noqa: E402

AT = datetime(2026, 11, 18, 12, tzinfo=timezone.utc)
GENAI_PROVIDERS = {"gemini": "google"}


def litellm_call(event):
    total = event["uncached_input"] + event["cache_read"] + event["cache_write"]
    usage = Usage(
        prompt_tokens=total,
        completion_tokens=event["output"],
        total_tokens=total + event["output"],
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=event["cache_read"], cache_creation_tokens=event["cache_write"]
        ),
        cache_read_input_tokens=event["cache_read"],
        cache_creation_input_tokens=event["cache_write"],
    )
    provider = event["provider"]
    model = f"gemini/{event['model']}" if provider == "gemini" else event["model"]
    arguments = dict(
        model=model,
        usage_object=usage,
        prompt_tokens=total,
        completion_tokens=event["output"],
        custom_llm_provider=provider,
    )
    return lambda: sum(litellm.cost_per_token(**arguments))


def genai_call(event):
    total = event["uncached_input"] + event["cache_read"] + event["cache_write"]
    usage = genai_prices.Usage(
        input_tokens=total,
        cache_read_tokens=event["cache_read"] or None,
        cache_write_tokens=event["cache_write"] or None,
        output_tokens=event["output"],
    )
    provider = GENAI_PROVIDERS.get(event["provider"], event["provider"])
    return lambda: genai_prices.calc_price(
        usage, event["model"], provider_id=provider, genai_request_timestamp=AT
    ).total_price


def measure(name, calls):
    sum_of_all = sum(call() for call in calls)
    print(f"{name}, sum of {len(calls)} calls: {sum_of_all} USD")
    best = 0.0
    for _ in range(3):
        done = 0
        start = time.thread_time()
        while time.thread_time() - start < 2:
            for call in calls[:1000]:
                call()
            done += len(calls[:1000])
        best = max(best, done / (time.thread_time() - start))
    print(f"{name:<40}{int(best):>8} calls/s per core")


events = [json.loads(line) for line in open(sys.argv[1])]
measure("litellm.cost_per_token, usage prebuilt", [litellm_call(event) for event in events])
measure("genai_prices.calc_price", [genai_call(event) for event in events])
