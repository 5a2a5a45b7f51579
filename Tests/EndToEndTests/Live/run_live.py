#!/usr/bin/env python3
"""Uses `tollbook live` as a person at a terminal does, and fails where the terminal is not as it should be.

    run_live.py TOLLBOOK HOST:PORT FREE-PORT
"""

import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import sys
import termios
import threading
import time

program, server, free = sys.argv[1], sys.argv[2].removeprefix("http://"), int(sys.argv[3])
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


class Line:
    """A line to the service that can be cut and joined again."""

    def __init__(self, target, port):
        host, to = target.rsplit(":", 1)
        self.target = (host, int(to))
        self.open = []
        self.socket = None
        self.port = port
        self.join()

    def join(self):
        self.socket = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=[self.socket], daemon=True).start()

    def cut(self):
        listener, self.socket = self.socket, None
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        self.hang_up(self.open)
        self.open = []

    @staticmethod
    def hang_up(ends):
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            self.open += [near, far]
            # Who came while the line was cut is cut off too.
            if self.socket is not listener:
                self.hang_up([near, far])
            for one, other in [(near, far), (far, near)]:
                threading.Thread(target=self.carry, args=[one, other], daemon=True).start()

    @staticmethod
    def carry(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Terminal:
    def __init__(self, address, *arguments, rows=24, columns=100, **environment):
        self.output = b""
        gate, opener = os.pipe()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            # The program changes the settings, so it begins when they are known.
            os.read(gate, 1)
            for name in ["NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"]:
                os.environ.pop(name, None)
            os.environ.update(TERM="xterm-256color", **environment)
            # Whoever started this may have signals blocked, which a shell has not.
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.execv(program, [program, "live", "--server", address, *arguments])
        self.resize(rows, columns)
        self.settings = termios.tcgetattr(self.terminal)[:4]
        os.write(opener, b"\n")
        os.close(gate)
        os.close(opener)

    def resize(self, rows, columns):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.terminal, keys)

    def read(self):
        if select.select([self.terminal], [], [], 0.05)[0]:
            try:
                self.output += os.read(self.terminal, 65536)
            except OSError:
                return False
        return True

    @property
    def frame(self):
        """The last frame that was drawn whole, without colours."""
        frames = COLOUR.sub(b"", self.output).split(b"\x1b[H")
        whole = [frame for frame in frames if frame.endswith(b"\x1b[J")]
        return whole[-1].replace(b"\x1b[K", b"").removesuffix(b"\x1b[J").decode() if whole else ""

    def wait(self, condition, what, seconds=120):
        deadline = time.monotonic() + seconds
        while not condition(self.frame):
            self.read()
            assert time.monotonic() < deadline, f"{what} did not come: {self.frame!r}"

    def end(self, what):
        deadline = time.monotonic() + 120
        while self.read() and time.monotonic() < deadline:
            pass
        settings = termios.tcgetattr(self.terminal)[:4]
        ended, status = os.waitpid(self.process, os.WNOHANG)
        while not ended and time.monotonic() < deadline:
            time.sleep(0.02)
            ended, status = os.waitpid(self.process, os.WNOHANG)
        if not ended:
            os.kill(self.process, signal.SIGKILL)
        assert ended, f"{what}: it does not end"
        assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0, f"{what}: status {status}"
        assert settings == self.settings, f"{what}: the terminal's settings are others now"
        assert self.output.endswith(b"\x1b[?25h\x1b[?1049l"), f"{what}: the screen is not given back: {self.output[-80:]!r}"
        assert self.output.count(b"\x1b[?1049h") == self.output.count(b"\x1b[?1049l") == 1, what


def is_drawn(frame):
    return "Last calls" in frame and "claude-code" in frame


line = Line(server, free)
address = f"127.0.0.1:{line.port}"

for what, finish in [
    ("q", lambda one: one.type(b"q")),
    ("Ctrl-C", lambda one: one.type(b"\x03")),
    ("SIGTERM", lambda one: os.kill(one.process, signal.SIGTERM)),
    ("SIGHUP", lambda one: os.kill(one.process, signal.SIGHUP)),
]:
    one = Terminal(address)
    one.wait(is_drawn, "the first frame")
    assert COLOUR.search(one.output), "no colours on a terminal"
    finish(one)
    one.end(what)

one = Terminal(address, NO_COLOR="1")
one.wait(is_drawn, "the first frame")
one.type(b"\x1b[C")
one.wait(lambda frame: "[harness]" in frame, "the other table")
one.type(b"\x1b[B\x1b[6~\x1b[A nonsense \xff\x1b")
for rows, columns in [(20, 60), (8, 30), (3, 5), (1, 1), (40, 160)]:
    one.resize(rows, columns)
    # By its width too: the frame before may have had as many lines.
    one.wait(
        lambda frame: (frame.count("\n") == rows - 1 or rows == 40 and is_drawn(frame))
        and all(len(text) <= columns for text in frame.replace("\r", "").split("\n")), f"a frame of {columns}x{rows}")
line.cut()
one.wait(lambda frame: "(not up to date)" in frame and "nothing answers" in frame, "word of the service that is away")
assert is_drawn(one.frame), "what was known went away with the service"
line.join()
one.wait(lambda frame: "(not up to date)" not in frame, "the service again")
one.type(b"q")
one.end("q after everything")
assert not COLOUR.search(one.output), "colours in spite of NO_COLOR"

line.cut()
one = Terminal(address)
one.wait(lambda frame: "not known yet" in frame, "a view of nothing")
assert "$0" not in one.frame, one.frame
line.join()
one.wait(is_drawn, "the service at last")
one.type(b"q")
one.end("q at last")
print("fine")
