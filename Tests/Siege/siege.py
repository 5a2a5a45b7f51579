#!/usr/bin/env python3
"""Besieges a running ingest: mutated requests, slow ones, floods of headers, gzip bombs, all while honest agents report.

    siege.py FOLDER-WITH-EXECUTABLES [REQUESTS]

Passes when every answer is one that ingest may give, memory stays bounded, honest requests are answered all along, and
each honest call is counted exactly once. Prints its figures; the last line is `N passed, N failed`.
"""

import collections
import gzip
import http.client
import json
import os
import pathlib
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

FIXTURES = pathlib.Path(__file__).parents[1] / "HarnessesTests/Fixtures"
SEED = 20261128
# What ingest may answer; 500 would make an OpenTelemetry client drop its data.
ALLOWED = {200, 400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 429, 431, 501, 503, 505}
MEMORY_LIMIT_MB = 768
results = []


def check(name, holds, detail=""):
    results.append(bool(holds))
    print(("ok    " if holds else "FAILED") + f" {name}: {detail}", flush=True)


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Stack:
    """The four services, started as a user starts them."""

    def __init__(self, executables):
        self.folder = tempfile.TemporaryDirectory()
        help_text = subprocess.run([executables + "/tollbook", "up", "--help"], capture_output=True, text=True).stdout
        flags = [word for word in help_text.split() if word.startswith("--") and word.endswith("-port")]
        ports = dict(zip(dict.fromkeys(flags), free_ports(len(flags))))
        self.ingest, self.query = ports["--ingest-port"], ports["--query-port"]
        arguments = [text for flag, port in ports.items() for text in (flag, str(port))]
        log = open(self.folder.name + "/up.log", "w")
        self.process = subprocess.Popen(
            [executables + "/tollbook", "up", "--data", self.folder.name + "/data", *arguments], stdout=log, stderr=log
        )
        deadline = time.monotonic() + 60
        while not (self.is_ready(self.ingest) and self.is_ready(self.query)):
            if time.monotonic() > deadline:
                raise SystemExit(pathlib.Path(log.name).read_text())
            time.sleep(0.2)
        self.pid = next(pid for pid in self.children() if "tollbook-ingest" in self.command(pid))

    @staticmethod
    def is_ready(port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def children(self):
        return pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()

    @staticmethod
    def command(pid):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_text()

    def memory_mb(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0

    def counted(self, session):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.query}/v1/usage?session={session}", timeout=20) as answer:
            return json.load(answer)["totals"]["calls"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.folder.cleanup()


class HonestAgent(threading.Thread):
    """Reports one call after another, each until it is taken, and notes how long each took."""

    SESSION = "honest-agent"

    def __init__(self, stack):
        super().__init__()
        self.stack = stack
        self.times = []
        self.worst_refusal = None
        self.must_end = threading.Event()

    def run(self):
        while not self.must_end.wait(0.02):
            start = time.monotonic()
            while not self.report(len(self.times)):
                time.sleep(0.05)
            self.times.append(time.monotonic() - start)

    def report(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.ingest, timeout=10)
        try:
            connection.request("POST", "/v1/logs", self.body(number), {"Content-Type": "application/json"})
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def body(self, number):
        values = {
            "event.name": "api_request", "session.id": self.SESSION, "model": "claude-opus-4-6",
            "request_id": f"req_honest_{number}", "input_tokens": "10", "output_tokens": "1",
        }
        attributes = [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]
        record = {"timeUnixNano": str(1_795_176_000_000_000_000 + number), "attributes": attributes}
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "claude-code"}}]}
        scope = {"scope": {"name": "com.anthropic.claude_code.events"}, "logRecords": [record]}
        return json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [scope]}]})


