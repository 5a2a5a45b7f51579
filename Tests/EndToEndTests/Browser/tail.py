"""Opens the dashboard on a ledger of which few changes are left, and sees them in its live tail.

usage: tail.py DASHBOARD
"""

import sys

from browser import browser, opened

with browser() as running, opened(running, sys.argv[1], "/?view=live") as watched:
    # Until there are some, one row says that they are waited for.
    watched.page.get_by_role("table").locator("tbody tr").nth(4).wait_for()
    rows = watched.page.get_by_role("table").locator("tbody tr").all_inner_texts()
    print(len(rows), "changes in the tail")
    # The browser says itself that an answer was no success; that the page asked is what this is about.
    faults = [fault for fault in watched.faults if "410" not in fault]
    if len(rows) < 5 or any("Waiting" in row for row in rows) or faults:
        sys.exit(f"the tail is not shown: {rows} {watched.faults}")
