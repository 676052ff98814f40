"""A page in which Python runs that tests write (pages/remote.py), with the log of what happens to its sockets."""

import json
from urllib.parse import urlencode

from playwright.sync_api import Error


class Remote:
    """A page in which Python runs that tests write."""

    def __init__(self, page):
        self.page = page

    def run(self, source):
        self.page.evaluate("source => python(source)", source)

    def begin(self, url, options="{}"):
        """A new socket `ws`, with an empty log."""
        self.page.evaluate("log.length = 0")
        self.run(f"ws = watch({url}, {options})")

    def log(self, name=None):
        lines = self.page.evaluate("log")
        return lines if name is None else [line for line in lines if line["type"] == name]

    def wait(self, name, count=1, timeout=20_000):
        """The event of that name, when so many have come."""
        ready = "([name, count]) => log.filter((line) => line.type === name).length >= count"
        self.page.wait_for_function(ready, arg=[name, count], timeout=timeout, polling=100)
        return self.log(name)[count - 1]

    def names(self):
        return [line["type"] for line in self.log() if line["type"] != "statechange"]

    def value(self, expression):
        self.run(f"js.value = {expression}")
        return self.page.evaluate("globalThis.value")

    def end(self):
        self.run("ws.close()")
        self.page.wait_for_function("() => (python('js.value = ws.state'), globalThis.value === 'CLOSED')", polling=100)


def open_remote(context, site, wheel, type_, script="remote.py"):
    """A page with that script of pages/, which says that it is "ready to be driven"."""
    interpreter = "/pyodide/pyodide.mjs" if type_ == "py" else "/micropython/micropython.mjs"
    config = json.dumps({"interpreter": interpreter, "packages": [wheel]})
    page = context.new_page()
    with page.expect_console_message(lambda line: "ready to be driven" in line.text, timeout=60_000):
        page.goto(site.url("/tests/install.html?" + urlencode({"type": type_, "script": script, "config": config})))
    return Remote(page)


def through(proxy, path):
    return repr(f"ws://localhost:{proxy.port}{path}")


def devtools(page):
    """Chromium's protocol for this page; None in another browser."""
    try:
        return page.context.new_cdp_session(page)
    except Error:
        return None
