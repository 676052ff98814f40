"""The wire, from the `websockets` library to a fake server: what a page can do works, what it cannot is refused."""

import asyncio
import gc
import ssl

import pytest
from websockets.asyncio import connection as library
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.frames import Frame, Opcode

from browserws.dropin import installation, settings
from browserws.dropin.errors import NotInPages
from browserws.dropin.finder import Changes
from browserws.dropin.patches import websockets_messages
from browserws.dropin.patches.event_loop import create_connection
from browserws.dropin.settings import Settings
from browserws.dropin.wire import Wire
from browserws.testing import FakeNetwork


@pytest.fixture(autouse=True, params=["in frames", "past frames"])
def wired(monkeypatch, request):
    """The event loop connects by way of wires, on which `websockets` reads frames or messages."""
    monkeypatch.setattr(asyncio.SelectorEventLoop, "create_connection", create_connection)
    changes = Changes()
    if request.param == "past frames":
        websockets_messages.patch(library, changes)
    before = settings.current()
    settings.use(Settings())
    yield
    settings.use(before)
    changes.undo()


async def echo(connection):
    async for message in connection:
        await connection.send(message)


def run(page, server=echo, **options):
    """Run `page(network)`; then nothing is left of its connections."""

    async def main():
        with FakeNetwork(server, **options) as network:
            await page(network)
            for _ in range(10):
                await asyncio.sleep(0)
            tasks = [link.task for link in network._links]
            left = asyncio.all_tasks() - {asyncio.current_task(), *tasks}
            assert not left, left
        gc.collect()
        assert not [thing for thing in gc.get_objects() if type(thing) is Wire and not thing._lost]

    asyncio.run(main())


def test_messages_go_both_ways():
    async def page(network):
        async with connect("ws://localhost/echo", compression="deflate") as ws:
            for message in ("text", b"\0\xff", "", b"", "ü" * 70_000, bytes(1 << 20), ["a", "b"]):
                await ws.send(message)
                assert await ws.recv() == ("ab" if message == ["a", "b"] else message)
            assert ws.protocol.extensions == []
        assert (ws.close_code, network.connections[0].close_code) == (1000, 1000)

    run(page)


def test_pings_are_answered_in_the_page():
    async def page(network):
        async with connect("ws://localhost/", ping_interval=1, ping_timeout=1) as ws:
            await (await ws.ping(b"x"))
            await ws.pong()
            await asyncio.sleep(100)
            await ws.send("still there")
            assert await ws.recv() == "still there"

    run(page)


@pytest.mark.parametrize(("code", "sent"), [(1000, 1000), (1001, 4001), (1009, 4009), (1011, 4011), (3000, 3000)])
def test_close_codes_that_a_page_may_not_send_are_sent_as_private_ones(code, sent):
    async def page(network):
        async with connect("ws://localhost/") as ws:
            await ws.close(code, "why")
        assert (ws.close_code, ws.close_reason) == (code, "why")
        assert network.connections[0].close_code == sent

    run(page)


@pytest.mark.parametrize("code", [1000, 1001, 1012, 4000])
def test_the_servers_close_arrives_after_its_messages(code):
    async def server(connection):
        await connection.send("last")
        await connection.close(code, "bye")

    async def page(network):
        async with connect("ws://localhost/") as ws:
            assert await ws.recv() == "last"
            await ws.wait_closed()
            assert (ws.close_code, ws.close_reason) == (code, "bye")

    run(page, server)


def test_a_lost_connection_is_1006():
    async def server(connection):
        connection.transport.abort()

    async def page(network):
        async with connect("ws://localhost/") as ws:
            with pytest.raises(ConnectionClosedError) as error:
                await ws.recv()
            assert error.value.rcvd is None and ws.close_code == 1006

    run(page, server)


def test_a_failed_handshake_is_a_502_that_says_that_nobody_knows_why():
    async def page(network):
        with pytest.raises(InvalidStatus) as error:
            await connect("ws://localhost/")
        assert error.value.response.status_code == 502
        assert b"does not tell a page why" in error.value.response.body

    run(page, refuse=lambda path: True)