def exchange(port, data, patience=10):
    """The status of the answer to some bytes; None when the connection ended without one, 0 when it stayed silent.

    Reads while it writes, as clients do: an answer may come before everything was sent.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        connection.setblocking(False)
        rest, answer = memoryview(data), b""
        deadline = time.monotonic() + patience
        while b"\r\n" not in answer:
            readable, writable, _ = select.select([connection], [connection] if rest else [], [], 1)
            try:
                if readable:
                    part = connection.recv(65536)
                    if not part:
                        return None
                    answer += part
                elif writable:
                    rest = rest[connection.send(rest):]
                    if not rest:
                        connection.shutdown(socket.SHUT_WR)
            except BlockingIOError:
                pass
            except OSError:
                return None
            if time.monotonic() > deadline:
                return 0
        try:
            return int(answer.split(b" ", 2)[1])
        except (ValueError, IndexError):
            return None


def requests():
    """Sound requests of every kind that the fixtures have."""
    made = []
    for path in sorted(FIXTURES.rglob("*")):
        if not path.is_file() or path.stat().st_size > 40_000 or path.suffix not in (".json", ".pb", ".jsonl"):
            continue
        body = path.read_bytes()
        kind = {".json": "application/json", ".pb": "application/x-protobuf", ".jsonl": "application/x-ndjson"}[path.suffix]
        signal_name = next((name for name in ("metrics", "traces") if name in path.name), "logs")
        target = f"/v1/{signal_name}" if path.suffix != ".jsonl" else f"/v1/transcripts/{path.relative_to(FIXTURES).parts[0]}"
        for encoding in ("", "gzip"):
            sent = gzip.compress(body) if encoding else body
            head = f"POST {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\n"
            head += f"Content-Encoding: {encoding}\r\n" if encoding else ""
            made.append((f"{head}Content-Length: {len(sent)}\r\n\r\n".encode(), sent))
    return made


def mutated(head, body, dice):
    """A request with some bytes changed, cut, repeated or moved, in its body nine times of ten."""
    data = bytearray(body)
    if dice.random() < 0.1:
        data = bytearray(head)
    for _ in range(dice.randint(1, 8)):
        place = dice.randrange(len(data) or 1)
        choice = dice.randrange(6)
        if choice == 0 and data:
            data[place] ^= 1 << dice.randrange(8)
        elif choice == 1:
            del data[place:place + dice.randint(1, 50)]
        elif choice == 2:
            data[place:place] = data[place:place + dice.randint(1, 50)]
        elif choice == 3:
            data[place:place] = dice.randbytes(dice.randint(1, 20))
        elif choice == 4:
            data[place:place] = dice.choice([b"[[[[[[[[", b'{"a":', b"\x00", b"-1", b"1e999", b"\xff\xfe", b"NaN", b'"'])
        else:
            data = data[:place]
    if len(data) and bytes(data[:4]) == head[:4]:
        return bytes(data) + body
    return head.replace(f"Content-Length: {len(body)}".encode(), f"Content-Length: {len(data)}".encode()) + bytes(data)


def mutation_storm(stack, count, workers=8):
    sound = requests()
    tallies = [collections.Counter() for _ in range(workers)]

    def work(number):
        dice = random.Random(SEED + number)
        for _ in range(count // workers):
            tallies[number][exchange(stack.ingest, mutated(*dice.choice(sound), dice))] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(tallies, collections.Counter())


def slow_clients(stack, count, seconds):
    """Opens connections to ingest and to query that send a byte a second; gives how many were closed at the end."""
    ports = (stack.ingest, stack.query)
    connections = [socket.create_connection(("127.0.0.1", ports[number % 2])) for number in range(count)]
    for connection in connections:
        connection.sendall(b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nX: ")
    deadline = time.monotonic() + seconds
    closed = set()
    while time.monotonic() < deadline and len(closed) < count:
        for index, connection in enumerate(connections):
            if index in closed:
                continue
            try:
                connection.send(b"x")
                connection.setblocking(False)
                if connection.recv(1024) == b"":
                    closed.add(index)
            except BlockingIOError:
                pass
            except OSError:
                closed.add(index)
        time.sleep(1)
    for connection in connections:
        connection.close()
    return len(closed)


def header_flood(stack, count):
    statuses = collections.Counter()
    lines = "".join(f"X-{number}: {'y' * 100}\r\n" for number in range(20_000))
    one = f"POST /v1/logs HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode()
    long = b"POST /v1/logs HTTP/1.1\r\nHost: x\r\nX: " + b"y" * (8 << 20) + b"\r\n\r\n"
    for number in range(count):
        statuses[exchange(stack.ingest, long if number % 2 else one)] += 1
    return statuses


def bombs(stack, count):
    bomb = gzip.compress(bytes(1 << 30), 9)
    head = "POST /v1/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    data = f"{head}Content-Length: {len(bomb)}\r\n\r\n".encode() + bomb
    statuses = collections.Counter()
    lock = threading.Lock()

    def send():
        status = exchange(stack.ingest, data, patience=60)
        with lock:
            statuses[status] += 1

    threads = [threading.Thread(target=send) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def main():
    executables = os.path.realpath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    stack = Stack(executables)
    agent = HonestAgent(stack)
    peak = [0.0]
    watching = threading.Event()

    def watch():
        while not watching.wait(0.1):
            peak[0] = max(peak[0], stack.memory_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    agent.start()
    try:
        statuses = mutation_storm(stack, count)
        wrong = {status: times for status, times in statuses.items() if status is not None and status not in ALLOWED}
        check(f"{count} mutated requests are answered with what a client understands", not wrong, dict(statuses))
        statuses = header_flood(stack, 40)
        check("floods of headers are refused", 200 not in statuses and 0 not in statuses, dict(statuses))
        statuses = bombs(stack, 32)
        check("gzip bombs are refused", set(statuses) <= {413, 503}, dict(statuses))
        closed = slow_clients(stack, 1000, 90)
        check("clients that send a byte a second lose their connection", closed == 1000, f"{closed} of 1000 within 90 s")
    finally:
        agent.must_end.set()
        agent.join()
        watching.set()
        watcher.join()
    times = sorted(agent.times)
    slowest, median = times[-1], times[len(times) // 2]
    check("honest requests were answered all along", slowest < 10, f"median {median * 1e3:.1f} ms, slowest {slowest:.2f} s")
    check("memory of ingest stayed bounded", peak[0] < MEMORY_LIMIT_MB, f"{peak[0]:.0f} MB at most")
    deadline = time.monotonic() + 60
    while stack.counted(agent.SESSION) < len(times) and time.monotonic() < deadline:
        time.sleep(0.5)
    time.sleep(2)
    counted = stack.counted(agent.SESSION)
    check("every honest call counts once", counted == len(times), f"{counted} of {len(times)}")
    stack.stop()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
