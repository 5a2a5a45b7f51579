"""What the scripted providers have in common, whichever API they answer.

The newest user prompt names a scene, `SCENE:tools` for instance. Every request gets numbers of its own, derived from its
position, so that a request counted twice or not at all cannot cancel out. What was served is written to a file, one JSON
object a line: that is the truth the meter must find.
"""

import itertools
import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Provider(ThreadingHTTPServer):
    """Serves until shut down; `truth` is a path, `refusals` the statuses with which a scene's first requests are refused."""

    daemon_threads = True

    def __init__(self, handler: type, truth: str, refusals: dict):
        super().__init__(("127.0.0.1", 0), handler)
        self.truth = truth
        self.run = uuid.uuid4().hex[:12]
        self.numbers = itertools.count(1)
        self.refusals = {scene: list(codes) for scene, codes in refusals.items()}
        self.lock = threading.Lock()
        self.hanging = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def record(self, entry: dict) -> None:
        with self.lock, open(self.truth, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def next_refusal(self, scene: str):
        with self.lock:
            codes = self.refusals.get(scene)
            return codes.pop(0) if codes else None


class Handler(BaseHTTPRequestHandler):
    """Answers with JSON, whole or as server-sent events."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def request_body(self) -> dict:
        return json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")

    def answer(self, status: int, content: dict, headers: dict = {}):
        body = json.dumps(content).encode()
        self.begin(status, {"content-type": "application/json", "content-length": str(len(body)), **headers})
        self.wfile.write(body)

    def begin(self, status: int, headers: dict):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def begin_events(self, headers: dict = {}):
        self.begin(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked", **headers})

    def event(self, kind: str, **content):
        data = f"event: {kind}\ndata: {json.dumps({'type': kind, **content})}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def end_events(self):
        self.wfile.write(b"0\r\n\r\n")

    def hang(self, kind: str, **content):
        """Goes on with an answer that never ends; the client is interrupted meanwhile."""
        self.server.hanging.set()
        try:
            for _ in range(200):
                time.sleep(0.1)
                self.event(kind, **content)
        except OSError:
            self.close_connection = True
