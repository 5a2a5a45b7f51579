"""A provider that plays a script: answers the Responses API on loopback with invented text and known usage.

A request whose client went away before its answer was complete is written without usage: nothing on any channel can know it.
"""

import json
import re
import time

import scripted

# Each scene is a list of turns; a turn is what the model says and which tools it asks for.
SCENES = {
    "answer": [("A plain answer.", [])],
    "tools": [("One.", [("exec", "echo one")]), ("Two.", [("exec", "echo two")]), ("Done.", [])],
    "failing-tool": [("This will fail.", [("exec", "exit 3")]), ("It failed.", [])],
    "delegate": [("A helper does it.", [("spawn", "SCENE:answer")]), ("Waiting.", [("wait", "")]), ("Done.", [])],
    "overloaded": [("After two refusals.", [])],
    "refused": [("Never said.", [])],
    "slow": [("Starts.", [("exec", "echo one")]), ("Never ends.", [])],
}
REFUSALS = {"overloaded": [503, 500], "refused": [400] * 50}


class Responses(scripted.Provider):
    def __init__(self, truth: str):
        super().__init__(Handler, truth, REFUSALS)


def scene_and_step(items: list):
    """The newest scene that a user asked for, and how many turns of it were given."""
    scene, start = None, 0
    for index, item in enumerate(items):
        if item.get("type") == "message" and item.get("role") == "user":
            for part in item.get("content") or []:
                for name in re.findall(r"SCENE:([a-z-]+)", part.get("text") or ""):
                    scene, start = name, index
    return scene, sum((item.get("type") or "").endswith("_output") for item in items[start:])


class Handler(scripted.Handler):
    def do_GET(self):
        self.answer(404, {"error": {"message": "scripted"}})

    def do_POST(self):
        request = self.request_body()
        if self.path.split("?")[0].endswith("/responses"):
            self.respond(request)
        else:
            self.answer(404, {"error": {"message": "scripted"}})

    def respond(self, request: dict):
        number = next(self.server.numbers)
        scene, step = scene_and_step(request.get("input") or [])
        identity = f"resp_live{self.server.run}{number:06}"
        served = {
            "model": request.get("model"),
            "response_id": identity,
            "client_metadata": {"thread_id": (request.get("client_metadata") or {}).get("thread_id")},
        }
        refusal = self.server.next_refusal(scene)
        if refusal:
            self.server.record({**served, "error": refusal})
            return self.answer(refusal, {"error": {"message": "scripted", "type": "scripted"}})
        usage = {
            "input_tokens": 6000 + 5 * number,
            "input_tokens_details": {"cached_tokens": 5000 + 3 * number},
            "output_tokens": 100 + 7 * number,
            "output_tokens_details": {"reasoning_tokens": 40 + number},
        }
        usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]
        turns = SCENES.get(scene) or SCENES["answer"]
        text, calls = turns[min(step, len(turns) - 1)]
        items = [message(text, number)] + [call(*wanted, self.server.run, number, request) for wanted in calls]
        if scene == "slow" and not calls:
            self.server.record({**served, "error": "interrupted"})
            self.begin_events()
            self.event("response.created", response={"id": identity, "status": "in_progress", "output": []})
            return self.hang("response.in_progress", response={"id": identity, "status": "in_progress"})
        self.server.record({**served, "usage": usage})
        self.stream(identity, request.get("model"), items, usage)

    def stream(self, identity: str, model: str, items: list, usage: dict):
        self.begin_events()
        answer = {"id": identity, "object": "response", "created_at": int(time.time()), "model": model}
        self.event("response.created", response={**answer, "status": "in_progress", "output": []})
        for index, item in enumerate(items):
            self.event("response.output_item.added", output_index=index, item=item)
            self.event("response.output_item.done", output_index=index, item=item)
        done = {**answer, "status": "completed", "output": items, "usage": usage, "service_tier": "default"}
        self.event("response.completed", response=done)
        self.end_events()


def message(text: str, number: int) -> dict:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {
        "type": "message", "id": f"msg_{number}", "role": "assistant", "status": "completed", "content": content,
    }


def call(tool: str, wanted: str, run: str, number: int, request: dict) -> dict:
    identity = f"call_live{run}{number:06}"
    name, arguments = "exec_command", {"cmd": wanted}
    if tool == "spawn":
        name, arguments = "spawn_agent", {"message": wanted}
    elif tool == "wait":
        name, arguments = "wait_agent", {"targets": agents(request), "timeout_ms": 120000}
    item = {
        "type": "function_call", "id": f"fc_{number}", "call_id": identity, "name": name,
        "arguments": json.dumps(arguments),
    }
    return item if tool == "exec" else {**item, "namespace": "multi_agent_v1"}


def agents(request: dict) -> list:
    """The helpers that were started, as the tools' answers name them."""
    text = json.dumps([item for item in request.get("input") or [] if item.get("type") == "function_call_output"])
    return re.findall(r'agent_id[\\"]+:[ ]*[\\"]+([0-9a-f-]{36})', text)
