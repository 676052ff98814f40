"""Finds a Chromium for Playwright, or gets one: BROWSERWS_CHROMIUM, the system's, Playwright's, Debian's.

python -m tools.browser        prints its path
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .debian import install

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable")


def _works(path):
    """An executable file is not yet one that starts: libraries may be missing."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _candidates():
    if os.environ.get("BROWSERWS_CHROMIUM"):
        yield os.environ["BROWSERWS_CHROMIUM"]
    for name in NAMES:
        if shutil.which(name):
            yield shutil.which(name)
    cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*"):
        yield from map(str, Path(cache).glob(pattern))


def find_chromium():
    """The path of a Chromium that starts, or None."""
    return next((path for path in _candidates() if _works(path)), None)


def _install():
    """Debian's package where that is possible, else Playwright's download, which says what it gets."""
    if not install("chromium", "libatomic1"):
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


def ensure_chromium():
    path = find_chromium()
    if path is None:
        print("  no Chromium found: installing one", flush=True)
        _install()
        path = find_chromium()
    if path is None:
        sys.exit(
            "No Chromium could be found or installed. Install it (Debian: apt-get install chromium libatomic1), "
            "or name one in BROWSERWS_CHROMIUM."
        )
    return path


if __name__ == "__main__":
    print(ensure_chromium())
