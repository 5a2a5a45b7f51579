"""Opens the dashboard with a key that may read and no more, and sees what is said of budgets.

usage: guarded.py DASHBOARD KEY
"""

import sys

from browser import browser, opened

with browser() as running, opened(running, sys.argv[1], "/", key=sys.argv[2]) as watched:
    watched.page.get_by_text("Budgets are shown to keys with the scope admin.").wait_for()
    # The browser says itself that an answer was no success; it is to say so once.
    watched.page.get_by_role("link", name="30 days").click()
    watched.page.wait_for_url("**range=30d**")
    watched.page.locator("#page:not([aria-busy])").wait_for()
    if len(watched.faults) != 1 or "403" not in watched.faults[0]:
        sys.exit(f"said in the console: {watched.faults}")
