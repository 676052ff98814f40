"""The ways from and to a client: through `websockets`, and through whatever has a few of its methods."""

import asyncio
import json
from types import SimpleNamespace

import pytest
import uvloop
import websockets.exceptions
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as websockets_serve
from websockets.datastructures import Headers
from websockets.protocol import State

import browserws.errors
from browserws.server import Hub, Settings
from browserws.server.frames import Frame
from browserws.server.metered import MeteredConnection
from browserws.server.outcomes import Disconnected
from browserws.server.sockets import HIGH_WATER, MeteredSocket, QueuedSocket, WebsocketsSocket, joins_writes, socket_for
from tests.server.talk import Client, run


def connection(buffered=0, extensions=(), state=State.OPEN, closing=False):
    sent = []
    return SimpleNamespace(
        sent=sent,
        transport=SimpleNamespace(
            get_write_buffer_size=lambda: buffered, is_closing=lambda: closing, write=lambda data: sent.append(data)
        ),
        protocol=SimpleNamespace(
            extensions=extensions,
            state=state,
            send_text=lambda data: sent.append(("text", data)),
            send_binary=lambda data: sent.append(("binary", data)),
        ),
        send_data=lambda: sent.append("sent"),
    )


def test_socket_takes_more_while_little_is_in_the_way():
    assert WebsocketsSocket(connection(HIGH_WATER - 1)).is_ready()
    assert not WebsocketsSocket(connection(HIGH_WATER)).is_ready()


def test_socket_writes_in_one_piece_and_compressed_through_the_protocol():
    frames = [Frame("é"), Frame(b"\0")]
    plain, compressed = connection(), connection(extensions=("deflate",))
    for one in (plain, compressed):
        WebsocketsSocket(one).write(frames)
        WebsocketsSocket(one).write(frames[:1])
    assert plain.sent == [frames[0].wire + frames[1].wire, frames[0].wire]
    text = ("text", "é".encode())
    assert compressed.sent == [text, ("binary", b"\0"), "sent", text, "sent"]


@pytest.mark.parametrize("ended", [{"state": State.CLOSING}, {"closing": True}])
def test_socket_writes_nothing_to_a_connection_that_ends(ended):
    for extensions in ((), ("deflate",)):
        one = connection(extensions=extensions, **ended)
        WebsocketsSocket(one).write([Frame("a")])
        assert one.sent == []


class PlainTransport:
    """As one of uvloop, or of asyncio."""

    def __init__(self, ssl=None):
        self._extra = {"sslcontext": ssl}

    def get_extra_info(self, name):
        return self._extra[name]


OfUvloop = type("OfUvloop", (PlainTransport,), {"__module__": "uvloop.loop"})


@pytest.mark.parametrize(
    ("transport", "how", "is_direct"),
    [
        (OfUvloop(), {}, True),
        (PlainTransport(), {}, False),
        (OfUvloop(ssl="TLS"), {}, False),
        (OfUvloop(), {"extensions": ("deflate",)}, False),
        (OfUvloop(), {"state": State.CLOSING}, False),
    ],
    ids=["uvloop", "asyncio", "TLS", "compression", "closing"],
)
def test_transport_that_joins_writes_takes_frames_as_they_are(transport, how, is_direct):
    one, closed = connection(**how), []
    one.transport, one.on_closing = transport, None
    assert MeteredSocket(one).direct(lambda: closed.append(1)) is (transport if is_direct else None)
    assert (one.on_closing is not None) == is_direct
    assert WebsocketsSocket(one).direct(print) is None  # nothing tells it of a close frame


def test_transports_of_uvloop_are_known():
    async def main():
        serving = websockets_serve(lambda connection: connection.wait_closed(), "localhost", 0)
        async with serving as server, connect(f"ws://localhost:{server.sockets[0].getsockname()[1]}") as client:
            return joins_writes(client.transport)

    for factory, joins in ((uvloop.new_event_loop, True), (asyncio.SelectorEventLoop, False)):
        with asyncio.Runner(loop_factory=factory) as runner:
            assert runner.run(main()) is joins