def test_only_subprotocols_that_were_offered_are_echoed():
    def rewrite(url, headers, subprotocols):
        return url, [*subprotocols, "secret." + headers.pop("x-key")]

    async def page(network):
        async with connect("ws://localhost/", subprotocols=["a", "b"]) as ws:
            assert ws.subprotocol == "b"
        settings.use(Settings(rewrite))
        async with connect("ws://localhost/", subprotocols=["a"], additional_headers={"X-Key": "1"}) as ws:
            assert ws.subprotocol is None and network.connections[1].subprotocol == "secret.1"

    run(page, select_subprotocol=lambda connection, offered: offered[-1] if offered else None)


def test_rewrite_is_given_all_there_is_and_changes_the_url():
    seen = []

    def rewrite(url, headers, subprotocols):
        seen.append((url, headers["authorization"], subprotocols))
        return url + "?token=" + headers.pop("authorization"), subprotocols

    async def page(network):
        settings.use(Settings(rewrite))
        async with connect("ws://localhost:81/path", additional_headers={"Authorization": "x"}) as ws:
            await ws.send("")
        assert network.connections[0].request.path == "/path?token=x"

    run(page)
    assert seen == [("ws://localhost:81/path", "x", [])]


def test_headers_that_rewrite_leaves_are_refused_by_name():
    async def page(network):
        settings.use(Settings(lambda url, headers, subprotocols: (url, subprotocols)))
        with pytest.raises(Exception) as error:  # `websockets` wraps it
            await connect("ws://localhost/", additional_headers={"X-Key": "1"})
        assert "x-key" in everything(error.value) and network.connections == []

    run(page)


def everything(error):
    """The texts of an exception and of its causes."""
    texts = []
    while error is not None:
        texts.append(str(error))
        error = error.__cause__ or error.__context__
    return " ".join(texts)


def test_wss_is_the_browsers():
    async def page(network):
        async with connect("wss://localhost:82/x") as ws:
            assert ws.transport.get_extra_info("sslcontext") is not None
        assert network._links[0].js.url == "wss://localhost:82/x"

    run(page)


@pytest.mark.parametrize(
    "options",
    [
        {"ssl": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)},
        {"local_addr": ("127.0.0.1", 0)},
        {"proxy": "http://proxy:3128"},
        {"host": "elsewhere"},
    ],
    ids=lambda options: next(iter(options)),
)
def test_what_a_page_cannot_do_is_refused_by_name(options):
    async def page(network):
        url = "wss://localhost/" if "ssl" in options else "ws://localhost/"
        with pytest.raises(Exception) as error:  # `websockets` wraps some
            await connect(url, **options)
        assert "a page" in everything(error.value) and network._links == []

    run(page)


def test_bytes_that_are_not_http_are_refused():
    async def page(network):
        _, writer = await asyncio.open_connection("localhost", 6379)
        with pytest.raises(NotInPages, match=r"no TCP.*\*1"):
            writer.write(b"*1\r\n$4\r\nPING\r\n")
        assert writer.transport.is_closing()
        _, writer = await asyncio.open_connection("localhost", 5432)
        with pytest.raises(NotInPages, match="no TCP"):
            writer.write(b"HELO example.org\r\n\r\n")

    run(page)


def test_a_cancelled_attempt_leaves_nothing():
    async def page(network):
        with pytest.raises(TimeoutError):
            await connect("ws://localhost/", open_timeout=1)
        attempt = asyncio.create_task(connect("ws://localhost/").__aenter__())
        await asyncio.sleep(0.1)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        assert len(network._links) == 2 and all(link._ended for link in network._links)

    run(page, hold=lambda path: True)


def test_a_slow_reader_takes_no_more_than_it_wants():
    async def server(connection):
        for number in range(5000):
            await connection.send(str(number) + " " * 1000)
        await connection.close()

    async def page(network):
        async with connect("ws://localhost/", max_queue=4) as ws:
            await asyncio.sleep(1)
            assert len(ws.recv_messages.frames) < 200
            numbers = [int(message) async for message in ws]
        assert numbers == list(range(5000)) and ws.close_code == 1000

    run(page, server)


def test_a_full_browser_pauses_the_library():
    async def server(connection):
        connection.transport.pause_reading()
        await asyncio.sleep(10)
        connection.transport.resume_reading()
        await connection.wait_closed()

    async def page(network):
        async with connect("ws://localhost/", write_limit=10_000) as ws:
            began = asyncio.get_running_loop().time()
            for _ in range(5):
                await ws.send(bytes(20_000))
            assert asyncio.get_running_loop().time() - began > 9

    run(page, server)


