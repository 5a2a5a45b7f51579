#!/usr/bin/env python3
"""A subscriber of another implementation of ZeroMQ's library binding: says that it has subscribed once it
hears the feed, and prints changes as JSON lines until it has N.

    subscriber.py ENDPOINT N
"""

import sys
import time

import zmq

socket = zmq.Context().socket(zmq.SUB)
socket.setsockopt(zmq.RCVTIMEO, 120_000)
socket.setsockopt(zmq.SUBSCRIBE, b"tollbook.v1.")
socket.connect(sys.argv[1])
# A welcome or a sign of life: what comes from here on comes here too.
socket.recv()
print("subscribed", flush=True)
deadline = time.monotonic() + 300
seen = 0
while seen < int(sys.argv[2]):
    if time.monotonic() > deadline:
        sys.exit(f"{seen} changes came")
    frame = socket.recv()
    change = frame[frame.index(b"{"):].decode()
    if '"seq"' in change and '"charge"' in change:
        print(change, flush=True)
        seen += 1