def test_queued_socket_sends_in_order_and_takes_so_much_at_once():
    async def main():
        sent, gate = [], asyncio.Event()

        async def send(payload):
            await gate.wait()
            sent.append(payload)

        socket = QueuedSocket(SimpleNamespace(send=send))
        socket.write([Frame(str(number)) for number in range(50)])
        socket.write([Frame(b"bytes")])
        await asyncio.sleep(0)
        assert socket.is_ready()
        socket.write([Frame("x" * (HIGH_WATER // 50))] * 50)
        assert not socket.is_ready()
        gate.set()
        while socket._task is not None:
            await asyncio.sleep(0)
        assert sent[:51] == [*map(str, range(50)), b"bytes"] and len(sent) == 101 and socket.is_ready()
        socket.write([Frame("again")])
        await asyncio.sleep(0)
        assert sent[-1] == "again"

    run(main())


def wire(size):
    """A frame of that many bytes, its head of four included."""
    return Frame("x" * (size - 4))


@pytest.mark.parametrize(("more", "is_ready"), [(-1, True), (0, False)])
def test_queued_socket_counts_what_waits_to_the_byte(more, is_ready):
    async def main():
        gates = [asyncio.Event(), asyncio.Event()]

        async def send(payload):
            await gates.pop().wait()

        first = gates[-1]
        socket = QueuedSocket(SimpleNamespace(send=send))
        socket.write([wire(20_000)])
        socket.write([wire(40_000), wire(HIGH_WATER - 60_000 + more)])
        assert socket.is_ready() is is_ready
        first.set()
        while gates:
            await asyncio.sleep(0)
        assert socket.is_ready()  # 20,000 bytes have gone
        socket.write([wire(19_999 - more)])
        assert socket.is_ready()
        socket.write([wire(10)])
        assert not socket.is_ready()
        socket._task.cancel()

    run(main())


def test_queued_socket_forgets_what_waits_when_the_client_has_gone():
    async def main():
        calls = []

        async def send(payload):
            calls.append(payload)
            raise OSError("gone")

        socket = QueuedSocket(SimpleNamespace(send=send))
        socket.write([Frame("a"), Frame("b" * HIGH_WATER)])
        assert not socket.is_ready()
        await asyncio.sleep(0)
        assert calls == ["a"] and socket.is_ready()
        socket.write([Frame("c"), wire(40_000), wire(HIGH_WATER - 40_000 - len(Frame("c").wire) - 1)])
        assert socket.is_ready()
        await asyncio.sleep(0)
        assert calls == ["a", "c"]

    run(main())


# --- connections of other libraries ---


@pytest.mark.parametrize(
    ("kind", "socket"),
    [(MeteredConnection, MeteredSocket), (ServerConnection, WebsocketsSocket), (object, QueuedSocket)],
)
def test_each_kind_of_connection_has_its_socket(kind, socket):
    class Connection(kind):
        protocol = SimpleNamespace(extensions=())
        transport = None
        close_code = 1000

    made = socket_for(Connection.__new__(Connection))
    assert type(made) is socket and made.is_closed


def test_queued_socket_is_closed_with_code_and_reason():
    closes = []

    async def close(code=1000, reason=""):
        closes.append((code, reason))

    run(QueuedSocket(SimpleNamespace(close=close)).close(4401, "expired"))
    assert closes == [(4401, "expired")]


def test_what_was_written_is_sent_before_the_close():
    async def main():
        events = []

        async def send(payload):
            await asyncio.sleep(0)
            events.append(payload)

        async def close(code=1000, reason=""):
            events.append(code)

        socket = QueuedSocket(SimpleNamespace(send=send, close=close))
        socket.write([Frame("a"), Frame("b")])
        await socket.close(4400, "")
        assert events == ["a", "b", 4400]

    run(main())


@pytest.mark.parametrize(
    "error",
    [
        websockets.exceptions.ConnectionClosedOK(None, None),
        websockets.exceptions.ConnectionClosedError(None, None),
        browserws.errors.ConnectionClosed(None, None),
    ],
)
def test_whichever_exception_says_that_a_connection_is_closed_it_is_one_for_the_hub(error):
    async def recv():
        raise error

    async def main():
        with pytest.raises(Disconnected):
            await QueuedSocket(SimpleNamespace(recv=recv)).recv()

    run(main())


def test_other_failures_of_a_connection_are_not_hidden():
    async def recv():
        raise ZeroDivisionError

    async def main():
        with pytest.raises(ZeroDivisionError):
            await QueuedSocket(SimpleNamespace(recv=recv)).recv()

    run(main())


def test_connection_need_not_say_whence_it_comes():
    socket = QueuedSocket(SimpleNamespace(request=None, close_code=None))
    assert socket.address == "" and socket.headers is None and not socket.is_closed and socket.budget is None
    headers = Headers({"Origin": "http://localhost"})
    known = SimpleNamespace(remote_address=("10.0.0.1", 5), request=SimpleNamespace(headers=headers), close_code=1000)
    assert QueuedSocket(known).address == "10.0.0.1" and QueuedSocket(known).headers is headers
    assert QueuedSocket(known).is_closed


class OwnConnection:
    """What `AnyConnection` asks for, and no more, over two queues."""

    request = None
    close_code = None

    def __init__(self):
        self.to_hub, self.to_page = asyncio.Queue(), asyncio.Queue()
        self.transport = SimpleNamespace(abort=lambda: self.to_hub.put_nowait(None))

    async def recv(self):
        frame = await self.to_hub.get()
        if frame is None:
            self.close_code = 1006
            raise browserws.errors.ConnectionClosed(None, None)
        return frame

    async def send(self, message):
        await self.to_page.put(message)

    async def close(self, code=1000, reason=""):
        self.close_code = code
        await self.to_hub.put(None)


def test_connection_of_any_library_is_served_if_it_has_what_the_hub_needs():
    async def main():
        async with Hub() as hub:
            connection = OwnConnection()
            serving = asyncio.create_task(hub.handle(connection))
            client = Client(SimpleNamespace(send=connection.to_hub.put, recv=connection.to_page.get))
            await client.hello(user="ada")
            assert (await client.ask("join", channel="c"))["type"] == "joined"
            await hub.publish("c", 1)
            await hub.publish("c", b"bytes")
            assert [(await client.receive("message"))["data"] for _ in range(2)] == [1, b"bytes"]
            (served,) = hub.connections
            served.abort()
            await serving
            assert not hub.connections and connection.close_code == 1006
            assert hub.budgets._accounts == {}

    run(main())


def test_connection_of_any_library_is_closed_with_the_code_that_says_why():
    async def main():
        async with Hub() as hub:
            connection = OwnConnection()
            await connection.to_hub.put("no json")
            await hub.handle(connection)
            assert connection.close_code == 4400

    run(main())


def test_what_comes_through_a_connection_that_counts_nothing_is_counted():
    async def main():
        async with Hub() as hub:
            hub.budgets.now = lambda: 0.0  # no budget grows meanwhile
            connection = OwnConnection()
            connection.remote_address = ("10.0.0.1", 5)
            serving = asyncio.create_task(hub.handle(connection))
            client = Client(SimpleNamespace(send=connection.to_hub.put, recv=connection.to_page.get))
            await client.hello(user="ada")
            for _ in range(99):
                await client.send("ping")
                await client.receive("pong")
            assert hub.budgets.slowed["frames"] == 0
            await client.send("ping")
            await client.receive("pong")
            assert hub.budgets.slowed["frames"] >= 1
            account = hub.budgets._accounts["address", "10.0.0.1"]
            assert account.references == 1
            served = next(iter(hub.connections))
            served.abort()
            await serving
            assert account.references == 0

    run(main())


def test_control_frames_are_counted_where_the_server_shows_them():
    async def main():
        async with Hub() as hub:
            hub.budgets.now = lambda: 0.0  # no budget grows meanwhile
            connection = OwnConnection()
            await connection.to_hub.put(json.dumps({"type": "hello", "v": 1, "user": "ada"}))
            serving = asyncio.create_task(hub.handle(OwnConnectionWithPings(connection)))
            await connection.to_page.get()
            assert hub.budgets.slowed["frames"] == 1  # 100 pings and the hello, of which 100 are free
            connection.transport.abort()
            await serving

    run(main())


class OwnConnectionWithPings:
    """A hundred pings come before anything else."""

    def __init__(self, connection):
        self._connection = connection
        self._pings = 100

    def __getattr__(self, name):
        return getattr(self._connection, name)

    async def recv(self):
        if self._pings:
            self._pings -= 1
            return None
        return await self._connection.recv()


@pytest.mark.parametrize(("text", "code"), [("x" * 510, 4400), ("x" * 511, 4400), ("é" * 257, 1009), ("x" * 513, 1009)])
def test_message_that_is_too_large_is_a_1009_whatever_the_server_lets_through(text, code):
    """The limit is 512 bytes; what is not too large is no JSON."""

    async def main():
        async with Hub(settings=Settings(max_message=512)) as hub:
            connection = OwnConnection()
            await connection.to_hub.put(text)
            await hub.handle(connection)
            assert connection.close_code == code

    run(main())
