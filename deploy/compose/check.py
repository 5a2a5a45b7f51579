#!/usr/bin/env python3
"""Checks a deployment of docker-compose.yml from outside, as its users would; see deploy/test-compose.

Every check prints a line; the last line is `N passed, N failed`.
"""

import json
import pathlib
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import zmq

INGEST = "http://127.0.0.1:4318"
QUERY = "http://127.0.0.1:7100"
FEED = "tcp://127.0.0.1:7130"
SCALE = ["--scale", "ingest=3", "--scale", "pricing=2"]
CAPTURE = pathlib.Path(__file__).parents[2] / "Tests/Support/Fixtures/claude-code"
CLASSES = ["uncached_input", "cache_read", "cache_write_5m", "cache_write_1h", "output"]
SECURED = ["-f", "docker-compose.yml", "-f", "deploy/compose/secured.yaml"]
files = []
results = []


def check(name, holds, detail=""):
    results.append(bool(holds))
    print(("ok    " if holds else "FAILED") + f" {name}{': ' + str(detail) if detail != '' else ''}", flush=True)
    return holds


def compose(*arguments):
    answer = subprocess.run(["docker", "compose", *files, *arguments], capture_output=True, text=True)
    if answer.returncode:
        raise SystemExit(f"docker compose {' '.join(arguments)}: {answer.stderr[-2000:]}")
    return answer.stdout


def containers(service):
    return compose("ps", "--quiet", service).split()


def up():
    start = time.monotonic()
    compose("up", "--detach", "--wait", *SCALE)
    return time.monotonic() - start


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"} if secret else {}


def get(path, secret=None):
    with urllib.request.urlopen(urllib.request.Request(QUERY + path, headers=bearer(secret)), timeout=20) as answer:
        return json.load(answer)


def status(url, secret=None, body=None):
    """The status of an answer; None where there is no connection."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=bearer(secret)), timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def post(path, body, secret=None):
    """Sends as an OTLP client does: 429, 502, 503 and 504 and broken connections are tried again."""
    headers = {"Content-Type": "application/json", **bearer(secret)}
    request = urllib.request.Request(INGEST + path, data=body, headers=headers)
    for attempt in range(60):
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            if error.code not in (429, 502, 503, 504):
                raise
        except OSError:
            pass
        time.sleep(min(2, 0.1 * 2**attempt))
    raise SystemExit("ingest did not take a request within a minute")


def truth():
    """What the provider served in the recorded run, by token class, and how many calls."""
    sums = dict.fromkeys(CLASSES, 0)
    calls = 0
    for line in (CAPTURE / "truth.jsonl").read_text().splitlines():
        usage = json.loads(line).get("usage")
        if not usage:
            continue
        calls += 1
        sums["uncached_input"] += usage["input_tokens"]
        sums["cache_read"] += usage["cache_read_input_tokens"]
        sums["cache_write_5m"] += usage["cache_creation"]["ephemeral_5m_input_tokens"]
        sums["cache_write_1h"] += usage["cache_creation"]["ephemeral_1h_input_tokens"]
        sums["output"] += usage["output_tokens"]
    return calls, sums


def totals(secret=None):
    usage = get("/v1/usage", secret)["totals"]
    return usage["calls"], {name: int(usage["tokens"].get(name) or 0) for name in CLASSES}


def settled(expected, secret=None, seconds=90):
    """Whether the ledger comes to the expected totals and stays there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if totals(secret) == expected:
                time.sleep(3)
                return totals(secret) == expected
        except OSError:
            pass
        time.sleep(0.5)
    return False


def send_capture(times=1, secret=None):
    for _ in range(times):
        for path in sorted((CAPTURE / "otlp").iterdir()):
            post("/v1/" + ("logs" if "logs" in path.name else "metrics"), path.read_bytes(), secret)


