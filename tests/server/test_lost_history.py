"""A Redis that loses data, in whole or in part: each process tells of it before anything that follows."""

import asyncio
import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from browserws.server import Settings
from browserws.server.stores import ADDED, CONFLICT, LOST, REPEAT, Position, Publish, Session
from browserws.server.stores import redis as redis_store
from browserws.server.stores.redis import RedisStore
from tests.server import over
from tests.server.talk import run

CHANNEL = "c"


@pytest.fixture(scope="module")
def redis():
    with over.redis() as server:
        yield server


class Process:
    """A hub process as its store sees it; `heard` is what its members would get: data, and "gap"."""

    def __init__(self, url, prefix, **changes):
        self.store = RedisStore(url, prefix)
        self.settings = Settings(**changes)
        self.heard = []
        self.at = None  # epoch and offset
        self.news = asyncio.Event()

    async def listen(self):
        position, _ = await self.store.listen(CHANNEL)
        self.at = (position.epoch, position.offset)

    def on_entry(self, channel, entry):
        if entry.epoch != self.at[0]:
            self.heard.append("gap")
        elif entry.offset <= self.at[1]:
            return
        self.at = (entry.epoch, entry.offset)
        self.heard.append(int(entry.data))
        self.news.set()

    def on_reset(self, channel, position):
        if position.epoch != self.at[0]:
            self.at = (position.epoch, position.offset)
            self.heard.append("gap")

    def on_presence(self, channel, come, gone):
        pass

    def on_members(self, channel, members):
        pass

    def on_removed(self, channel, user, reason):
        pass

    def channels_with_members(self):
        return []

    def members_here(self, channel):
        return ()

    async def hears(self, number):
        while self.heard[-1:] != [number]:
            self.news.clear()
            await self.news.wait()


@contextlib.asynccontextmanager
async def processes(redis, prefix, count=2, **changes):
    async with contextlib.AsyncExitStack() as stack:
        started = [Process(redis.url, prefix, **changes) for _ in range(count)]
        for process in started:
            await process.store.start(process, process.settings)
            stack.push_async_callback(process.store.stop)
        yield started


async def dump(store):
    """All that Redis has under the store's prefix, but for who reads and who lives."""
    keys = [key async for key in store.client.redis.scan_iter(match=store.client.prefix + "[msde]:*")]
    return {key: await store.client.redis.dump(key) for key in keys}


async def restore(store, dumped, kinds="msde"):
    async for key in store.client.redis.scan_iter(match=f"{store.client.prefix}[{kinds}]:*"):
        await store.client.redis.delete(key)
    for key, value in dumped.items():
        if key.decode()[len(store.client.prefix)] in kinds:
            await store.client.redis.restore(key, 0, value, replace=True)  # a beat may have made it anew


class Publisher:
    """One page after the other publishes numbers; `order` is what Redis acknowledged, in this order."""

    def __init__(self):
        self.order = []
        self._next = 0

    async def publish(self, store, **fields):
        number = self._next
        self._next += 1
        (published,) = await store.publish([Publish(CHANNEL, "ada", 1000 + number, str(number), **fields)])
        assert published.status == ADDED
        self.order.append(number)
        return number


def check(heard, order):
    """Without a gap between them, what follows a message is what was acknowledged after it."""
    for before, after in zip(heard, heard[1:], strict=False):
        if before != "gap" and after != "gap":
            assert order.index(after) == order.index(before) + 1, (heard, order)
    assert len([one for one in heard if one != "gap"]) == len({one for one in heard if one != "gap"}), heard


