"""What a hub makes of clients that mean no good: each gets its documented answer, the others are served."""

import asyncio
import json
import logging
import resource
import time
import zlib

import pytest
from websockets.asyncio.client import connect
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus

from browserws.server import Hub, MemoryStore, Settings, User
from browserws.server.access import Access
from tests.server.process import HubProcess
from tests.server.talk import Running, run, running


def authenticate(token):
    names = {"token-of-ada": "ada", "token-of-bob": "bob"}
    if token == "short":
        return User("ada", time.time() + 0.2)
    return names.get(token)


def authorize(user, channel, action):
    return channel != "secrets" or user == "bob"


async def is_served(hub, **hello):
    """Whether somebody else still is."""
    async with hub.client("somebody", **hello) as client:
        await client.ask("join", channel="alive")
        await client.send("publish", id=99, channel="alive", data="alive")
        return (await client.receive("message"))["data"] == "alive"


# --- who comes in ---


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://192.168.0.1"]
)
def test_page_of_another_origin_is_refused(origin):
    async def main():
        async with running() as hub:
            with pytest.raises(InvalidStatus) as refused:
                await connect(hub.url, origin=origin)
            assert refused.value.response.status_code == 403
            assert await is_served(hub)

    run(main())


def test_page_of_the_same_host_and_those_that_are_allowed_come_in():
    async def main():
        async with running(origins=("https://app.example", "null")) as hub:
            for origin in (f"http://localhost:{hub.port}", "http://localhost:1", "https://app.example", "null", None):
                async with hub.socket(origin=origin) as client:
                    await client.hello(user="ada")

    run(main())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "app.localhost"])