def test_a_protocol_that_raises_loses_its_connection():
    class Bad(asyncio.Protocol):
        def __init__(self):
            self.lost = asyncio.get_running_loop().create_future()

        def data_received(self, data):
            raise KeyError("bad")

        def connection_lost(self, error):
            self.lost.set_result(error)

    async def page(network):
        reported = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: reported.append(context["exception"]))
        transport, protocol = await asyncio.get_running_loop().create_connection(Bad, "localhost", 80)
        transport.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        assert isinstance(await protocol.lost, KeyError) and len(reported) == 1

    run(page)


def test_a_protocol_that_leaves_at_a_large_message_gets_no_more():
    class Leaves(asyncio.Protocol):
        sizes = []

        def connection_made(self, transport):
            self.transport = transport

        def data_received(self, data):
            self.sizes.append(len(data))
            self.transport.abort()

    async def page(network):
        transport, protocol = await asyncio.get_running_loop().create_connection(Leaves, "localhost", 80)
        transport.deliver([bytes(70_000), b"more"], at_once=True)
        assert protocol.sizes == [70_000]

    run(page)


def test_buffered_protocols_are_served_too():
    class Buffered(asyncio.BufferedProtocol):
        def __init__(self):
            self.buffer = bytearray(10)
            self.data = b""
            self.lost = asyncio.get_running_loop().create_future()

        def get_buffer(self, hint):
            return self.buffer

        def buffer_updated(self, size):
            self.data += self.buffer[:size]

        def connection_lost(self, error):
            self.lost.set_result(error)

    async def page(network):
        transport, protocol = await asyncio.get_running_loop().create_connection(Buffered, "localhost", 80)
        transport.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        assert await protocol.lost is None and b" 502 " in protocol.data

    run(page, refuse=lambda path: True)


@pytest.mark.parametrize("answers", [True, False])
def test_a_close_of_the_server_waits_for_the_librarys_answer(answers):
    class Client(asyncio.Protocol):
        def __init__(self):
            self.data = b""
            self.lost = asyncio.get_running_loop().create_future()

        def connection_made(self, transport):
            self.transport = transport

        def data_received(self, data):
            self.data += data

        def connection_lost(self, error):
            self.lost.set_result(error)

    async def server(connection):
        await connection.close(4000)

    async def page(network):
        loop = asyncio.get_running_loop()
        transport, client = await loop.create_connection(Client, "localhost", 80)
        transport.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        await asyncio.sleep(1)
        assert client.data.endswith(b"\x88\x02\x0f\xa0") and not transport.is_closing()
        began = loop.time()
        if answers:
            transport.write(b"\x88\x82\0\0\0\0\x0f\xa0")
        assert await client.lost is None
        assert (loop.time() - began < 1) == answers

    run(page, server)


def test_no_mask_is_put_on_in_vain_and_uninstalling_brings_it_back(monkeypatch):
    from websockets import frames

    def masked():
        return Frame(Opcode.TEXT, b"text").serialize(mask=True, extensions=[])

    assert b"text" not in masked()
    with installation.apply(Settings()):
        assert masked().endswith(bytes(4) + b"text")
        assert frames.apply_mask(b"ab", b"\1\1\0\0") == b"`c"
    assert b"text" not in masked() and masked() != masked()


@pytest.mark.parametrize("backpressure", [True, False])
def test_a_slow_reader_pauses_the_server_where_that_is_wanted(backpressure):
    sent = 0

    async def server(connection):
        nonlocal sent
        for number in range(3000):
            await connection.send(str(number) + " " * 1000)
            sent += 1
        await connection.close()

    async def page(network):
        settings.use(Settings(backpressure=backpressure))
        async with connect("ws://localhost/", max_queue=4) as ws:
            await asyncio.sleep(1)
            assert (sent < 300) == backpressure
            assert [int(message) async for message in ws] == list(range(3000))

    run(page, server)


@pytest.mark.parametrize(
    "options",
    [{"local_addr": ("127.0.0.1", 0)}, {"ssl": True, "server_hostname": "other.example"}],
    ids=["local_addr", "server_hostname"],
)
def test_what_would_change_where_it_connects_is_refused_by_name(options):
    async def page(network):
        with pytest.raises(NotInPages, match="local_addr|other.example"):
            await create_connection(asyncio.get_running_loop(), asyncio.Protocol, "localhost", 80, **options)

    run(page)
