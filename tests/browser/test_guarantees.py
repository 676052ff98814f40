"""Two hub processes on one Redis, pages and programs on both, and everything that can go wrong between them.

15,000 numbered publishes: each subscriber gets each of them once and in the hub's order.
"""

import asyncio
import contextlib
import json
import runpy
import threading
import time

import pytest

from tests.browser.remote import open_remote
from tests.faults.proxy import FaultProxy
from tests.server.process import HubProcess
from tools.paths import ROOT
from tools.redis import RedisServer

NUMBERS = 2500  # that each of them publishes
MEMBERS = ["py", "mpy", "py", "mpy", "native", "native"]  # on the first and the second hub in turn
SECONDS = 60  # that anything may take


class NativeMember:
    """A program that runs pages/member.py, in a thread."""

    Member = runpy.run_path(str(ROOT / "tests" / "browser" / "pages" / "member.py"))["Member"]

    def __init__(self, port, name):
        self.name = name
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._member = self._call(lambda: self.Member(f"ws://localhost:{port}/", name))
        self._until(lambda state: state[3] == "OPEN")

    def _call(self, function):
        async def call():
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(SECONDS)

    def _stats(self):
        return json.loads(self._call(self._member.stats))

    def _until(self, ready):
        end = time.monotonic() + SECONDS
        while not ready(self._stats()):
            assert time.monotonic() < end, self._stats()
            time.sleep(0.1)

    def publish(self, count):
        self._publishing = asyncio.run_coroutine_threadsafe(self._member.publish(count), self._loop)

    def wait_for(self, received=0, answered=0):
        self._until(lambda state: state[0] >= received and state[1] + state[2] >= answered)

    def welcomes(self):
        return self._stats()[4]

    def wait_for_welcome(self, after):
        self._until(lambda state: state[4] > after)

    def everything(self):
        return json.loads(self._call(self._member.everything))

    def end(self):
        async def end():
            self._member.channels.close()
            while self._member.channels.state != "CLOSED":
                await asyncio.sleep(0.01)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            return [task for task in left if "native" in repr(task)]

        left = asyncio.run_coroutine_threadsafe(end(), self._loop).result(SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        assert left == []


class Member:
    """A page that runs pages/member.py."""

    def __init__(self, browser, site, wheel, type_, port, name):
        self.name = name
        self.page = open_remote(browser.new_context(), site, wheel, type_, "member.py").page
        self.page.evaluate("([url, name]) => start(url, name)", [f"ws://localhost:{port}/", name])
        self.page.wait_for_function("() => JSON.parse(stats())[3] === 'OPEN'", timeout=20_000)

    def publish(self, count):
        self.page.evaluate("count => publish(count)", count)

    def wait_for(self, received=0, answered=0):
        """Until it has got so many messages, and so many of its publishes are answered."""
        ready = """([received, answered]) => {
            const [got, acknowledged, failed] = JSON.parse(stats());
            return got >= received && acknowledged + failed >= answered;
        }"""
        self.page.wait_for_function(ready, arg=[received, answered], timeout=60_000, polling=100)

    def welcomes(self):
        """How often a hub has let it in."""
        return json.loads(self.page.evaluate("stats()"))[4]

    def wait_for_welcome(self, after):
        ready = "after => JSON.parse(stats())[4] > after"
        self.page.wait_for_function(ready, arg=after, timeout=60_000, polling=100)

    def everything(self):
        return json.loads(self.page.evaluate("everything()"))

    def end(self):
        self.page.context.close()


@pytest.fixture
def hubs(site):
    """A Redis, two hubs on it, and a proxy in front of each."""
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(RedisServer())
        options = ["--redis", redis.url, "--rate", "100000", "--origin", site.url()]
        options += ["--history", "20000", "--history-bytes", "10000000"]
        processes = [HubProcess(*options) for _ in range(2)]
        for process in processes:
            stack.callback(process.kill)
        proxies = [stack.enter_context(FaultProxy(process.port)) for process in processes]
        yield redis, processes, proxies


def faults(redis, processes, proxies):
    """What happens, one after the other, while the numbers flow; each with the hub that loses its pages."""

    def restart_hub():
        processes[0].kill()
        processes[0].start()

    def restart_redis():
        redis.kill()
        redis.start()

    first, second = proxies
    return [
        (first.cut, 0),
        (second.swallow, 1),
        (restart_hub, 0),
        (second.cut, 1),
        (restart_redis, None),
        (first.swallow, 0),
        (second.cut, 1),
        (first.cut, 0),
    ]


def test_each_message_comes_once_and_in_order_whatever_happens(browser, site, wheel, hubs):
    redis, processes, proxies = hubs
    members = [
        NativeMember(proxies[number % 2].port, f"{type_}{number}")
        if type_ == "native"
        else Member(browser, site, wheel, type_, proxies[number % 2].port, f"{type_}{number}")
        for number, type_ in enumerate(MEMBERS)
    ]
    for member in members:
        member.publish(NUMBERS)
    total = NUMBERS * len(MEMBERS)
    for number, (fault, hub) in enumerate(faults(redis, processes, proxies)):
        members[number % 2].wait_for(received=total // 10 * (number + 1))
        cut_off = [] if hub is None else members[hub::2]
        welcomes = [member.welcomes() for member in cut_off]
        fault()
        for member, before in zip(cut_off, welcomes, strict=True):
            member.wait_for_welcome(after=before)  # else the next fault may come before this one was felt
    for member in members:
        member.wait_for(answered=NUMBERS)
    for member in members:
        member.wait_for(received=total)

    everything = [member.everything() for member in members]
    first = everything[0][0]
    assert [offset for offset, _, _ in first] == list(range(1, total + 1))
    for member, (got, acknowledged, failed, errors) in zip(members, everything, strict=True):
        assert got == first  # the same, in the same order, and no gap
        assert [n for _, user, n in got if user == member.name] == list(range(NUMBERS))
        assert sorted(acknowledged) == list(range(NUMBERS)) and failed == [] and errors == []
        member.end()


def test_beyond_the_history_the_gap_is_reported(browser, site, wheel):
    """A hub in memory that is killed has forgotten all: both pages hear of it, and go on."""
    hub = HubProcess("--origin", site.url())
    try:
        with FaultProxy(hub.port) as proxy:
            members = [Member(browser, site, wheel, type_, proxy.port, type_) for type_ in ("py", "mpy")]
            for member in members:
                member.publish(1)
            for member in members:
                member.wait_for(received=2)
            hub.kill()
            hub.start()
            for member in members:
                member.wait_for(received=3)
            members[0].publish(1)
            for member in members:
                member.wait_for(received=4)
                got = member.everything()[0]
                assert got[2] == "gap" and got[3] == [1, "py", 0]
                member.end()
    finally:
        hub.kill()


def test_hub_that_stops_sends_its_pages_to_the_other_one(browser, site, wheel, hubs):
    """SIGTERM: 1012, and an exit without a complaint. The page comes back, here to the same address."""
    _, processes, proxies = hubs
    member = Member(browser, site, wheel, "mpy", proxies[0].port, "mpy")
    code, log = processes[0].terminate()
    assert code == 0 and "Traceback" not in log
    processes[0].start()
    member.publish(1)
    member.wait_for(received=1, answered=1)
    member.end()
