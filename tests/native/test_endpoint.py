"""What only a program can do: headers, TLS, proxies, pings."""

import asyncio
import contextlib
import ssl

import pytest
import trustme
from websockets.asyncio.server import basic_auth, serve

from browserws import Channels, InvalidHandshake, ReliableWebSocket, WebSocket, connect
from browserws.native import Endpoint
from browserws.server import Hub
from tests.native.program import Recorder, run

authority = trustme.CA()


def trusting():
    """A context of a client that trusts the authority of this test."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@contextlib.asynccontextmanager
async def echoing(scheme="ws", **options):
    """A server that sends the request's headers that begin with X-, and then what comes; its connections."""
    connections = []

    async def echo(connection):
        connections.append(connection)
        for name, value in connection.request.headers.raw_items():
            if name.startswith("X-"):
                await connection.send(f"{name}: {value}")
        async for message in connection:
            await connection.send(message)

    async with serve(echo, "localhost", 0, max_size=None, **options) as server:
        yield f"{scheme}://localhost:{server.sockets[0].getsockname()[1]}/", connections


def tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return {"ssl": context, "scheme": "wss"}


def test_headers_of_connect_are_sent():
    """As with `websockets`, from which code is moved by its import."""

    async def main():
        async with echoing() as (url, connections):
            for headers in ({"X-Token": "a"}, [("X-Token", "a")]):
                async with connect(url, additional_headers=headers, origin="https://example.org") as ws:
                    assert await ws.recv() == "X-Token: a"
                assert connections[-1].request.headers["Origin"] == "https://example.org"
            async with connect(url, user_agent_header=None, compression=None, ping_interval=None, ssl=None):
                names = {name for name, _ in connections[-1].request.headers.raw_items()}
                assert not names & {"User-Agent", "Sec-WebSocket-Extensions", "Origin"}

    run(main())


def test_endpoint_stands_where_a_url_stands():
    async def main():
        async with echoing() as (url, _):
            endpoint = Endpoint(url, additional_headers={"X-Token": "secret"})
            assert "secret" not in repr(endpoint) and endpoint == url
            recorder = await Recorder(endpoint).open()
            assert await recorder.message() == "X-Token: secret" and recorder.ws.url == url
            await recorder.done()
            async with connect(endpoint, origin="https://example.org") as ws:
                assert await ws.recv() == "X-Token: secret"

    run(main())


def test_each_attempt_can_have_headers_of_its_own():
    """What a page does with a fresh token in the URL."""
    asked, came = [], asyncio.Queue()

    async def endpoint():
        asked.append(None)
        return Endpoint(url, additional_headers={"X-Attempt": str(len(asked))})

    async def main():
        nonlocal url
        async with echoing() as (url, connections):
            ws = ReliableWebSocket(endpoint, {"reconnect_interval": 0, "jitter": False})
            ws.onmessage = lambda event: came.put_nowait(event.data)
            for attempt in range(1, 4):
                assert await came.get() == f"X-Attempt: {attempt}"
                connections[-1].transport.abort()
            ws.close()

    url = ""
    run(main())


def test_channels_reach_a_hub_that_asks_for_a_password():
    async def main():
        hub = Hub()
        await hub.start()
        gate = basic_auth(realm="hub", credentials=("bot", "secret"))
        async with serve(hub.handle, "localhost", 0, process_request=gate) as server:
            url = f"ws://localhost:{server.sockets[0].getsockname()[1]}/"
            headers = {"Authorization": "Basic Ym90OnNlY3JldA=="}
            channels = Channels(Endpoint(url, additional_headers=headers), {"user": "bot"})
            channel = await channels.join("room")
            assert await channel.publish("hello") == 1
            channels.close()
            with pytest.raises(InvalidHandshake, match="401"):
                await connect(url)
        await hub.stop()

    run(main())