class Subscriber(threading.Thread):
    """Keeps the highest revision of each call from the feed, and fetches what it missed."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen = 0
        self.frames = 0
        self.charges = {}
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.setsockopt(zmq.SUBSCRIBE, b"tollbook.v1.")
        self.socket.setsockopt(zmq.RCVTIMEO, 1000)
        self.socket.connect(FEED)

    def run(self):
        while True:
            try:
                frame = self.socket.recv()
            except zmq.Again:
                continue
            self.frames += 1
            if json.loads(frame[frame.index(b"{"):])["seq"] <= self.seen:
                continue
            try:
                for change in get(f"/v1/changes?after={self.seen}&limit=1000")["changes"]:
                    charge = change["charge"]
                    known = self.charges.get(charge["key"])
                    if known is None or known[0] < charge["revision"]:
                        self.charges[charge["key"]] = (charge["revision"], change["op"], charge)
                    self.seen = change["seq"]
            except OSError:
                pass

    def output_tokens(self):
        standing = [charge for _, op, charge in self.charges.values() if op == "upsert"]
        return sum(int(charge.get("tokens", {}).get("output") or 0) for charge in standing)


def new_key(tenant, scopes):
    make = ["tollbook", "keys", "create", "--keys", "/access/keys.json", "--tenant", tenant, "--scopes", scopes]
    return compose("run", "--rm", "keys", *make).split()[-1]


def secured(expected):
    """The same with deploy/compose/secured.yaml: keys for HTTP, CURVE between the services and for the feed."""
    files[:] = SECURED
    start = time.monotonic()
    compose("up", "--detach", *SCALE)
    while (status(QUERY + "/readyz"), status(INGEST + "/v1/logs", body=b"{}")) != (200, 401):
        if time.monotonic() - start > 120:
            break
        time.sleep(0.2)
    print(f"started with keys in {time.monotonic() - start:.1f} s", flush=True)
    check("without a key nothing is taken", status(INGEST + "/v1/logs", body=b"{}") == 401)
    check("without a key nothing is shown", status(QUERY + "/v1/usage") == 401)
    environments = [
        json.loads(subprocess.run(["docker", "inspect", one], check=True, capture_output=True).stdout)[0]["Config"]["Env"]
        for service in ("query", "dedupe", "pricing", "ingest") for one in containers(service)
    ]
    check("nothing is allowed without keys", not any("TOLLBOOK_INSECURE_ALLOW=true" in one for one in environments))
    acme, globex = new_key("acme", "ingest,read"), new_key("globex", "read")
    time.sleep(2)
    stranger = zmq.Context.instance().socket(zmq.SUB)
    stranger.setsockopt(zmq.SUBSCRIBE, b"")
    stranger.setsockopt(zmq.RCVTIMEO, 3000)
    stranger.connect(FEED)
    send_capture(secret=acme)
    check("with its key a tenant's capture gives the truth", settled(expected, acme), totals(acme))
    check("a key that may not report is refused", status(INGEST + "/v1/logs", globex, b"{}") == 403)
    check("another tenant sees nothing of it", totals(globex)[0] == 0, totals(globex))
    try:
        stranger.recv()
        heard = True
    except zmq.Again:
        heard = False
    check("who has no CURVE key hears nothing of the feed", not heard)
    compose("down", "--volumes")


def main():
    calls, sums = truth()
    expected = (calls, sums)
    print(f"started in {up():.1f} s", flush=True)
    check("three ingests and two pricings run", (len(containers("ingest")), len(containers("pricing"))) == (3, 2))
    for service in ("query", "dedupe", "pricing", "ingest"):
        inspected = json.loads(
            subprocess.run(["docker", "inspect", containers(service)[0]], check=True, capture_output=True).stdout
        )[0]
        host = inspected["HostConfig"]
        check(
            f"{service} is not root, has a read-only root and no capabilities",
            inspected["Config"]["User"] not in ("", "0", "root") and host["ReadonlyRootfs"]
            and host["CapDrop"] == ["ALL"],
        )
    size = json.loads(
        subprocess.run(["docker", "image", "inspect", "tollbook"], check=True, capture_output=True).stdout
    )[0]["Size"]
    check("the image is below 250 MB", size < 250e6, f"{size / 1e6:.0f} MB")

    subscriber = Subscriber()
    subscriber.start()
    send_capture()
    check("a capture through the published port gives the truth", settled(expected), totals())
    check("an outside subscriber hears the feed", subscriber.frames > 0, f"{subscriber.frames} frames")

    for victim in ("ingest", "dedupe", "pricing", "query"):
        subprocess.run(["docker", "kill", containers(victim)[0]], check=True, capture_output=True)
        compose("up", "--detach", "--no-recreate", *SCALE)
        send_capture()
    compose("up", "--detach", "--wait", *SCALE)
    check("after a container of each service was killed, the totals are the same", settled(expected), totals())
    deadline = time.monotonic() + 60
    while subscriber.output_tokens() != sums["output"] and time.monotonic() < deadline:
        time.sleep(0.5)
    check("the subscriber's books equal the ledger", subscriber.output_tokens() == sums["output"])

    start = time.monotonic()
    compose("stop")
    print(f"stopped in {time.monotonic() - start:.1f} s", flush=True)
    compose("down")
    print(f"started again in {up():.1f} s", flush=True)
    check("totals survive `down` and `up`", settled(expected), totals())
    send_capture(2)
    check("what was counted before counts once, whoever tells it again", settled(expected), totals())

    compose("up", "--detach", "--wait", "--scale", "ingest=1", "--scale", "pricing=1")
    check("after scaling in, the totals are the same", settled(expected), totals())
    compose("down", "--volumes")
    secured(expected)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