@pytest.mark.parametrize("page", ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"])
def test_names_of_this_machine_are_one_host(page, host):
    access = Access(None, None, Settings())
    assert access.allows_page(Headers({"Origin": f"http://{page}:8000", "Host": f"{host}:8765"}))


def test_page_of_a_name_that_leads_to_the_hub_is_not_of_its_host():
    """Anybody can let a name of theirs point to another's address (DNS rebinding)."""
    rebound = Headers({"Origin": "http://evil.test:8765", "Host": "evil.test:8765"})
    assert not Access(None, None, Settings()).allows_page(rebound)
    assert Access(None, None, Settings(hosts=("evil.test",))).allows_page(rebound)
    assert Access(None, None, Settings()).allows_page(Headers({"Origin": "http://10.1.2.3", "Host": "10.1.2.3:8765"}))
    assert not Access(None, None, Settings()).allows_page(Headers({"Origin": "http://10.1.2.3", "Host": "10.1.2.4"}))


def test_refused_origin_is_logged_once_with_what_to_do(caplog):
    async def main():
        async with running() as hub:
            for _ in range(2):
                with pytest.raises(InvalidStatus):
                    await connect(hub.url, origin="https://evil.example")

    run(main())
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1 and "--origin https://evil.example" in warnings[0]


@pytest.mark.parametrize(
    "headers", ["Host: localhost\r\nHost: x\r\n", "Host: localhost\r\nOrigin: http://a\r\nOrigin: http://b\r\n", ""]
)
def test_headers_that_are_ambiguous_or_missing_are_a_400(headers, caplog):
    async def main():
        async with running() as hub:
            reader, writer = await asyncio.open_connection("localhost", hub.port)
            upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            writer.write(f"GET / HTTP/1.1\r\n{headers}{upgrade}{key}\r\n".encode())
            assert b" 400 " in await reader.readline()
            writer.close()

    run(main())
    assert [record for record in caplog.records if record.exc_info] == []


def test_several_upgrade_headers_are_one_list():
    async def main():
        async with running() as hub:
            reader, writer = await asyncio.open_connection("localhost", hub.port)
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: a\r\nUpgrade: b\r\n\r\n")
            assert b" 404 " in await reader.readline()
            writer.close()

    run(main())


def test_address_behind_proxies_is_what_the_first_of_them_said():
    access = Access(None, None, Settings(proxies=2))
    headers = Headers({"X-Forwarded-For": "6.6.6.6, 1.2.3.4, 10.0.0.2"})
    assert access.address_of("10.0.0.1", None) == "10.0.0.1"
    assert access.address_of("10.0.0.1", headers) == "1.2.3.4"  # what stands before, anybody can have written
    assert Access(None, None, Settings()).address_of("10.0.0.1", headers) == "10.0.0.1"


def test_clients_behind_a_proxy_have_budgets_of_their_own():
    async def main():
        async with running(proxies=1) as hub:
            for address in ("1.1.1.1", "2.2.2.2"):
                async with connect(hub.url, additional_headers={"X-Forwarded-For": address}):
                    assert ("address", address) in hub.hub.budgets._accounts
            assert ("address", "127.0.0.1") not in hub.hub.budgets._accounts

    run(main())


def test_mounted_hub_checks_the_origin_too():
    from websockets.asyncio.server import serve

    async def main():
        async with Hub() as hub, serve(hub.handle, "localhost", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://localhost:{port}", origin="https://evil.example") as socket:
                await socket.wait_closed()
                assert socket.close_code == 4403

    run(main())


@pytest.mark.parametrize("hello", [{}, {"token": ""}, {"token": "stolen"}, {"user": "ada"}])
def test_no_or_a_wrong_token_is_a_4401(hello):
    async def main():
        async with running(authenticate=authenticate) as hub, hub.socket() as client:
            await client.send("hello", v=1, **hello)
            assert await client.closed() == 4401
            assert await is_served(hub, token="token-of-bob")

    run(main())


def test_token_that_expires_ends_the_connection():
    async def main():
        async with running(authenticate=authenticate) as hub, hub.client(token="short") as client:
            assert await client.closed() == 4401

    run(main())


def test_nobody_speaks_as_another():
    async def main():
        async with running(authenticate=authenticate) as hub, hub.client("bob", token="token-of-ada") as ada:
            assert ada.welcome["user"] == "ada"
            await ada.ask("join", channel="c")
            await ada.send("publish", id=9, channel="c", data={"text": "hi", "user": "bob"}, user="bob")
            assert (await ada.receive("message"))["user"] == "ada"

    run(main())


def test_room_that_is_not_allowed_is_closed_in_every_way():
    async def main():
        async with running(authenticate=authenticate, authorize=authorize) as hub:
            await hub.hub.publish("secrets", "psst")
            async with hub.client(token="token-of-ada") as ada:
                since = {"epoch": "x", "offset": 0}
                assert (await ada.ask("join", channel="secrets", since=since))["code"] == "forbidden"
                assert (await ada.ask("history", channel="secrets"))["code"] == "not_joined"
                assert (await ada.ask("publish", channel="secrets", data=1))["code"] == "not_joined"
                assert (await ada.ask("join", channel="@bob"))["code"] == "forbidden"

    run(main())


def test_who_is_removed_while_joining_does_not_get_in():
    """`authorize` has said yes, then the user is banned and removed, then the join would go on."""

    async def main():
        asked, gate = asyncio.Event(), asyncio.Event()

        async def authorize(user, channel, action):
            asked.set()
            await gate.wait()
            return True

        async with running(authorize=authorize) as hub, hub.client() as ada:
            await ada.send("join", id=5, channel="c")
            await asked.wait()
            await hub.hub.remove("ada", "c", "banned")
            gate.set()
            answer = await ada.receive()
            assert (answer["type"], answer["code"]) == ("error", "not_joined")
            assert hub.hub.rooms._rooms == {}
            assert (await ada.ask("join", channel="c"))["type"] == "joined"  # whether they may is for `authorize`

    run(main())


def test_who_is_removed_while_the_store_is_asked_does_not_get_in():
    class Slow(MemoryStore):
        gate = asyncio.Event()

        async def listen(self, channel, may_be_made=True):
            found = await super().listen(channel, may_be_made)
            await self.gate.wait()
            return found

    async def main():
        async with running(store=Slow()) as hub, hub.client() as ada:
            await ada.send("join", id=5, channel="c")
            while not hub.hub.store._listening:
                await asyncio.sleep(0)
            await hub.hub.remove("ada", "c", "banned")
            Slow.gate.set()
            assert (await ada.receive())["code"] == "not_joined"
            while hub.hub.store._listening:
                await asyncio.sleep(0)
            assert hub.hub.rooms._rooms == {}

    run(main())


@pytest.mark.parametrize("name", ["ada ", "", "a\nb", 7, b"ada"])
def test_name_that_no_user_can_have_is_a_refused_token(name, caplog):
    async def main():
        async with running(authenticate=lambda token: name) as hub, hub.socket() as client:
            await client.send("hello", v=1, token="x")
            assert await client.closed() == 4401

    run(main())
    assert [record for record in caplog.records if record.exc_info] == []


def test_history_of_a_room_that_one_was_removed_from_is_closed():
    async def main():
        async with running() as hub, hub.client() as ada:
            await ada.ask("join", channel="c")
            await hub.hub.remove("ada", "c", "enough")
            assert (await ada.receive("left"))["reason"] == "enough"
            assert (await ada.ask("history", channel="c"))["code"] == "not_joined"
            assert (await ada.ask("publish", channel="c", data=1))["code"] == "not_joined"

    run(main())


def test_session_of_another_or_of_long_ago_is_not_resumed():
    async def main():
        async with running(authenticate=authenticate) as hub:
            async with hub.client(token="token-of-ada") as ada:
                session = ada.welcome["session"]
            async with hub.client(token="token-of-bob", session=session) as bob:
                assert bob.welcome["resumed"] is False and bob.welcome["session"] != session
            async with hub.client(token="token-of-ada", session=session) as ada:
                assert ada.welcome["resumed"] is True
            store = hub.hub.store
            store._sessions[session].used -= hub.hub.settings.session_ttl + 1
            await store.keep_sessions([])
            async with hub.client(token="token-of-ada", session=session) as ada:
                assert ada.welcome["resumed"] is False

    run(main())


# --- frames ---

DEEP = "[" * 100_000 + "]" * 100_000
BAD_FRAMES = {
    "no JSON": "hello",
    "no object": "[1]",
    "no type": '{"id": 1}',
    "unknown request": '{"type": "shutdown"}',
    "answer instead of a request": '{"type": "joined", "id": 1}',
    "dunder": '{"type": "__class__"}',
    "missing field": '{"type": "join", "id": 1}',
    "wrong id": '{"type": "join", "id": "1", "channel": "c"}',
    "negative id": '{"type": "join", "id": -1, "channel": "c"}',
    "flag as id": '{"type": "join", "id": true, "channel": "c"}',
    "huge integer": '{"type": "join", "id": 1' + "0" * 1_000_000 + ', "channel": "c"}',
    "huge integer as data": '{"type": "publish", "id": 1, "channel": "c", "data": 1' + "0" * 1_000_000 + "}",
    "NaN": '{"type": "publish", "id": 1, "channel": "c", "data": NaN}',
    "infinity": '{"type": "publish", "id": 1, "channel": "c", "data": 1e999}',
    "key twice": '{"type": "publish", "id": 1, "channel": "c", "channel": "d", "data": 1}',
    "key twice inside": '{"type": "publish", "id": 1, "channel": "c", "data": {"a": 1, "a": 2}}',
    "lone surrogate": '{"type": "publish", "id": 1, "channel": "c", "data": "\\ud800"}',
    "deep": '{"type": "publish", "id": 1, "channel": "c", "data": ' + "[" * 65 + "]" * 65 + "}",
    "too deep for a parser": '{"type": "publish", "id": 1, "channel": "c", "data": ' + DEEP + "}",
    "hello twice": '{"type": "hello", "v": 1}',
    "binary without JSON": b"\xff\xfe\n",
    "empty": "",
    "empty binary": b"",
}


@pytest.mark.parametrize("what", BAD_FRAMES)
def test_frame_that_is_not_the_protocol_is_a_4400(what):
    async def main():
        async with running(max_message=2_000_000) as hub, hub.client() as client:
            await client.ask("join", channel="c")
            await client.socket.send(BAD_FRAMES[what])
            assert await client.closed() == 4400
            assert await is_served(hub)

    run(main())


def test_first_message_that_is_no_hello_is_a_4400():
    async def main():
        async with running() as hub:
            for first in ("ping", "join"):
                async with hub.socket() as client:
                    await client.send(first, id=1, channel="c")
                    assert await client.closed() == 4400

    run(main())


def test_frame_of_10_mib_is_a_1009():
    """Its head is enough: nothing of it is kept."""

    async def main():
        async with running() as hub, hub.client() as client:
            head = bytes([0x81, 0xFF]) + (10 * 1024 * 1024).to_bytes(8, "big")
            client.socket.transport.write(head + bytes(4) + b"x" * 1000)
            assert await client.closed() == 1009
            assert await is_served(hub)

    run(main())


def test_compressed_bomb_is_not_unpacked():
    """Compression is not offered; a frame that claims to be compressed breaks RFC 6455 §5.2: 1002."""

    async def main():
        async with running() as hub, hub.socket(compression="deflate") as client:
            assert client.socket.protocol.extensions == []
            bomb = zlib.compress(b"\0" * 100_000_000)
            frame = bytes([0xC1, 0xFE]) + len(bomb[:60000]).to_bytes(2, "big") + bytes(4) + bomb[:60000]
            client.socket.transport.write(frame)
            assert await client.closed() == 1002
            assert await is_served(hub)

    run(main())


# --- names ---

NAMES = ["*", "a b", "c:*", "s:c", "{c}", "../../etc", "<script>alert(1)</script>", "ü😀", "'; FLUSHALL", "u202e\u202e"]
BAD_NAMES = ["", "\0", "a\nb", "\x7f", "x" * 201, "x" * 1_000_000]


def test_channel_names_are_names_and_nothing_else():
    async def main():
        async with running(max_message=2_000_000) as hub, hub.client() as client:
            for name in NAMES:
                assert (await client.ask("join", channel=name))["type"] == "joined", name
                assert (await client.ask("publish", channel=name, data=name))["offset"] == 1, name
                assert (await client.ask("history", channel=name))["messages"][0]["data"] == name
            for name in BAD_NAMES:
                assert (await client.ask("join", channel=name))["code"] == "bad_request", name[:10]
                assert (await client.ask("publish", channel="@" + name + "\0", data=1))["code"] == "bad_request"

    run(main())


DECEIVING = ["a\nb", "\0", "a\u202eb", "\u2066x", " a", "x" * 65, "\x9b", "ad\u200ba", "\u3164", "a\ufeff"]


@pytest.mark.parametrize("name", DECEIVING)
def test_user_names_that_deceive_are_refused(name):
    async def main():
        async with running() as hub, hub.socket() as client:
            await client.send("hello", v=1, user=name)
            assert await client.closed() == 4400

    run(main())


def test_messages_may_say_anything():
    """What is shown is for the page; the hub passes on NUL, bidirectional controls and markup as they are."""

    async def main():
        async with running() as hub, hub.client() as client:
            await client.ask("join", channel="c")
            for text in ("\0", "\u202eabc", "<script>alert(1)</script>", "\u2028", "😀"):
                await client.ask("publish", channel="c", data=text)
            history = await client.ask("history", channel="c")
            assert [m["data"] for m in history["messages"]] == [
                "\0",
                "\u202eabc",
                "<script>alert(1)</script>",
                "\u2028",
                "😀",
            ]

    run(main())


# --- too much ---


def test_more_channels_than_are_allowed_are_refused():
    async def main():
        async with running(rate=1e6) as hub, hub.client() as client:
            for number in range(10_000):
                await client.send("join", id=number, channel=f"c{number}")
            answers = [await client.receive() for _ in range(10_000)]
            assert [a["type"] for a in answers] == ["joined"] * 1000 + ["error"] * 9000
            assert answers[-1]["code"] == "too_many"
            assert await is_served(hub)

    run(main())


def test_flood_is_read_no_faster_than_the_rate():
    async def main():
        async with running(rate=200) as hub, hub.client() as flooder:
            await flooder.ask("join", channel="c")
            began = time.monotonic()
            for number in range(400):
                await flooder.send("publish", id=100 + number, channel="c", data=number)
            assert await is_served(hub)
            got = [(await flooder.receive("message"))["data"] for _ in range(400)]
            assert got == list(range(400))  # nothing is lost
            assert time.monotonic() - began > 0.9

    run(main())


def test_sockets_that_never_say_hello_do_not_stay():
    async def main():
        async with running(handshake_timeout=2) as hub:
            sockets = [await connect(hub.url, compression=None, ping_interval=None) for _ in range(1000)]
            assert await is_served(hub)
            for socket in sockets:
                await socket.wait_closed()
                assert socket.close_code == 4408

    run(main())


def test_reader_that_reads_nothing_costs_no_more_than_its_queue():
    """200 MB pass by a client that reads nothing, and one that reads; the process stays small."""
    hub = HubProcess("--rate", "100000", "--byte-rate", "1e9", "--byte-burst", "1000000000", "--history", "100")
    data = "x" * 60_000

    async def main():
        client = Running(None, hub.port).client
        async with client("reader") as reader, client("deaf") as deaf:
            for one in (reader, deaf):
                await one.ask("join", channel="c")
            before = hub.memory()
            deaf.socket.transport.pause_reading()
            for number in range(3300):
                await reader.send("publish", id=number + 10, channel="c", data=data)
                await reader.receive("message")
                await reader.receive("ack")
            assert hub.memory() - before < 30_000  # KiB
            deaf.socket.transport.resume_reading()
            assert await deaf.closed() in (4408, 1006)

    try:
        run(main(), seconds=60)
    finally:
        hub.kill()


def test_hub_that_is_full_says_so():
    async def main():
        async with running(max_connections=2) as hub, hub.client(), hub.client(), hub.socket() as third:
            assert await third.closed() == 1013

    run(main())


def test_slow_handshake_is_given_up():
    async def main():
        async with running(handshake_timeout=0.3) as hub:
            reader, writer = await asyncio.open_connection("localhost", hub.port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
            assert await is_served(hub)
            await reader.read()  # until the hub has closed
            writer.close()

    run(main())


MANY = 5000


@pytest.mark.timeout(300)
def test_thousands_that_vanish_at_once_leave_no_trace(caplog):
    """No traceback for each, and the memory does not stay."""

    async def main():
        def members():
            return sum(len(room.members) for room in map(hub.hub.rooms.find, rooms))

        rooms = [f"room {number}" for number in range(50)]
        async with running(presence_grace=0.1) as hub, hub.client("watcher") as watcher:
            for room in rooms:
                await watcher.ask("join", channel=room)
            clients = []
            for number in range(MANY):
                channel = rooms[number % len(rooms)]
                socket = await connect(hub.url, compression=None, ping_interval=None, max_queue=None)
                await socket.send(json.dumps({"type": "hello", "v": 1, "user": f"u{number}"}))
                await socket.send(json.dumps({"type": "join", "id": 1, "channel": channel, "presence": True}))
                clients.append(socket)
            while members() < MANY:
                await asyncio.sleep(0.05)
            for socket in clients:
                socket.transport.abort()
            for socket in clients:
                await socket.wait_closed()
            while members():
                await asyncio.sleep(0.05)
            assert len(hub.hub.connections) == 1
            assert await is_served(hub)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 3 * MANY)), hard))
    with caplog.at_level(logging.WARNING):
        run(main(), seconds=240)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [record for record in caplog.records if record.exc_info] == []


# --- what is written down ---


def test_payloads_and_tokens_are_never_in_the_log(caplog):
    def failing(token):
        if token == "fail-secret":
            raise KeyError("the database is away")
        return authenticate(token)

    async def main():
        async with running(authenticate=failing) as hub:
            for token in ("stolen-secret", "fail-secret"):
                async with hub.socket() as client:
                    await client.send("hello", v=1, token=token)
                    await client.closed()
            async with hub.client(token="token-of-ada") as client:
                await client.ask("join", channel="c")
                await client.ask("publish", channel="c", data="payload-secret")
                await client.socket.send("broken-secret")
                await client.closed()

    with caplog.at_level(logging.INFO):
        run(main())
    text = "\n".join(logging.Formatter("%(message)s %(args)s").format(r) + str(vars(r)) for r in caplog.records)
    assert "the database is away" in text
    assert "secret" not in text and "token-of" not in text
