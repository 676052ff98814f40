"""What waits for clients: in order, in one piece, and never more than is allowed."""

import asyncio

import pytest

from browserws.server.frames import Frame
from browserws.server.outlet import LOOK_AGAIN, Flusher, Outlet
from tests.server.talk import run


class FakeWire:
    """A way to a client that takes no more while `ready` is False."""

    def __init__(self):
        self.ready = True
        self.written = []

    def is_ready(self):
        return self.ready

    def write(self, frames):
        self.written.append([frame.payload for frame in frames])


class Client:
    def __init__(self, flusher, limit=1000):
        self.wire = FakeWire()
        self.overflows = 0
        self.outlet = Outlet(flusher, self.wire, limit, self._overflow)

    def _overflow(self):
        self.overflows += 1

    def write(self, *texts):
        for text in texts:
            self.outlet.write(Frame(text))

    def latest(self, channel, text):
        self.outlet.latest(channel, Frame(text))

    @property
    def written(self):
        return self.wire.written


async def late(flusher, limit=1000, *texts):
    """A client that does not keep up: `texts` wait for it already."""
    client = Client(flusher, limit)
    client.wire.ready = False
    client.write("what is too much")
    await asyncio.sleep(0)
    client.written.clear()
    client.write(*texts or ["first"])
    return client


class Transport:
    """One that waits for the end of the tick, with so many bytes in its buffer."""

    def __init__(self):
        self.buffered = 0
        self.closing = False
        self.written = []

    def get_write_buffer_size(self):
        return self.buffered

    def is_closing(self):
        return self.closing

    def write(self, data):
        self.buffered = len(data)
        self.written.append(data)


FIRST = len(Frame("first").wire)
BIG = "x" * 90
SIZE = len(Frame(BIG).wire)


def with_flusher(test, limit=10_000):
    flusher = Flusher(limit)
    run(test(flusher))
    assert flusher.size == 0


# --- a client that keeps up ---


def test_what_is_written_in_one_tick_goes_in_one_piece():
    async def main(flusher):
        client, other = Client(flusher), Client(flusher)
        client.write("a", "b")
        other.write("c")
        client.latest("x", "d")
        client.latest("x", "e")
        assert client.written == []
        await asyncio.sleep(0)
        assert client.written == [["a", "b", "d", "e"]] and other.written == [["c"]]
        client.write("f")
        await asyncio.sleep(0)
        assert client.written[1:] == [["f"]] and len(other.written) == 1

    with_flusher(main)


def test_flush_writes_at_once_and_nothing_when_there_is_nothing():
    async def main(flusher):
        client = Client(flusher)
        client.write("a")
        assert client.outlet.flush() is True and client.written == [["a"]]
        await asyncio.sleep(0)
        assert client.written == [["a"]]

    with_flusher(main)


def test_what_comes_alone_goes_at_once_to_a_transport_that_waits_for_the_end_of_the_tick():
    async def main(flusher):
        client, direct = Client(flusher), Transport()
        client.outlet.direct = direct

        async def end_of_tick():
            direct.buffered = 0
            await asyncio.sleep(0)

        client.write("a")
        assert direct.written == [Frame("a").wire]
        client.latest("x", "b")
        await end_of_tick()
        assert client.written == [["b"]]
        for text in ("c", "d"):  # it was a burst: the next are gathered
            client.write(text)
        await end_of_tick()
        client.write("e")  # the last one that may have been one
        await end_of_tick()
        assert len(direct.written) == 1 and client.written[1:] == [["c", "d"], ["e"]]
        client.latest("x", "f")
        assert direct.written[1:] == [Frame("f").wire]

    with_flusher(main)


@pytest.mark.parametrize("end", ["the transport is closing", "the outlet is closed"])
def test_nothing_goes_at_once_at_the_end(end):
    async def main(flusher):
        client, direct = Client(flusher), Transport()
        client.outlet.direct = direct
        direct.closing = end == "the transport is closing"
        if not direct.closing:
            client.outlet.close()
        client.write("a")
        await asyncio.sleep(0)
        assert direct.written == client.written == []

    with_flusher(main)


