"""A provider that plays a script: answers the Messages API on loopback with invented text and known usage."""

import json
import re

import scripted

# Each scene is a list of turns; a turn is what the model says and which shell commands it asks for.
SCENES = {
    "answer": [("A plain answer.", [])],
    "tools": [("Two at once.", ["echo one", "echo two"]), ("And another.", ["echo three"]), ("Done.", [])],
    "failing-tool": [("This will fail.", ["exit 3"]), ("It failed.", [])],
    "delegate": [("A helper does it.", ["AGENT"]), ("The helper is done.", [])],
    "overloaded": [("After two refusals.", [])],
    "refused": [("Never said.", [])],
    "slow": [("Never ends.", [])],
}
REFUSALS = {"overloaded": [529, 500], "refused": [400] * 50}


class Messages(scripted.Provider):
    def __init__(self, truth: str):
        super().__init__(Handler, truth, REFUSALS)


def text_of(content) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(block.get("text", "") for block in content if block.get("type") == "text")


def scene_and_step(messages: list):
    """The newest scene that a user asked for, and how many turns of it were given."""
    scene, start = None, 0
    for index, message in enumerate(messages):
        if message["role"] == "user":
            for name in re.findall(r"SCENE:([a-z-]+)", text_of(message["content"])):
                scene, start = name, index
    return scene, sum(message["role"] == "assistant" for message in messages[start:])


class Handler(scripted.Handler):
    def do_HEAD(self):
        self.begin(200, {"content-length": "0"})

    def do_GET(self):
        self.answer(404, error("not_found_error"))

    def do_POST(self):
        request = self.request_body()
        path = self.path.split("?")[0]
        if path == "/v1/messages":
            self.messages(request)
        elif path == "/v1/messages/count_tokens":
            self.answer(200, {"input_tokens": 123})
        else:
            self.answer(404, error("not_found_error"))

    def messages(self, request: dict):
        number = next(self.server.numbers)
        scene, step = scene_and_step(request.get("messages", []))
        tools = {tool.get("name") for tool in request.get("tools", [])}
        request_id = f"req_live{self.server.run}{number:06}"
        served = {
            "model": request.get("model"),
            "request_id": request_id,
            "headers": {"x-claude-code-session-id": self.headers.get("x-claude-code-session-id")},
        }
        refusal = self.server.next_refusal(scene) if tools else None
        if refusal:
            self.server.record({**served, "error": refusal})
            kind = {400: "invalid_request_error", 529: "overloaded_error"}.get(refusal, "api_error")
            retry = {"retry-after": "0"} if refusal >= 500 else {}
            return self.answer(refusal, error(kind), {"request-id": request_id, **retry})

        five_minutes, one_hour = 300 + 7 * number, 700 + 11 * number
        usage = {
            "input_tokens": 10 + number,
            "cache_creation_input_tokens": five_minutes + one_hour,
            "cache_read_input_tokens": 5000 + 3 * number,
            "cache_creation": {
                "ephemeral_5m_input_tokens": five_minutes,
                "ephemeral_1h_input_tokens": one_hour,
            },
            "output_tokens": 1,
            "service_tier": "standard",
        }
        final = {**usage, "output_tokens": 50 + 2 * number}
        if scene == "slow" and tools:
            # The agent knows no more of it than how it began.
            self.server.record({**served, "interrupted": True, "usage": usage})
            return self.begin_and_hang(request, number, usage, request_id)
        blocks = self.blocks(scene, step, tools, number)
        message = self.message(request, number)
        stop = "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn"
        self.server.record({**served, "message_id": message["id"], "usage": final})
        if request.get("stream"):
            self.stream(message, blocks, stop, usage, final, request_id)
        else:
            self.answer(200, {**message, "content": blocks, "stop_reason": stop, "usage": final}, {"request-id": request_id})

    def blocks(self, scene, step: int, tools: set, number: int) -> list:
        if not tools or scene not in SCENES:
            return [{"type": "text", "text": "OK"}]
        turns = SCENES[scene]
        text, commands = turns[min(step, len(turns) - 1)]
        blocks = [{"type": "text", "text": text}]
        for index, command in enumerate(commands):
            name, arguments = "Bash", {"command": command, "description": "scripted"}
            if command == "AGENT":
                name = "Agent" if "Agent" in tools else "Task"
                arguments = {"description": "part", "prompt": "SCENE:answer", "subagent_type": "general-purpose"}
            identity = f"toolu_live{self.server.run}{number:06}_{index}"
            blocks.append({"type": "tool_use", "id": identity, "name": name, "input": arguments})
        return blocks

    def message(self, request: dict, number: int) -> dict:
        return {
            "id": f"msg_live{self.server.run}{number:06}",
            "type": "message",
            "role": "assistant",
            "model": request.get("model"),
            "stop_sequence": None,
        }

    def begin_and_hang(self, request: dict, number: int, usage: dict, request_id: str):
        self.begin_events({"request-id": request_id})
        start = {**self.message(request, number), "content": [], "stop_reason": None, "usage": usage}
        self.event("message_start", message=start)
        self.event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        self.hang("ping")

    def stream(self, message: dict, blocks: list, stop: str, usage: dict, final: dict, request_id: str):
        self.begin_events({"request-id": request_id})
        self.event("message_start", message={**message, "content": [], "stop_reason": None, "usage": usage})
        for index, block in enumerate(blocks):
            if block["type"] == "text":
                start, delta = {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
            else:
                partial = json.dumps(block["input"])
                start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": partial}
            self.event("content_block_start", index=index, content_block=start)
            self.event("content_block_delta", index=index, delta=delta)
            self.event("content_block_stop", index=index)
        self.event("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage=final)
        self.event("message_stop")
        self.end_events()


def error(kind: str) -> dict:
    return {"type": "error", "error": {"type": kind, "message": "scripted"}}