def test_tls_is_that_of_the_context():
    async def main():
        async with echoing(**tls()) as (url, _):
            with pytest.raises(InvalidHandshake, match="certificate verify failed"):
                await connect(url)
            async with connect(url, ssl=trusting(), max_size=None) as ws:
                await ws.send(bytes(3_000_000))
                await ws.send("€")
                assert len(await ws.recv()) == 3_000_000
                assert await ws.recv() == "€"
            recorder = await Recorder(Endpoint(url, ssl=trusting())).open()
            for text in "ab":
                recorder.ws.send(text)
            recorder.ws.close(4000, "enough")
            close = await recorder.closed()
            assert (close.code, close.reason, close.wasClean) == (4000, "enough", True)

    run(main())


def test_back_pressure_over_tls():
    count, size = 1500, 16 * 1024  # more than fits in all buffers on the way
    sent = []

    async def push(connection):
        for number in range(count):
            await connection.send(bytes(size))
            sent.append(number)

    async def main():
        options = tls()
        async with serve(push, "localhost", 0, ssl=options["ssl"], compression=None) as server:
            url = f"wss://localhost:{server.sockets[0].getsockname()[1]}/"
            async with connect(url, ssl=trusting(), backpressure=True, max_queue=4) as ws:
                before = -1
                while len(sent) != before:
                    before = len(sent)
                    await asyncio.sleep(0.3)
                assert ws.backlog == 4 and before < count
                for _ in range(count):
                    assert len(await ws.recv()) == size

    run(main())


@contextlib.asynccontextmanager
async def proxying():
    """An HTTP proxy; what it was asked for."""
    asked = []

    async def pipe(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def serve_one(reader, writer):
        line, *_ = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        method, target, _ = line.decode().split()
        asked.append((method, target))
        host, port = target.split(":")
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(pipe(reader, there_writer), pipe(there_reader, writer))

    async with await asyncio.start_server(serve_one, "localhost", 0) as server:
        yield f"http://localhost:{server.sockets[0].getsockname()[1]}", asked


def test_proxy_is_used():
    async def main():
        async with echoing() as (url, _), proxying() as (proxy, asked):
            async with connect(url, proxy=proxy) as ws:
                await ws.send("through the proxy")
                assert await ws.recv() == "through the proxy"
            assert asked == [("CONNECT", url.split("/")[2])]

    run(main())


def test_pings_find_a_server_that_is_dead(server):
    """`ping_interval` is of a program; by default none are sent, as by a page."""

    async def main():
        async with connect(server + "/deaf/of-pings", ping_interval=0.05, ping_timeout=0.1) as ws:
            before = asyncio.get_running_loop().time()
            ws._socket.js.connection.close_timeout = 0.1
            await ws.wait_closed()
            assert ws.close_code == 1006 and asyncio.get_running_loop().time() - before < 5

    run(main())


def test_message_that_is_too_large_is_not_even_read():
    async def main():
        async with echoing() as (url, connections):
            recorder = await Recorder(Endpoint(url, max_size=1000, compression=None)).open()
            recorder.ws.send("x" * 1000)
            recorder.ws.send("x" * 1001)
            close = await recorder.closed()
            assert recorder.types() == ["open", "message", "error", "close"] and close.code == 1006
            assert "1001 bytes" in str(recorder.events[2].exception)
            await connections[0].wait_closed()

    run(main())


def test_redirects_are_followed_as_by_websockets():
    async def main():
        async with echoing() as (url, _):

            def redirect(connection, request):
                response = connection.respond(302, "")
                response.headers["Location"] = url
                return response

            async with serve(None, "localhost", 0, process_request=redirect) as server:
                port = server.sockets[0].getsockname()[1]
                async with connect(f"ws://localhost:{port}/", additional_headers={"X-Token": "a"}) as ws:
                    assert await ws.recv() == "X-Token: a"

    run(main())


def test_ssl_for_a_url_without_tls_is_refused_before_anything_happens():
    async def main():
        with pytest.raises(ValueError, match="ws://"):
            await connect("ws://localhost:1/", ssl=trusting())
        with pytest.raises(ValueError, match="ws://"):
            WebSocket(Endpoint("ws://localhost:1/", ssl=trusting()))

    run(main())
