"""What the hub promises of connections, whichever engine carries them: `websockets`, and picows (`--engine picows`)."""

import asyncio
import json
import os
import ssl
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close, Opcode

from browserws.server import Hub, Settings, serving
from browserws.server.adapters import picows
from tests.faults.hostile import Attacker
from tests.raw_client import frame, handshake, text_frame
from tests.server.talk import Running, run
from tools.paths import ROOT

ENGINES = {"websockets": serving.serve, "picows": picows.serve}
HELLO = json.dumps({"type": "hello", "v": 1, "user": "ada"})


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.fixture
def serve(engine):
    """Serves a hub, over the engine."""

    @asynccontextmanager
    async def serve(options=None, **settings):
        hub = Hub(settings=Settings(**settings))
        async with ENGINES[engine](hub, "localhost", 0, **(options or {})) as server:
            yield Running(hub, server.sockets[0].getsockname()[1], server)

    return serve


async def raw(hub, *frames):
    """A connection that has sent these frames."""
    attacker = Attacker(hub.port, "eve")
    await attacker.connect()
    attacker.writer.write(b"".join(frames))
    return attacker


async def closed(attacker):
    """The code and the reason of the close frame, which is the last thing that comes."""
    data = await attacker.reader.read()
    attacker.close()
    at = data.index(b"\x88")
    payload = data[at + 2 : at + 2 + data[at + 1]]
    assert len(data) == at + 2 + len(payload), "more came behind the close frame"
    return Close.parse(payload)


# --- frames ---


def test_fragments_are_one_message_and_pings_may_come_between_them(serve):
    async def main():
        async with serve() as hub:
            first, rest = HELLO.encode()[:9], HELLO.encode()[9:]
            parts = [frame(Opcode.CONT, bytes([byte]), fin=False) for byte in rest]
            attacker = await raw(
                hub, frame(Opcode.TEXT, first, fin=False), frame(Opcode.PING, b"!"), *parts, frame(Opcode.CONT, b"")
            )
            assert await attacker.reader.readexactly(3) == b"\x8a\x01!"
            await attacker.reader.readuntil(b'"welcome"')
            attacker.close()

    run(main())


VIOLATIONS = {
    "continuation of nothing": (1002, [frame(Opcode.CONT, b"x")]),
    "message within another": (1002, [frame(Opcode.TEXT, b"x", fin=False), frame(Opcode.TEXT, b"x")]),
    "not masked": (1002, [b"\x81\x01x"]),
    "reserved bits": (1002, [b"\xc1\x80\0\0\0\0"]),
    "unknown opcode": (1002, [b"\x83\x80\0\0\0\0"]),
    "long ping": (1002, [b"\x89\xfe\x00\x7e\0\0\0\0" + b"x" * 126]),
    "ping in fragments": (1002, [b"\x09\x81\0\0\0\0x"]),
    "text that is not UTF-8": (1007, [frame(Opcode.TEXT, b"\xff")]),
    "text that is a surrogate": (1007, [frame(Opcode.TEXT, b"\xed\xa0\x80")]),
    "text cut within a character": (1007, [frame(Opcode.TEXT, b"\xc3", fin=False), frame(Opcode.CONT, b"")]),
    "large": (1009, [frame(Opcode.TEXT, b"x" * 1025)]),
    "large in fragments": (1009, [frame(Opcode.TEXT, b"x" * 600, fin=False), frame(Opcode.CONT, b"x" * 600)]),
    "large, by its head": (1009, [b"\x82\xff" + (2**40).to_bytes(8, "big") + bytes(4), b"x" * 500_000]),
    "a close of one byte": (1002, [b"\x88\x81\0\0\0\0\x03"]),
    "a close with a code that none can send": (1002, [frame(Opcode.CLOSE, (1005).to_bytes(2, "big"))]),
}


