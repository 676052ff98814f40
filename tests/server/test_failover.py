"""A master of a Redis Cluster, or behind Redis Sentinel, dies while pages publish through two hub processes: each page
gets all, once and in order, or is told of a gap; and soon all goes on.
"""

import asyncio
import contextlib
import time

import pytest

from browserws import Channels
from browserws.server.stores.redis import RedisStore
from tests.server.process import HubProcess
from tests.server.talk import run, running
from tools.redis_group import ClusterGroup, SentinelGroup, cut_off

CHANNELS = [f"channel {number}" for number in range(40)]
PUBLISHES = 125  # of each page in each channel ...
AT_ONCE = 5  # ... so many before the first of them is acknowledged
PAGES = ["ada", "bob"]
ALL = len(PAGES) * len(CHANNELS) * PUBLISHES
OUTAGE = 15  # seconds for which a publish may wait; a server counts as dead after one
UNLIMITED = ["--rate", "1e9", "--byte-rate", "1e12", "--byte-burst", "1000000000"]
OPTIONS = {"reconnect_interval": 50, "max_reconnect_interval": 500, "timeout": 60_000}


class Page:
    """Publishes numbers in all channels, one after the other in each, and writes down what it gets."""

    def __init__(self, port, name, all_pages):
        self.log = {channel: [] for channel in CHANNELS}  # (user, number), or "gap"
        self.waits = []  # seconds that publishes have taken
        self.lasts = set()  # channel and user whose last number has come
        self._pages = all_pages
        self.channels = Channels(f"ws://localhost:{port}/", {**OPTIONS, "user": name})

    async def join(self):
        for name in CHANNELS:
            channel = await self.channels.join(name)
            channel.bind("message", lambda event, name=name: self._got(name, event))
            channel.bind("gap", lambda event, name=name: self.log[name].append("gap"))

    def _got(self, channel, event):
        self.log[channel].append((event.user, event.data))
        if event.data == PUBLISHES - 1:
            self.lasts.add((channel, event.user))

    async def publish(self, channel, first, after):
        for number in range(first, after, AT_ONCE):
            began = time.monotonic()
            for answer in [self.channels.publish(channel, one) for one in range(number, min(number + AT_ONCE, after))]:
                await answer
                self.waits.append(time.monotonic() - began)

    @property
    def has_all(self):
        return len(self.lasts) == len(CHANNELS) * len(PAGES)

    @property
    def gaps(self):
        return sum(entry == "gap" for log in self.log.values() for entry in log)


def problems_of(log):
    """Between two gaps what comes of each page is without a hole, once and in order."""
    last = {}
    for entry in log:
        if entry == "gap":
            last = dict.fromkeys(PAGES)
            continue
        user, number = entry
        before = last.get(user, -1)
        if before is not None and number != before + 1:
            yield f"{user}'s {number} comes after {before}"
        last[user] = number


async def until(condition):
    while not condition():
        await asyncio.sleep(0.005)


async def publish_while(group, *faults):
    """Faults are coroutines that are given the group, and how many publishes were acknowledged."""
    with contextlib.ExitStack() as stack:
        hubs = [HubProcess("--redis", group.url, *UNLIMITED, quiet=True) for _ in PAGES]
        for hub in hubs:
            stack.callback(hub.kill)
        pages = []
        pages += [Page(hub.port, name, pages) for hub, name in zip(hubs, PAGES, strict=True)]

        def acknowledged():
            return sum(len(page.waits) for page in pages)

        for page in pages:
            await page.join()
        began = time.monotonic()
        ends = [PUBLISHES * number // (len(faults) + 1) for number in range(len(faults) + 2)]
        for number, fault in enumerate([*faults, nothing]):  # at the end, so that what comes last is not lost
            part = ends[number : number + 2]
            flows = [asyncio.create_task(page.publish(channel, *part)) for page in pages for channel in CHANNELS]
            enough = acknowledged() + (part[1] - part[0]) * len(flows) / 3
            await until(lambda: acknowledged() >= enough)  # noqa: B023
            await fault(group, acknowledged)
            await asyncio.gather(*flows)
        await until(lambda: all(page.has_all for page in pages))
        for page in pages:
            page.channels.close()
    outage = max(wait for page in pages for wait in page.waits)
    print(
        f"{acknowledged()} publishes in {time.monotonic() - began:.1f} s, the longest took {outage:.1f} s; "
        f"{sum(page.gaps for page in pages)} gaps"
    )
    problems = [
        f"{name}, {channel}: {problem}"
        for name, page in zip(PAGES, pages, strict=True)
        for channel, log in page.log.items()
        for problem in problems_of(log)
    ]
    assert not problems, problems[:20]
    assert acknowledged() == ALL and outage < OUTAGE
    return pages


async def nothing(group, acknowledged):
    pass


async def kill(group, acknowledged):
    group.masters[0].kill()


async def kill_what_was_cut_off(group, acknowledged):
    """What it has acknowledged of late, no replica has."""
    with cut_off(group, group.masters[-1]):
        before = acknowledged()
        await until(lambda: acknowledged() >= before + 200)
        group.masters[-1].kill()


@pytest.mark.parametrize("group", [ClusterGroup, SentinelGroup])
def test_what_a_master_takes_with_it_is_reported_as_a_gap(group):
    async def main():
        with group() as servers:
            faults = [kill, kill_what_was_cut_off] if group is ClusterGroup else [kill_what_was_cut_off]
            pages = await publish_while(servers, *faults)
            assert all(page.gaps for page in pages)

    run(main(), seconds=100)


def test_where_nothing_was_lost_there_is_no_gap():
    async def main():
        with SentinelGroup() as servers:
            pages = await publish_while(servers, kill)
            assert not any(page.gaps for page in pages)

    run(main(), seconds=100)


def test_hub_that_does_not_hear_one_part_of_a_cluster_says_so_and_comes_back():
    async def main():
        loop = asyncio.get_running_loop()
        with ClusterGroup(replicas=0) as servers:
            async with running(store=RedisStore(servers.url)) as hub, hub.client() as ada:
                await ada.ask("join", channel="c")
                with servers.masters[1].paused():
                    began = loop.time()
                    assert await ada.closed() == 1013
                    assert loop.time() - began < 10
                    assert (await hub.get("/healthz"))[0] == 503
                while (await hub.get("/healthz"))[0] != 200:
                    await asyncio.sleep(0.05)
                async with hub.client() as ada:
                    for channel in CHANNELS:
                        assert (await ada.ask("join", channel=channel))["type"] == "joined"

    run(main(), seconds=60)
