"""Debian's Chromium under Playwright, with everything a page says or asks for written down."""

import contextlib
import shutil

from playwright.sync_api import sync_playwright

# Milliseconds that anything may take: a guard against hangs alone.
PATIENCE = 120_000


class Watched:
    """A page and what was wrong with it."""

    def __init__(self, page, origin):
        self.page, self.faults = page, []
        page.on("console", lambda message: self._say(message, ("error", "warning")))
        page.on("pageerror", lambda error: self.faults.append(f"uncaught: {error}"))
        page.on("request", lambda request: self._asked(request.url, origin))

    def _say(self, message, kinds):
        if message.type in kinds:
            self.faults.append(f"console {message.type}: {message.text}")

    def _asked(self, url, origin):
        if not url.startswith((origin, "data:")):
            self.faults.append(f"asked another host: {url}")


@contextlib.contextmanager
def browser():
    """Starts Debian's Chromium; nothing is fetched for it."""
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("chromium is missing; deploy/test installs it")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"], timeout=PATIENCE)
        try:
            yield running
        finally:
            running.close()


@contextlib.contextmanager
def opened(running, origin, path="/", width=1440, height=1000, scheme="light", key=None):
    """Opens a page; its time zone is UTC. A key is given as a browser gives it, as a password."""
    context = running.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, timezone_id="UTC", locale="en-US",
        reduced_motion="reduce", http_credentials={"username": "key", "password": key} if key else None)
    context.set_default_timeout(PATIENCE)
    try:
        watched = Watched(context.new_page(), origin)
        watched.page.goto(origin + path)
        yield watched
    finally:
        context.close()