STEPS = st.lists(
    st.sampled_from(
        [
            "publish by 0",
            "publish by 1",
            "publish by 2",
            "dump",
            "restore",
            "restore m",
            "restore s",
            "restore d",
            "flush",
        ]
    ),
    max_size=25,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_was_lost_is_reported_before_what_follows(redis, steps):
    """Two processes listen, and a third one, which does not, publishes, too."""

    async def main():
        async with processes(redis, "lost:", 3) as (first, second, third):
            await third.store.client.redis.flushall()
            await first.listen()
            await second.listen()
            publisher, dumped = Publisher(), {}
            for step in steps:
                what, *arguments = step.split()
                if what == "publish":
                    await publisher.publish([first, second, third][int(arguments[1])].store)
                elif what == "dump":
                    dumped = await dump(first.store)
                elif what == "restore":
                    await restore(first.store, dumped, *arguments)
                else:
                    await first.store.client.redis.flushall()
            for process in (first, second):  # what a beat would do
                await process.store.look_again(CHANNEL)
            last = await publisher.publish(first.store)
            for process in (first, second):
                await process.hears(last)
                check(process.heard, publisher.order)

    run(main())


def test_steady_publisher_is_received_again_after_all_was_lost(redis):
    """What was acknowledged after the loss comes, all of it, and the gap before it."""

    async def main():
        async with processes(redis, "steady:") as (first, second):
            await first.listen()
            await second.listen()
            publisher = Publisher()
            for _ in range(20):
                last = await publisher.publish(first.store)
            for process in (first, second):
                await process.hears(last)
            await first.store.client.redis.flushall()
            for _ in range(20):
                last = await publisher.publish(first.store)
            for process in (first, second):
                await process.hears(last)
                assert process.heard == [*range(20), "gap", *range(20, 40)]

    run(main())


def test_loss_while_nobody_was_there_ends_the_epoch_too(redis):
    """The last member went, Redis lost the end of the history, somebody comes: no offset names two messages."""

    async def main():
        async with processes(redis, "nobody:", 1) as (process,):
            await process.listen()
            publisher = Publisher()
            await publisher.publish(process.store)
            dumped = await dump(process.store)
            await process.hears(await publisher.publish(process.store))
            before = process.at
            await process.store.forget(CHANNEL)
            await restore(process.store, dumped)
            await process.listen()
            assert process.at[0] > before[0] and process.at[1] == 1

    run(main())


def hold_reading(process):
    """Nothing of Redis is read from now on until the event is set."""
    gate, real = asyncio.Event(), process.store.client.blocking.xread

    async def xread(*arguments, **options):
        await gate.wait()
        return await real(*arguments, **options)

    process.store.client.blocking.xread = xread
    return gate


@pytest.mark.parametrize("others_go_on", [True, False])
def test_what_was_acknowledged_and_lost_before_anybody_read_it_is_a_gap(redis, others_go_on):
    """As when a master dies that has answered, and its replica does not have it. Only who made it can know."""

    async def main():
        async with processes(redis, f"unread-{others_go_on}:") as (first, second):
            gates = [hold_reading(process) for process in (first, second)]
            await first.listen()
            await second.listen()
            publisher = Publisher()
            await publisher.publish(first.store)
            dumped = await dump(first.store)
            await publisher.publish(first.store)
            await restore(first.store, dumped)
            there = await publisher.publish(second.store) if others_go_on else 0
            for gate in gates:
                gate.set()
            await first.hears(there)
            await first.store.look_again(CHANNEL)  # what a beat would do
            last = await publisher.publish(first.store)
            for process in (first, second):
                await process.hears(last)
                assert "gap" in process.heard
            check(first.heard, publisher.order)

    run(main())


def test_what_was_lost_of_a_channel_that_only_others_read_is_a_gap(redis, monkeypatch):
    """Such as somebody's inbox."""
    monkeypatch.setattr(redis_store, "HEARTBEAT", 0.1)

    async def main():
        async with processes(redis, "inbox:") as (first, second):
            gate = hold_reading(second)
            await second.listen()
            publisher = Publisher()
            await publisher.publish(first.store)
            dumped = await dump(first.store)
            await publisher.publish(first.store)
            await restore(first.store, dumped)
            first.store.client.failures += 1
            gate.set()
            while "gap" not in second.heard:
                await asyncio.sleep(0)
            await second.hears(await publisher.publish(second.store))

    run(main())


def test_others_that_go_on_from_before_what_was_read_are_a_gap(redis):
    """The end of the history is lost, and a process that had not read it publishes past it."""

    async def main():
        async with processes(redis, "past:") as (reader, other):
            await reader.listen()
            publisher = Publisher()
            for _ in range(5):
                await publisher.publish(reader.store)
            dumped = await dump(reader.store)
            for _ in range(5):
                last = await publisher.publish(reader.store)
            await reader.hears(last)
            await restore(reader.store, dumped)
            for _ in range(8):
                last = await publisher.publish(other.store)
            await reader.store.look_again(CHANNEL)
            last = await publisher.publish(other.store)
            await reader.hears(last)
            check(reader.heard, publisher.order)
            assert "gap" in reader.heard

    run(main())


def test_page_that_read_what_was_lost_is_given_a_gap_when_it_reconnects(redis):
    """Nobody else had read it, and others went on past it: the time of the page's last message shows it."""

    async def main():
        async with processes(redis, "back:") as (process, other):
            publisher = Publisher()
            for _ in range(5):
                await publisher.publish(process.store)
            dumped = await dump(process.store)
            for _ in range(5):
                await publisher.publish(process.store)
            here, is_known = await process.store.since(CHANNEL, Position("", 0))
            seen = Position(here.epoch, 10, 1009)
            assert await process.store.since(CHANNEL, seen) == (Position(here.epoch, 10), True)
            await restore(process.store, dumped)
            for _ in range(8):
                await publisher.publish(other.store)
            assert await process.store.since(CHANNEL, seen) == (Position(here.epoch, 13), False)

    run(main())


def test_publish_that_was_made_is_known_although_its_session_was_forgotten(redis):
    """Only a history that is gone may have it twice."""

    async def main():
        async with processes(redis, "known:", 1) as (process,):
            session, _ = await process.store.open_session(None, "ada", None)
            publish = Publish(CHANNEL, "ada", 0, "1", session, 7)
            (made,) = await process.store.publish([publish])
            async for key in process.store.client.redis.scan_iter(match="known:c:*"):
                await process.store.client.redis.delete(key)
            (again,) = await process.store.publish([publish])
            assert (made.status, again.status) == (ADDED, REPEAT)
            assert (again.epoch, again.offset) == (made.epoch, made.offset)

    run(main())


def test_what_redis_has_lost_is_not_published_after_what_its_page_sent_later(redis):
    """Redis fell back to what it was, and made the next one in a new epoch, which knows of none before."""

    async def main():
        async with processes(redis, "later:", 1) as (process,):
            await process.listen()

            async def publish(number, connection):
                session = Session("s", connection)
                (one,) = await process.store.publish([Publish(CHANNEL, "ada", 0, str(number), session, number, 0, 1)])
                return one.status

            assert await publish(1, 1) == ADDED
            dumped = await dump(process.store)
            assert await publish(2, 1) == ADDED
            await process.hears(2)
            await restore(process.store, dumped)
            assert await publish(3, 1) == ADDED
            assert [await publish(number, 2) for number in (1, 2, 3, 4)] == [LOST, LOST, REPEAT, ADDED]
            assert await publish(5, 1) == CONFLICT
            await process.hears(4)
            assert process.heard == [1, 2, "gap", 3, 4]

    run(main())


@pytest.mark.parametrize("kind", ["d", "m", "s"])
def test_where_the_memory_of_publishes_is_lost_the_epoch_ends(redis, kind):
    async def main():
        prefix = f"memory-{kind}:"
        async with processes(redis, prefix, 1) as (process,):
            await process.listen()
            publish = Publish(CHANNEL, "ada", 0, "1", Session("s", 1), 7)
            (made,) = await process.store.publish([publish])
            await process.hears(1)
            await process.store.client.redis.delete(process.store.client.channel_key(kind, CHANNEL))
            (again,) = await process.store.publish([publish])
            if kind == "s":  # what was published is gone, but known
                assert (again.status, again.epoch) == (REPEAT, made.epoch)
                return
            assert again.status == ADDED and again.epoch != made.epoch
            await process.hears(1)
            assert process.heard == [1, "gap", 1]

    run(main())


def test_publishes_are_remembered_for_as_long_as_is_promised_and_not_for_ever(redis, monkeypatch):
    """Redis' own clock says how long: here it is turned forward by what the hash says of its age."""

    async def main():
        async with processes(redis, "age:", 1, session_ttl=10, idle_timeout=10) as (process,):
            store = process.store
            recent, older = store.client.channel_keys(CHANNEL)[2:]

            async def publish(session, number=1):
                (published,) = await store.publish([Publish(CHANNEL, "ada", 0, "1", Session(session, 1), number)])
                return published.status

            async def pass_time(seconds):
                await store.client.redis.hincrby(recent, ":since", -seconds)

            assert await publish("a") == ADDED
            await pass_time(41)
            assert await publish("b") == ADDED
            assert await store.client.redis.hexists(older, "a") and await publish("a") == REPEAT
            await pass_time(41)
            assert await publish("c") == ADDED
            assert not await store.client.redis.hexists(older, "a") and await publish("a") == ADDED

    run(main())


def test_history_keeps_to_its_size_and_length(redis):
    async def main():
        async with processes(redis, "size:", 1, history=50, history_bytes=100_000) as (process,):
            store = process.store
            for size, most in ((10, 55), (10_000, 11), (10, 55)):
                for _ in range(200):
                    data = '"' + "x" * size + '"'
                    await store.publish([Publish(CHANNEL, "ada", 0, data)])
                length = await store.client.redis.xlen(store.client.channel_keys(CHANNEL)[1])
                assert 0.8 * min(50, most - 2) <= length <= most

    run(main())
