"""One page, a line that is cut each second or so in a random way, numbered echoes:  make soak

Every number must come back exactly once and in order, or be told of in an `undelivered` event. Heap
(where the browser tells its size) and objects at the end are compared with those at the start.
"""

import argparse
import random
import runpy

from playwright.sync_api import sync_playwright

from tests.browser.remote import devtools, open_remote, through
from tests.faults.echo_server import echo
from tests.faults.proxy import FaultProxy
from tools.browser import find_chromium
from tools.paths import DEMOS, DIST, ROOT, RUNTIMES
from tools.server import Site

FAULTS = ("cut", "swallow", "close_half", "corrupt", "cut_inside_frame", "refuse", "hold", "answer")

PAGE = """
import asyncio, gc

class Soak:
    def __init__(self, url, count):
        self.count = count
        self.queued = self.sent = self.undelivered = self.connections = 0
        self.unknown = set()
        self.echoes = []
        self.done = False
        self.ws = browserws.ReliableWebSocket(url, {
            "reconnect_interval": 50, "max_reconnect_interval": 500, "connect_timeout": 1000, "close_timeout": 2000})
        self.ws.set_heartbeat(300, "ping", "ping")
        self.ws.onmessage = self.on_message
        self.ws.onundelivered = self.on_undelivered
        self.ws.onopen = self.on_open
        self.task = asyncio.create_task(self.send_all())

    def on_open(self, event):
        self.connections += 1

    def on_message(self, event):
        self.echoes.append(int(event.data))

    def on_undelivered(self, event):
        self.undelivered += 1
        assert event.forgotten == 0
        for message in list(event.messages) + list(event.queued):
            self.unknown.add(int(message))

    async def send_all(self):
        for number in range(self.count):
            if self.ws.send(str(number)):
                self.sent += 1
            else:
                self.queued += 1
            await asyncio.sleep(0.03)  # the pace
        while not self.settled():
            await asyncio.sleep(0.05)
        self.ws.close()
        while self.ws.state != "CLOSED":
            await asyncio.sleep(0.05)
        self.done = True

    def settled(self):
        return len(set(self.echoes) | self.unknown) >= self.count

    def report(self):
        missing = [n for n in range(self.count) if n not in self.unknown and n not in self.echoes]
        return {
            "numbers": self.count, "sent": self.sent, "queued": self.queued, "echoes": len(self.echoes),
            "twice": len(self.echoes) - len(set(self.echoes)),
            "in_order": all(a < b for a, b in zip(self.echoes, self.echoes[1:])),
            "unknown": len(self.unknown), "silently_lost": len(missing), "connections": self.connections,
        }

def objects():
    gc.collect()
    return len(gc.get_objects()) if hasattr(gc, "get_objects") else gc.mem_alloc()

def left():
    gc.collect()
    kinds = ("ReliableWebSocket", "_Attempt", "Link", "Session")
    things = gc.get_objects() if hasattr(gc, "get_objects") else ()
    return len([thing for thing in things if type(thing).__name__ in kinds])
"""


def fault(proxy, chance):
    """One thing that happens to the line; what lasts is over when the next one comes."""
    proxy.accept()
    kind = chance.choice(FAULTS)
    if kind == "answer":
        proxy.answer(chance.choice((400, 401, 403, 502, 503)))
        proxy.cut()
    elif kind in ("refuse", "hold"):
        getattr(proxy, kind)()
        proxy.cut()
    else:
        getattr(proxy, kind)()


def soak(remote, proxy, seconds, chance):
    """The page's report, with what it holds before and after."""
    tools = devtools(remote.page)

    def heap():
        for _ in range(3):
            objects = remote.value("objects()")
            if tools is not None:
                tools.send("HeapProfiler.collectGarbage")
        return 0 if tools is None else tools.send("Runtime.getHeapUsage")["usedSize"], objects

    remote.run(PAGE)
    begin(remote, proxy, 30)
    finish(remote)  # what is made once and kept is made now
    before = heap()
    begin(remote, proxy, int(seconds / 0.03))
    faults = 0
    while not remote.value("soak.task.done() or soak.sent + soak.queued == soak.count"):
        fault(proxy, chance)
        faults += 1
        remote.page.wait_for_timeout(chance.uniform(500, 1500))  # the pace of the faults
    proxy.accept()
    finish(remote)
    report = remote.page.evaluate("JSON.parse(globalThis.value)")
    after = heap()
    report.update(faults=faults, left=remote.value("left()"), heap=[before[0], after[0]], objects=[before[1], after[1]])
    return report


def begin(remote, proxy, count):
    remote.run(f"soak = Soak({through(proxy, '/echo')}, {count})")


def finish(remote):
    remote.page.wait_for_function("() => (python('js.value = soak.done'), globalThis.value)", timeout=60_000)
    remote.run("import json; js.value = json.dumps(soak.report()); soak = None")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--type", default="py")
    options = parser.parse_args()
    print("seed", options.seed)

    settings = runpy.run_path(str(ROOT / "playwright.config.py"))
    mounts = {**RUNTIMES, "/tests/": ROOT / "tests" / "browser" / "pages", **DEMOS}
    wheel = "../dist/" + next(DIST.glob("browserws-*.whl")).name
    with (
        Site(mounts, echo, close_timeout=1) as site,
        FaultProxy(site.port) as proxy,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), **settings["CHROMIUM"])
        remote = open_remote(browser.new_context(), site, wheel, options.type)
        report = soak(remote, proxy, options.minutes * 60, random.Random(options.seed))
        browser.close()
    for name, value in report.items():
        print(f"  {name:14} {value}")
    check(report)


def check(report):
    assert report["silently_lost"] == 0, "lost without a word"
    assert report["twice"] == 0, "came twice"
    assert report["in_order"], "out of order"
    assert report["echoes"] + report["unknown"] >= report["numbers"]
    assert report["left"] == 0, "sockets that are over are still there"
    assert report["heap"][1] - report["heap"][0] < 1_000_000, "the page's heap grows (bytes)"
    assert report["objects"][1] - report["objects"][0] < 100, "Python's objects grow in number"


if __name__ == "__main__":
    main()