def test_what_waits_goes_before_what_could_go_at_once():
    async def main(flusher):
        client, direct = Client(flusher), Transport()
        client.outlet.direct = direct
        client.write("a")
        client.write("b")
        direct.buffered, client.wire.ready = 0, False
        client.write("c")
        assert client.written == []
        await asyncio.sleep(0)
        client.write("d")
        assert client.written == [["b", "c"]] and flusher.size == len(Frame("d").wire)
        client.wire.ready = True
        await asyncio.sleep(2 * LOOK_AGAIN)
        assert client.written[1:] == [["d"]]
        client.write("e")
        assert direct.written == [Frame("a").wire, Frame("e").wire]

    with_flusher(main)


@pytest.mark.parametrize("is_direct", [True, False])
def test_much_in_one_tick_ends_no_client_that_kept_up_before(is_direct):
    """As when Redis was away, and a channel has much to tell."""

    async def main(flusher):
        client, direct = Client(flusher, 10 * SIZE), Transport()
        if is_direct:
            client.outlet.direct = direct
            client.write("first")
        client.wire.ready = False
        for number in range(100):
            client.latest("x", f"{BIG}{number}")
        await asyncio.sleep(0)
        assert client.overflows == 0 and flusher.size == 0 and len(client.written[0]) == 100
        for number in range(100):
            client.latest("x", f"{BIG}{number}")
        assert client.overflows == 0 and flusher.size == len(Frame(f"{BIG}99").wire)
        client.outlet.close()

    with_flusher(main)


# --- one that does not ---


def test_what_waits_goes_when_the_client_is_ready_and_in_order():
    async def main(flusher):
        client = await late(flusher, 1000, "a", "b")
        client.write("c")
        await asyncio.sleep(2.5 * LOOK_AGAIN)
        assert client.written == []
        client.wire.ready = True
        await asyncio.sleep(2 * LOOK_AGAIN)
        assert client.written == [["a", "b", "c"]]
        client.write("d")
        await asyncio.sleep(0)
        assert client.written[1:] == [["d"]]

    with_flusher(main)


def test_who_is_late_holds_up_nobody_and_comes_in_turn():
    async def main(flusher):
        first, second, quick = await late(flusher), await late(flusher), Client(flusher)
        quick.write("a")
        await asyncio.sleep(0)
        assert quick.written == [["a"]]
        first.wire.ready = True
        await asyncio.sleep(2 * LOOK_AGAIN)
        assert first.written == [["first"]] and second.written == []
        second.wire.ready = True
        await asyncio.sleep(2 * LOOK_AGAIN)
        assert second.written == [["first"]]
        again = await late(flusher)
        again.wire.ready = True
        await asyncio.sleep(2 * LOOK_AGAIN)
        assert again.written == [["first"]]

    with_flusher(main)


def test_one_timer_is_enough_for_all_that_are_late():
    async def main(flusher):
        timers, real = [], asyncio.get_running_loop().call_later

        def call_later(*arguments):
            timers.append(arguments)
            return real(*arguments)

        asyncio.get_running_loop().call_later = call_later
        Client(flusher).write("keeps up")
        await asyncio.sleep(0)
        assert timers == []
        clients = [await late(flusher) for _ in range(3)]
        assert len(timers) == 1
        for client in clients:
            client.outlet.close()

    with_flusher(main)


def test_of_a_conflated_channel_only_the_newest_waits():
    async def main(flusher):
        client = await late(flusher)
        for number in range(10):
            client.latest("x", f"x{number}")
            client.latest("y", f"y{number}")
        client.write("b")
        assert flusher.size == FIRST + sum(len(Frame(text).wire) for text in ("x9", "y9", "b"))
        client.wire.ready = True
        await asyncio.sleep(2 * LOOK_AGAIN)
        assert client.written == [["first", "b", "x9", "y9"]]
        client.outlet.drop_latest("x")  # nothing of it waits
        client.latest("x", "x10")
        await asyncio.sleep(0)
        assert client.written[1:] == [["x10"]]

    with_flusher(main)


def test_what_waits_of_a_channel_that_was_left_does_not_come():
    async def main(flusher):
        client = await late(flusher)
        client.latest("x", BIG)
        client.outlet.drop_latest("x")
        client.outlet.drop_latest("y")
        assert flusher.size == FIRST
        client.wire.ready = True
        await asyncio.sleep(2 * LOOK_AGAIN)
        assert client.written == [["first"]]

    with_flusher(main)


# --- limits ---