@pytest.mark.parametrize("what", VIOLATIONS)
def test_frames_that_may_not_come_get_their_code_before_the_connection_ends(serve, what, caplog):
    """Also when more has been sent than the hub reads: a reset would take the code away."""
    code, frames = VIOLATIONS[what]

    async def main():
        async with serve(max_message=1024) as hub:
            attacker = await raw(hub, *frames)
            assert (await closed(attacker)).code == code
            async with hub.client():
                pass

    run(main())
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_what_came_before_a_close_is_answered(serve):
    async def main():
        async with serve() as hub:
            done = []

            @hub.hub.on("publish")
            def publish(message):
                done.append(message.data)

            requests = [{"type": "join", "id": 1, "channel": "c"}]
            requests += [{"type": "publish", "id": n, "channel": "c", "data": n} for n in range(2, 30)]
            texts = [text_frame(json.dumps(request)) for request in requests]
            attacker = await raw(hub, text_frame(HELLO), *texts, frame(Opcode.CLOSE, b""))
            await attacker.reader.read()
            while len(done) < 28:
                await asyncio.sleep(0)
            assert done == list(range(2, 30))
            attacker.close()

    run(main())


# --- closes ---


@pytest.mark.parametrize("close", [(3001, "goodbye ☃"), (1000, "")])
def test_client_that_closes_gets_its_own_code(serve, close):
    async def main():
        async with serve() as hub, hub.client() as client:
            await client.socket.close(*close)
            received = client.socket.protocol.close_rcvd
            assert (received.code, received.reason) == close

    run(main())


def test_close_without_a_code_is_answered_by_one(serve):
    async def main():
        async with serve() as hub:
            attacker = await raw(hub, text_frame(HELLO), frame(Opcode.CLOSE, b""))
            assert (await attacker.reader.read()).endswith(b"\x88\x00")
            attacker.close()
            while hub.hub.connections:
                await asyncio.sleep(0)

    run(main())


def test_client_that_does_not_answer_a_close_is_dropped(serve):
    async def main():
        async with serve(close_timeout=0.2) as hub:
            attacker = await raw(hub, text_frame(HELLO))
            await attacker.reader.readuntil(b'"welcome"')
            await hub.hub.disconnect("ada")
            while hub.hub.connections:
                await asyncio.sleep(0.01)
            await attacker.reader.read()
            attacker.close()

    run(main())


@pytest.mark.parametrize("first", ["client", "hub"])
def test_nothing_follows_a_close_frame(serve, first):
    """While the hub publishes in each tick of the event loop to a channel that the client is in."""

    async def main():
        async with serve(close_timeout=0.5) as hub:
            join = json.dumps({"type": "join", "id": 1, "channel": "c"})
            client = await raw(hub, text_frame(HELLO), text_frame(join))
            await client.reader.readuntil(b'"joined"')
            publishing = asyncio.create_task(publish(hub.hub))
            await client.reader.readuntil(b'"data":99}')
            if first == "client":
                client.writer.write(frame(Opcode.CLOSE, b"\x03\xe8"))
            else:
                (connection,) = hub.hub.connections
                connection.close_soon(4401, "expired")
            assert (await closed(client)).code == (1000 if first == "client" else 4401)
            assert not publishing.done(), "publishing has failed"
            publishing.cancel()

    run(main())


@pytest.mark.parametrize("end", ["write_eof", "abort"])
def test_client_that_goes_without_a_word_is_written_to_no_more(serve, end):
    async def main():
        async with serve() as hub:
            join = json.dumps({"type": "join", "id": 1, "channel": "c"})
            client = await raw(hub, text_frame(HELLO), text_frame(join))
            await client.reader.readuntil(b'"joined"')
            publishing = asyncio.create_task(publish(hub.hub))
            await client.reader.readuntil(b'"data":99}')
            getattr(client.writer.transport, end)()
            while hub.hub.connections:
                await asyncio.sleep(0)
            assert not publishing.done(), "publishing has failed"
            publishing.cancel()
            client.close()

    run(main())


async def publish(hub):
    """In each tick of the event loop."""
    for number in range(10**6):
        await hub.publish("c", number)
        await asyncio.sleep(0)


