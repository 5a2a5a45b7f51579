#!/usr/bin/env python3
"""Subscribers that come, go, dawdle and never read, all of which must end equal to the ledger.

    subscribers.py FEED HTTP SEED PROCESSES DISCONNECTS FOLDER

FEED is the ZeroMQ endpoint, HTTP the query service's address, PROCESSES how many processes subscribe, DISCONNECTS how often
all together leave in mid-stream. Each keeps what the README tells subscribers to keep. When the file FOLDER/stop holds a
number, all stay until they have the change of that number, then the parent compares every one with the ledger read from its
beginning, prints one line for each, and ends with 0 if all are equal. FOLDER/ready is made when all have subscribed once.

Each process is one subscriber. One that is too slow lets its queue run full, and libzmq (up to 4.3.5, its issue 3937) aborts
a process whose queue is full when the publisher dies: that one is started again, knows nothing, and must end equal too.
"""

import hashlib
import http.client
import json
import pathlib
import random
import socket
import signal
import subprocess
import sys
import threading
import time

import zmq

SLOWNESS = 100


class Follower:
    """What a subscriber keeps: the last number it has, and the newest version of every call."""

    def __init__(self, server):
        self.server, self.connection = server, None
        self.epoch, self.done, self.calls = None, 0, {}
        self.replays = self.restarts = 0

    def hear(self, frame):
        """Takes a frame of the feed: a change, or a sign of life that knows of one."""
        message = json.loads(frame[frame.index(b"{"):])
        self.enter(message["epoch"])
        if "charge" in message and message["seq"] == self.done + 1:
            self.take(message)
        elif message["seq"] > self.done:
            self.replays += 1
            self.catch_up()

    def catch_up(self):
        """Fetches what was missed; a service that is away is asked again."""
        while True:
            page = self.page()
            self.enter(page["epoch"])
            for change in page["changes"]:
                self.take(change)
            if not page["changes"]:
                return

    def page(self):
        while True:
            try:
                self.connection = self.connection or http.client.HTTPConnection(self.server, timeout=60)
                self.connection.request("GET", f"/v1/changes?after={self.done}&limit=500")
                answer = self.connection.getresponse()
                body = answer.read()
                if answer.status == 200:
                    return json.loads(body)
            except (OSError, http.client.HTTPException, ValueError):
                pass
            self.connection = None
            time.sleep(0.1)

    def enter(self, epoch):
        if self.epoch not in (None, epoch):
            self.done, self.calls = 0, {}
            self.restarts += 1
        self.epoch = epoch

    def take(self, change):
        if change["seq"] <= self.done:
            return
        self.done = change["seq"]
        call = change["charge"]
        version = (call["revision"], call["rating"].get("repricing", 0))
        if version > self.calls.get(call["key"], ((0, 0), None))[0]:
            self.calls[call["key"]] = (version, None if change["op"] == "retract" else call)

    def digest(self):
        standing = {key: call for key, (_, call) in self.calls.items() if call is not None}
        text = json.dumps(standing, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest(), len(standing)


class Feed:
    """One connection to the feed; leaving it takes the whole context along, as the end of a process would."""

    def __init__(self, endpoint, high_water_mark=10_000):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.SUB)
        self.socket.setsockopt(zmq.RCVHWM, high_water_mark)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 50)
        self.socket.setsockopt(zmq.SUBSCRIBE, b"tollbook.v1.")
        self.socket.connect(endpoint)

    def frame(self, seconds):
        return self.socket.recv() if self.socket.poll(seconds * 1000) else None

    def leave(self):
        self.context.destroy(linger=0)


def last_change(folder):
    try:
        return int((folder / "stop").read_text() or 0)
    except (FileNotFoundError, ValueError):
        return 0


