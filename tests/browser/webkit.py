"""WebKitGTK through its WebDriver: as much of Playwright's Browser and Page as the conformance suite needs."""

import contextlib
import os
import subprocess
import warnings

from selenium import webdriver
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

# What Playwright's `evaluate` does: calls the function with the argument, and waits for a promise. With the errors of
# the page, which WebDriver does not tell: our pages write them down.
EVALUATE = """
const [argument, done] = arguments;
new Promise((settle) => settle((%s)(argument))).then(
    (value) => done([value, (globalThis.errors ?? []).splice(0)]),
    (error) => done([null, [String(error)]]),
);
"""
SECONDS = 100  # that a promise may take; the tests have limits of their own


class Browser:
    """WebKitGTK, with one page at a time."""

    def __init__(self, driver):
        self._driver = driver
        self.version = driver.capabilities["browserVersion"]

    def new_page(self):
        return Page(self._driver)


class Page:
    def __init__(self, driver):
        self._driver = driver
        self._handlers = {}

    def on(self, event, handler):
        """Of "pageerror" (with "console", WebDriver has nothing to tell)."""
        self._handlers[event] = handler

    def goto(self, url):
        self._driver.get(url)

    def evaluate(self, function, argument=None):
        value, errors = self._driver.execute_async_script(EVALUATE % function, argument)
        for error in errors:
            self._handlers["pageerror"](error)
        return value

    def close(self):
        self._driver.get("about:blank")


@contextlib.contextmanager
def display():
    """The display that there is, or one of our own that nobody sees."""
    if os.environ.get("DISPLAY"):
        yield os.environ["DISPLAY"]
        return
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        try:
            with os.fdopen(reader) as number:
                yield ":" + number.readline().strip()
        finally:
            server.terminate()


@contextlib.contextmanager
def launch(path, environment):
    """A `Browser` that the driver at `path` starts."""
    with display() as name:
        service = Service(path, env={**os.environ, **environment, "DISPLAY": name})
        with warnings.catch_warnings(category=DeprecationWarning, action="ignore"):  # Selenium warns of itself
            driver = webdriver.WebKitGTK(options=Options(), service=service)
        try:
            driver.set_script_timeout(SECONDS)
            yield Browser(driver)
        finally:
            driver.quit()