def test_hub_that_stops_sends_1012_to_clients_and_gives_up_handshakes(serve):
    async def main():
        async with serve(handshake_timeout=1000) as hub:
            client = await connect(hub.url, compression=None)
            await client.send(HELLO)
            await client.recv()
            reader, writer = await asyncio.open_connection("localhost", hub.port)
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
            async with hub.client("bob"):
                pass  # so that the other's bytes have come, too
        with pytest.raises(ConnectionClosed):
            while True:
                await client.recv()
        assert client.close_code == 1012
        with pytest.raises(OSError):
            await connect(hub.url)
        writer.close()

    run(main())


# --- handshakes ---


async def ask(hub, request):
    reader, writer = await asyncio.open_connection("localhost", hub.port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


def test_connection_header_may_be_a_list(serve):
    """As that of Firefox: `keep-alive, Upgrade`."""

    async def main():
        async with serve() as hub:
            reader, writer = await asyncio.open_connection("localhost", hub.port)
            writer.write(handshake(hub.port).replace(b"Connection: Upgrade", b"Connection: keep-alive, Upgrade"))
            assert b" 101 " in await reader.readline()
            writer.close()

    run(main())


def test_handshake_may_come_byte_by_byte_and_with_the_first_message(serve):
    async def main():
        async with serve(rate=1e6) as hub:
            reader, writer = await asyncio.open_connection("localhost", hub.port)
            for byte in handshake(hub.port) + text_frame(HELLO):
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)
            await reader.readuntil(b'"welcome"')
            writer.close()

    run(main())


def test_no_extension_and_no_subprotocol_is_agreed_on(serve):
    async def main():
        async with serve() as hub, connect(hub.url, subprotocols=["chat"]) as socket:  # which offers compression
            assert socket.subprotocol is None and socket.protocol.extensions == []
            await socket.send(HELLO)
            assert json.loads(await socket.recv())["type"] == "welcome"

    run(main())


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        handshake(80).replace(b"Version: 13", b"Version: 12"),
        handshake(80).replace(b"Connection: Upgrade", b"Connection: close"),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
    ids=["no key", "old version", "no upgrade", "many headers"],
)
def test_request_that_is_no_handshake_is_refused(serve, request_, caplog):
    async def main():
        async with serve() as hub:
            assert (await ask(hub, request_)).split()[1][:1] == b"4"

    run(main())
    assert [record for record in caplog.records if record.levelname == "ERROR" and "picows" in record.name] == []


def test_header_without_an_end_ends(serve):
    async def main():
        async with serve(close_timeout=0.2) as hub:
            reader, writer = await asyncio.open_connection("localhost", hub.port)
            writer.write(b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000)
            try:
                await reader.read()
            except ConnectionError:
                pass
            writer.close()

    run(main())


def test_page_that_fails_is_a_500_that_says_nothing_of_it(serve, caplog):
    async def main():
        async with serve({"pages": lambda path: 1 / 0}) as hub:
            answer = await ask(hub, b"GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 500 ") and b"division" not in answer

    run(main())
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]


# --- TLS ---


def test_tls(serve):
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(server)
    authority.configure_trust(client)

    async def main():
        async with serve({"ssl": server}) as hub:
            hub.url = hub.url.replace("ws:", "wss:")
            async with hub.socket(ssl=client) as ada:
                await ada.hello(user="ada")
                await ada.ask("join", channel="c")
                await ada.ask("publish", channel="c", data="x" * 60_000)
                assert len((await ada.receive("message"))["data"]) == 60_000
                await hub.hub.disconnect("ada", "goodbye")
                assert await ada.closed() == 4403 and ada.socket.close_reason == "goodbye"

    run(main())


# --- the command line ---


def test_engine_that_is_not_installed_is_named():
    program = "import sys; sys.modules['picows'] = None; from browserws.server.__main__ import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", program, "--port", "0", "--engine", "picows"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and done.stdout == ""
    assert '--engine picows needs `pip install "browserws-server[fast]"`' in done.stderr
