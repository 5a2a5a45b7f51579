#!/usr/bin/env python3
"""A subscriber of another implementation of ZeroMQ's library binding: prints changes as JSON lines until it has N.

    subscriber.py ENDPOINT N
"""

import sys

import zmq

socket = zmq.Context().socket(zmq.SUB)
socket.setsockopt(zmq.RCVTIMEO, 60_000)
socket.setsockopt(zmq.SUBSCRIBE, b"tollbook.v1.")
socket.connect(sys.argv[1])
print("subscribed", flush=True)
seen = 0
while seen < int(sys.argv[2]):
    frame = socket.recv()
    change = frame[frame.index(b"{"):].decode()
    if '"seq"' in change and '"charge"' in change:
        print(change, flush=True)
        seen += 1
