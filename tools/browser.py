"""Finds a browser for the tests, or gets it: what its variable names, the system's, Playwright's, Debian's.

python -m tools.browser [chromium] [firefox] [webkit]        prints their paths; Chromium's if none is named
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .debian import install


def _works(path, question):
    """An executable file is not yet one that starts: libraries may be missing."""
    try:
        answer = subprocess.run([path, question], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


class Browser:
    """A browser, or the driver that starts it: `variable` of the environment may name it, else it has one of `names`.
    It is in these `packages` of Debian, needs these `others` beside it, and answers this `question` when it works.
    """

    def __init__(self, title, variable, names, packages, others=(), question="--version"):
        self.title = title
        self.variable = variable
        self.names = names
        self.packages = packages
        self.others = others
        self.question = question

    def candidates(self):
        if os.environ.get(self.variable):
            yield os.environ[self.variable]
        for name in self.names:
            if shutil.which(name):
                yield shutil.which(name)

    def find(self):
        """The path of one that starts, or None."""
        if not all(shutil.which(name) for name in self.others):
            return None
        return next((path for path in self.candidates() if _works(path, self.question)), None)

    def install(self):
        install(*self.packages)

    def ensure(self):
        path = self.find()
        if path is None:
            print(f"  no {self.title} found: installing one", flush=True)
            self.install()
            path = self.find()
        if path is None:
            sys.exit(
                f"No {self.title} could be found or installed. Install it "
                f"(Debian: apt-get install {' '.join(self.packages)}), or name one in {self.variable}."
            )
        return path


class Chromium(Browser):
    """Playwright has one, too, for systems that are not Debian."""

    def candidates(self):
        yield from super().candidates()
        cache = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
        for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*"):
            yield from map(str, Path(cache).glob(pattern))

    def install(self):
        """Debian's package where that is possible, else Playwright's download, which says what it gets."""
        if not install(*self.packages):
            subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


BROWSERS = {
    "chromium": Chromium(
        "Chromium",
        "BROWSERWS_CHROMIUM",
        ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable"),
        ("chromium", "libatomic1"),
    ),
    "firefox": Browser("Firefox", "BROWSERWS_FIREFOX", ("firefox-esr", "firefox"), ("firefox-esr", "libatomic1")),
    "webkit": Browser(
        "WebKitWebDriver with Xvfb",
        "BROWSERWS_WEBKIT",
        ("WebKitWebDriver",),
        ("webkit2gtk-driver", "xvfb"),
        others=("Xvfb",),
        question="--help",  # it knows no --version
    ),
}


def find_browser(name):
    """The path of "chromium", "firefox" or (its driver's) "webkit"; None if there is none that starts."""
    return BROWSERS[name].find()


def find_chromium():
    return find_browser("chromium")


def ensure_browser(name):
    """The same, installed if need be; the program ends if that cannot be."""
    return BROWSERS[name].ensure()


if __name__ == "__main__":
    for name in sys.argv[1:] or ["chromium"]:
        print(ensure_browser(name))
