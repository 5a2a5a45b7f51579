"""A provider that plays a script: answers the Responses API on loopback with invented text and known usage.

The newest user prompt names its scene, `SCENE:tools` for instance. Every request gets numbers of its own, derived from
its position, so that a request counted twice or not at all cannot cancel out. What was served is written to a file, one
JSON object a line: that is the truth the meter must find. A request whose client went away before its answer was complete
is written without usage: nothing on any channel can know it.
"""

import itertools
import json
import re
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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


class Responses(ThreadingHTTPServer):
    """Serves until shut down; `truth` is a path."""

    daemon_threads = True

    def __init__(self, truth: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.truth = truth
        self.run = uuid.uuid4().hex[:12]
        self.numbers = itertools.count(1)
        self.refusals = {scene: list(codes) for scene, codes in REFUSALS.items()}
        self.lock = threading.Lock()
        self.hanging = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def record(self, entry: dict) -> None:
        with self.lock, open(self.truth, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def next_refusal(self, scene: str):
        with self.lock:
            codes = self.refusals.get(scene)
            return codes.pop(0) if codes else None


def scene_and_step(items: list):
    """The newest scene that a user asked for, and how many turns of it were given."""
    scene, start = None, 0
    for index, item in enumerate(items):
        if item.get("type") == "message" and item.get("role") == "user":
            for part in item.get("content") or []:
                for name in re.findall(r"SCENE:([a-z-]+)", part.get("text") or ""):
                    scene, start = name, index
    return scene, sum((item.get("type") or "").endswith("_output") for item in items[start:])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(404, {"error": {"message": "scripted"}})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
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
            return self.hang(identity)
        self.server.record({**served, "usage": usage})
        self.stream(identity, request.get("model"), items, usage)

    def hang(self, identity: str):
        """Begins an answer that never ends; the client is interrupted meanwhile."""
        self.begin()
        self.event("response.created", response={"id": identity, "status": "in_progress", "output": []})
        self.server.hanging.set()
        try:
            for _ in range(200):
                time.sleep(0.1)
                self.event("response.in_progress", response={"id": identity, "status": "in_progress"})
        except OSError:
            self.close_connection = True

    def stream(self, identity: str, model: str, items: list, usage: dict):
        self.begin()
        answer = {"id": identity, "object": "response", "created_at": int(time.time()), "model": model}
        self.event("response.created", response={**answer, "status": "in_progress", "output": []})
        for index, item in enumerate(items):
            self.event("response.output_item.added", output_index=index, item=item)
            self.event("response.output_item.done", output_index=index, item=item)
        done = {**answer, "status": "completed", "output": items, "usage": usage, "service_tier": "default"}
        self.event("response.completed", response=done)
        self.wfile.write(b"0\r\n\r\n")

    def begin(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def event(self, kind: str, **content):
        data = f"event: {kind}\ndata: {json.dumps({'type': kind, **content})}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def answer(self, status: int, content: dict):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


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
        name, arguments = "wait_agent", {"targets": agents(request), "timeout_ms": 20000}
    item = {
        "type": "function_call", "id": f"fc_{number}", "call_id": identity, "name": name,
        "arguments": json.dumps(arguments),
    }
    return item if tool == "exec" else {**item, "namespace": "multi_agent_v1"}


def agents(request: dict) -> list:
    """The helpers that were started, as the tools' answers name them."""
    text = json.dumps([item for item in request.get("input") or [] if item.get("type") == "function_call_output"])
    return re.findall(r'agent_id[\\"]+:[ ]*[\\"]+([0-9a-f-]{36})', text)
