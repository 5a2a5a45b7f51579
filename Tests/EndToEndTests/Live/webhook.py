#!/usr/bin/env python3
"""Receives what is posted, and writes a line of JSON for each message: the status it answered and the body.

    webhook.py PORT LOG [ANSWER...]

The first answers are the statuses given, or `hang` for none; all later ones are 200.
"""

import http.server
import json
import sys
import threading
import time

port, log, answers = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
lock = threading.Lock()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with lock:
            answer = answers.pop(0) if answers else "200"
            with open(log, "a", encoding="utf-8") as file:
                file.write(json.dumps({"answer": answer, "body": json.loads(body)}) + "\n")
        if answer == "hang":
            time.sleep(600)
        self.send_response(int(answer))
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
