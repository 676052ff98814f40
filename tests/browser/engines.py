"""The browsers that the suite runs in: Chromium and Firefox through Playwright, WebKitGTK through its WebDriver."""

import contextlib
import os
import re
import runpy
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import webkit
from tools.browser import find_browser
from tools.paths import ROOT

# What Firefox tells like an exception, though none was raised: it writes it to its console.
NOT_RAISED = re.compile(
    "Firefox can’t establish a connection to the server"
    "|The connection to ws\\S+ was interrupted while the page was loading"
    "|The page’s settings blocked"
)

settings = runpy.run_path(str(ROOT / "playwright.config.py"))


@contextlib.contextmanager
def launch(engine):
    """The browser of that name ("chromium", "firefox", "webkit")."""
    if engine == "webkit":
        with webkit.launch(_path(engine), settings["WEBKIT"]) as browser:
            yield browser
        return
    with sync_playwright() as playwright:
        browser = getattr(playwright, engine).launch(**launch_options(engine))
        yield browser
        browser.close()


def launch_options(engine):
    """What Playwright is told to start."""
    path = _path(engine)
    if engine == "chromium":
        return {"executable_path": path, **settings["CHROMIUM"]}
    # the shim is a Python program, and needs what is installed for this one
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "BROWSERWS_FIREFOX": path, "PATH": programs}
    return {"executable_path": ROOT / "tools" / "firefox_shim.py", "env": environment, **settings["FIREFOX"]}


def on_exception(page, handler):
    """Call the handler with the text of each exception and each rejected promise that nobody handles in the page."""

    def happened(error):
        if not NOT_RAISED.match(str(error)):
            handler(str(error))

    page.on("pageerror", happened)


def _path(engine):
    path = find_browser(engine)
    if path is None:
        raise RuntimeError(f"there is no {engine} that starts: `python -m tools.browser {engine}` gets it")
    return path