def subscribe(role, endpoint, server, seed, disconnects, folder):
    chance = random.Random(seed)
    follower = Follower(server)
    if role == "late":
        time.sleep(chance.uniform(3, 15))
    left = 0
    if role == "leaving":
        while left < disconnects and not last_change(folder):
            # Some forget all they knew, and so join late.
            if chance.random() < 0.02:
                follower = Follower(server)
            feed = Feed(endpoint)
            until = time.monotonic() + chance.uniform(0, 0.5)
            while (now := time.monotonic()) < until:
                if (frame := feed.frame(until - now)) is not None:
                    follower.hear(frame)
            feed.leave()
            left += 1
            (folder / f"subscribed-{seed}").touch()
            time.sleep(chance.uniform(0, 0.1))
        # Those for whom the stream was too short leave the rest of the times now.
        while left < disconnects:
            Feed(endpoint).leave()
            left += 1
    feed = Feed(endpoint, high_water_mark=10 if role == "slow" else 10_000)
    (folder / f"subscribed-{seed}").touch()
    begin = time.monotonic()
    while (last := last_change(folder)) == 0 or follower.done < last:
        frame = feed.frame(0.25)
        if frame is not None:
            follower.hear(frame)
            if role == "slow" and last == 0:
                # Takes a hundred times as long over a change as one lasts in the stream; the first ones, which came after a
                # silence, last no longer than others.
                time.sleep(min(2, SLOWNESS * (time.monotonic() - begin) / max(1, follower.done)))
        if time.monotonic() - begin > 900:
            raise SystemExit(f"a {role} subscriber is at change {follower.done} of {last}")
    digest, count = follower.digest()
    print(json.dumps({"role": role, "left": left, "replays": follower.replays, "done": follower.done, "calls": count,
                      "digest": digest}), flush=True)


def deaf_readers(server, count):
    """Readers of server-sent events that ask for everything and never read."""
    host, port = server.split(":")
    readers = []
    for _ in range(count):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect((host, int(port)))
        reader.sendall(f"GET /v1/events?after=0 HTTP/1.1\r\nHost: {server}\r\n\r\n".encode())
        readers.append(reader)
    return readers


class Child:
    """A subscriber's process."""

    def __init__(self, role, *arguments):
        self.role, self.status, self.output, self.aborts = role, None, "", 0
        self.thread = threading.Thread(target=self.run, args=(arguments,))
        self.thread.start()

    def run(self, arguments):
        while True:
            process = subprocess.run(
                [sys.executable, "-B", __file__, self.role, *arguments], stdout=subprocess.PIPE, text=True)
            if self.role == "slow" and process.returncode == -signal.SIGABRT and self.aborts < 20:
                self.aborts += 1
                continue
            self.status, self.output = process.returncode, process.stdout
            return


def main(endpoint, server, seed, processes, disconnects, folder):
    roles = ["slow", "slow", "late", "late", "steady"]
    roles += ["leaving"] * (processes - len(roles))
    each = -(-disconnects // roles.count("leaving"))
    deaf = deaf_readers(server, 40)
    children = [
        Child(role, endpoint, server, str(seed + place), str(each), str(folder)) for place, role in enumerate(roles)]
    while sum(1 for _ in folder.glob("subscribed-*")) < len(roles) - roles.count("late"):
        time.sleep(0.05)
        if any(child.status for child in children):
            break
    (folder / "ready").touch()
    for child in children:
        child.thread.join()
    ledger = Follower(server)
    ledger.catch_up()
    wanted, failures = ledger.digest(), 0
    for child in children:
        result = json.loads(child.output) if child.status == 0 and child.output else None
        # The ledger may have moved on after the last number; nobody sends any more, so it has not.
        is_equal = result is not None and (result["digest"], result["calls"]) == wanted
        failures += not is_equal
        print("ok  " if is_equal else "FAIL", child.role, f"status {child.status}, aborts {child.aborts}", child.output.strip())
    print(f"ledger: {ledger.done} changes, {wanted[1]} calls; {len(deaf)} readers never read")
    print("left", sum(json.loads(child.output)["left"] for child in children if child.output))
    return failures


if __name__ == "__main__":
    roles = ("slow", "late", "steady", "leaving")
    if sys.argv[1] in roles:
        role, endpoint, server, seed, disconnects, folder = sys.argv[1:]
        subscribe(role, endpoint, server, int(seed), int(disconnects), pathlib.Path(folder))
    else:
        endpoint, server, seed, processes, disconnects, folder = sys.argv[1:]
        server = server.removeprefix("http://")
        sys.exit(main(endpoint, server, int(seed), int(processes), int(disconnects), pathlib.Path(folder)))
