#!/usr/bin/env python3
"""Take the picture of a report for the README: scripts/picture_of_report.py REPORT.html docs/report.png

Needs a Chromium or Chrome on the PATH (Debian/Ubuntu: apt install chromium).
"""

import argparse
import shutil
import subprocess  # nosec B404  # programs by a list of words, never by a shell
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Render the top of the page and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--size", default="1100,1500", metavar="W,H", help="pixels (default: %(default)s)")
    options = parser.parse_args()
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or not options.report.exists():
        missing = "a Chromium on the PATH" if browser is None else str(options.report)
        print(f"picture_of_report: expected {missing}. Received: none", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as profile:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking"]
        target = [f"--screenshot={options.picture.resolve()}", options.report.resolve().as_uri()]
        subprocess.run(  # nosec B603  # the browser that was named; no shell
            [browser, *flags, f"--user-data-dir={profile}", f"--window-size={options.size}", *target],
            check=True,
            capture_output=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