@pytest.mark.parametrize("way", ["write", "latest"])
def test_client_with_more_than_its_limit_is_done_with(way):
    async def main(flusher):
        client = await late(flusher, FIRST + 2 * SIZE)
        for number in range(3):
            assert client.overflows == 0 and flusher.size == FIRST + number * SIZE
            client.write(BIG) if way == "write" else client.latest(str(number), BIG)
        assert client.overflows == 1 and flusher.size == 0
        client.write("more")
        client.latest("x", "more")
        assert flusher.size == 0 and client.overflows == 1
        client.wire.ready = True
        await asyncio.sleep(2 * LOOK_AGAIN)
        client.write("more")
        client.latest("x", "more")
        await asyncio.sleep(2 * LOOK_AGAIN)
        assert client.written == []

    with_flusher(main)


def test_all_clients_together_have_a_limit_and_who_goes_beyond_it_is_done_with():
    async def main(flusher):
        first, second = await late(flusher), await late(flusher)
        first.write(BIG)
        second.write(BIG)
        assert flusher.size == flusher.limit and first.overflows + second.overflows == 0
        first.write("")
        assert (first.overflows, second.overflows) == (1, 0) and flusher.size == FIRST + SIZE
        second.outlet.close()

    with_flusher(main, 2 * (FIRST + SIZE))


def test_client_that_keeps_up_has_no_limit():
    async def main(flusher):
        client = Client(flusher, 10)
        client.write(*[BIG] * 200)
        assert flusher.size == 0
        await asyncio.sleep(0)
        assert len(client.written[0]) == 200 and client.overflows == 0

    with_flusher(main)


def test_what_is_counted_is_what_waits():
    async def main(flusher):
        client = await late(flusher)
        client.write("a")
        assert client.outlet.flush() is False and client.outlet.flush() is False
        assert flusher.size == FIRST + len(Frame("a").wire)
        client.wire.ready = True
        assert client.outlet.flush() is True
        assert flusher.size == 0
        client.wire.ready = False
        client.write("what is too much")
        await asyncio.sleep(0)
        assert flusher.size == 0
        client.write("bc")
        assert flusher.size == len(Frame("bc").wire)
        client.outlet.close()

    with_flusher(main)


# --- the end ---


def test_closed_outlet_is_done_whether_the_client_is_ready_or_not():
    async def main(flusher):
        client = await late(flusher)
        client.outlet.close()
        assert flusher.size == 0 and client.outlet.flush() is True
        await asyncio.sleep(2 * LOOK_AGAIN)
        assert not flusher._late
        client.write("a")
        client.wire.ready = True
        await asyncio.sleep(2 * LOOK_AGAIN)
        assert client.written == [] and client.overflows == 0

    with_flusher(main)


def test_closed_in_the_tick_in_which_it_was_written_to_nothing_goes():
    async def main(flusher):
        client = Client(flusher)
        client.write("a")
        client.outlet.close()
        client.wire.ready = False
        await asyncio.sleep(0)
        assert client.written == [] and flusher.size == 0 and not flusher._late

    with_flusher(main)


def test_client_to_which_writing_fails_is_done_with_and_the_others_are_not(caplog):
    async def main(flusher):
        broken, other = Client(flusher), Client(flusher)

        def write(frames):
            raise OSError("gone")

        broken.wire.write = write
        broken.write("a")
        other.write("b")
        await asyncio.sleep(0)
        assert broken.overflows == 1 and other.written == [["b"]] and not flusher._late

    with_flusher(main)
    assert [record.message for record in caplog.records] == ["writing to a client failed"]
    assert caplog.records[0].exc_info and caplog.records[0].name == "browserws.server"


def test_ready_waits_until_all_is_on_its_way_or_the_outlet_is_closed():
    async def main(flusher):
        client = Client(flusher)
        client.write("a")
        await asyncio.wait_for(client.outlet.ready(), 0.5)  # the next tick
        assert client.written == [["a"]]
        for end in ("ready", "closed"):
            for way in ("write", "latest"):
                client = await late(flusher)
                if way == "latest":
                    client.outlet._queue.clear()
                    client.latest("x", "b")
                waiting = asyncio.create_task(client.outlet.ready())
                await asyncio.sleep(2 * LOOK_AGAIN)
                assert not waiting.done()
                if end == "ready":
                    client.wire.ready = True
                else:
                    client.outlet.close()
                await waiting
                assert bool(client.written) == (end == "ready")

    with_flusher(main)
