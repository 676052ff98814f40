"""PROTOCOL.md: its sequences, carried out by the hub and by the page; its tables against the code."""

import asyncio
import json
import re
import time

import pytest

from browserws import codes
from browserws._host.callbacks import Callbacks
from browserws._pure import protocol
from browserws.channels import Channels
from browserws.errors import ProtocolViolation
from browserws.server import Hub, Settings, User
from browserws.testing import FakeNetwork
from tools.paths import ROOT

TEXT = (ROOT / "PROTOCOL.md").read_text()
SEQUENCES = dict(re.findall(r"### (.+?)\n+```sequence\n(.*?)```", TEXT, re.DOTALL))
QUICK = {"reconnect_interval": 5, "max_reconnect_interval": 20, "close_timeout": 100, "heartbeat": None}
SECONDS = 10
CODES = {
    "code",
    "bad_request",
    "forbidden",
    "unknown_channel",
    "not_joined",
    "not_delivered",
    "too_many",
    "failed",
    "timeout",
    "unknown_call",
    "bad_arguments",
}  # of errors


def steps(name):
    for line in SEQUENCES[name].splitlines():
        who, what = line.split(None, 1)
        yield who, what.strip()


def message_of(what):
    return {"close": int(what.split()[1])} if what.startswith("close") else json.loads(what)


def matches(expected, got):
    """Whether they are the same where `expected` has no `*`."""
    if expected == "*":
        return True
    if isinstance(expected, dict):
        return (
            isinstance(got, dict) and expected.keys() == got.keys() and all(matches(expected[k], got[k]) for k in got)
        )
    if isinstance(expected, list):
        return len(expected) == len(got) and all(map(matches, expected, got))
    return expected == got


# --- the hub, with a client that sends what the page would ---


class RawClient:
    """What is on the wire, in both directions. A new connection is made when the old one has ended."""

    def __init__(self, network):
        self.network = network
        self.frames = asyncio.Queue()
        self.link = None
        self.known = {}  # what the stars stood for

    def connect(self):
        frames = self.frames
        self.link = self.network.open(
            "ws://fake.test/hub",
            [],
            Callbacks(
                bytes,
                lambda source: None,
                lambda messages, count, sources: [frames.put_nowait(json.loads(m)) for m in messages],
                lambda source: None,
                lambda code, reason, clean, source: frames.put_nowait({"close": code}),
            ),
        )

    async def send(self, message):
        if self.link is None or not self.link.is_open():
            self.connect()
            while not self.link.is_open():
                await asyncio.sleep(0)
        self.link.send(json.dumps(self._known(message)))

    def _known(self, message):
        """With the session and the epoch that the hub gave in place of the stars."""
        if message == "*":
            raise AssertionError("a star that stands for nothing")
        if not isinstance(message, dict):
            return message
        return {k: self.known[k] if v == "*" else self._known(v) for k, v in message.items()}

    async def expect(self, message):
        got = await self.frames.get()
        assert matches(message, got), f"{got} came instead of {message}"
        self.known.update({k: got[k] for k in ("session", "epoch") if k in got})


class HubSide:
    """Carries out the lines of the hub."""

    def __init__(self, sequence):
        settings = {"history": 2} if "keep 2 messages" in sequence else {}
        authenticate = {"authenticate": token_user} if "hub   authenticate" in sequence else {}
        self.hub = Hub(settings=Settings(**settings), **authenticate)
        if "hub   has functions" in sequence:
            add_functions(self.hub)
        self.bob = None
        self.cuts = False  # at the next publish

    async def do(self, what, network):
        if what.startswith("publish("):
            await self.hub.publish(*eval(what.removeprefix("publish")))
        elif what == "cut":
            for connection in list(self.hub.connections):
                connection.abort()
        elif what == "cut after the next publish":
            self.cuts = True
            real = self.hub.store.publish

            async def publish(*arguments):
                self.hub.store.publish = real
                await self.do("cut", network)
                return await real(*arguments)

            self.hub.store.publish = publish
        elif what == "cut after the next call":
            self.cuts = True
            self.hub.functions.find("hang", ()).function = lambda: self.do("cut", network)
        elif what.startswith("bob joins"):
            self.bob = Channels("ws://fake.test/hub", {"user": "bob"})
            await self.bob.join("room", presence=True)
        elif what.startswith("bob leaves"):
            await self.bob.leave("room")
            self.bob.close()
        elif what == "overflow":
            for connection in list(self.hub.connections):
                connection.outlet.overflow()
        elif what == "stop":
            await self.hub.stop()
        else:
            assert what in ("keep 2 messages", "authenticate", "has functions"), what


def add_functions(hub):
    @hub.call("add")
    def add(a, b):
        return a + b

    @hub.call("hang")
    async def hang():
        await asyncio.get_running_loop().create_future()

    @hub.call("count")
    async def count(to):
        for number in range(to):
            yield number + 1


def token_user(token):
    name, _, seconds = token.partition("+")
    return User(name, time.time() + float(seconds) if seconds else None)


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_hub_does_what_the_sequences_say(name):
    async def main():
        side = HubSide(SEQUENCES[name])
        await side.hub.start()
        with FakeNetwork(side.hub.handle) as network:
            client = RawClient(network)
            for who, what in steps(name):
                if who == "→":
                    await client.send(json.loads(what))
                    if side.cuts and ('"publish"' in what or '"call"' in what):
                        side.cuts = False
                        await client.expect({"close": 1006})
                elif who == "←":
                    await client.expect(message_of(what))
                elif who == "hub":
                    await side.do(what, network)
                    if what == "cut":
                        await client.expect({"close": 1006})
            assert client.frames.empty()
        await side.hub.stop()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


# --- the page, with a server that says what the hub would ---


class ScriptedHub:
    """A server that wants exactly what the sequence says, and answers with what it says."""

    def __init__(self, sequence):
        self.steps = sequence
        self.done = asyncio.Event()
        self.page = asyncio.Event()
        self.page_steps = []
        self.failure = None

    async def serve(self, connection):
        try:
            while self.steps:
                who, what = self.steps[0]
                if who == "hub" and what.startswith("cut after"):
                    self.steps.pop(0)
                    assert matches(json.loads(self.steps.pop(0)[1]), json.loads(await connection.recv()))
                    return connection.transport.abort()
                self.steps.pop(0)
                if who == "→":
                    got = json.loads(await connection.recv())
                    assert matches(json.loads(what), got), f"{got} came instead of {what}"
                elif what.startswith("close"):
                    return await connection.close(int(what.split()[1]))
                elif who == "←":
                    await connection.send(what.replace('"time": "*"', '"time": 1000'))
                elif who == "page":
                    await self.page_does(what)
                elif what == "cut":
                    return connection.transport.abort()
        except BaseException as error:
            self.failure = error
            raise
        finally:
            if not self.steps or self.failure:
                self.done.set()
        await connection.wait_closed()

    async def page_does(self, what):
        exec(what, {"channels": self.channels})
        await asyncio.sleep(0)


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_page_does_what_the_sequences_say(name):
    tokens = ["ada+0.2", "ada"]

    async def main():
        hub = ScriptedHub(list(steps(name)))
        with FakeNetwork(hub.serve):
            options = {**QUICK, "user": "ada"}
            if "token" in SEQUENCES[name]:
                options["token"] = lambda: tokens.pop(0)
            hub.channels = Channels("ws://fake.test/hub", options)
            while hub.steps[0][0] in ("hub", "page"):
                who, what = hub.steps.pop(0)
                if who == "page":
                    await hub.page_does(what)
            await hub.done.wait()
            hub.channels.close()
        assert hub.failure is None, hub.failure

    asyncio.run(asyncio.wait_for(main(), SECONDS))


# --- the tables ---


def table_after(heading):
    part = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `?([\w]+)`? \|(.*?)\|", part, re.MULTILINE)


def test_the_table_of_requests_is_that_of_the_code():
    documented = {kind: set(re.findall(r"`(\w+\??)`", fields)) for kind, fields in table_after("From the page")}
    documented.pop("type", None)
    documented["join"] -= {"epoch", "offset", "time?"}
    assert {kind: set(fields) for kind, fields in protocol.REQUESTS.items()} == documented


def test_the_table_of_the_hubs_messages_is_that_of_the_code():
    """What is marked with a star may be absent. (Of the others, some are absent at times: the text says when.)"""
    documented = {}
    for kind, fields in table_after("From the hub"):
        fields = re.sub(r"\[.*?\]", "", fields)  # what stands inside a list
        documented[kind] = dict(re.findall(r"`(\w+)`(\*?)", fields))
    for kind, fields in protocol.MESSAGES.items():
        assert {field.rstrip("?") for field in fields} == documented[kind].keys(), kind
        assert all(star == "" or f"{name}?" in fields for name, star in documented[kind].items()), kind
    assert protocol.MESSAGES.keys() == documented.keys() - {"type"} - CODES


def test_each_close_comes_back_as_the_table_says():
    rows = re.findall(r"^\| (\d+) \| .* \| (yes|no|once)", TEXT, re.MULTILINE)
    assert len(rows) == 9
    for code, back in rows:
        assert codes.worth_retry(int(code)) == (back == "yes"), code


# --- the checks of what a page sends ---


@pytest.mark.parametrize(
    "sent",
    [
        {},
        [1],
        [(1, 2, 3)],
        ["abc"],
        [[1, 2]],
        [[1, 2, 3, 4]],
        [[1, 2, -1]],
        [[1, 2, True]],
        [[1, 2, 3], None],
        [[1, 1, 1]] * (protocol.MAX_PENDING + 1),
    ],
)
def test_runs_of_publishes_are_lists_of_three_counts(sent):
    hello = {"type": "hello", "v": 1}
    protocol.check_request({**hello, "sent": [[1, 1, 1]] * protocol.MAX_PENDING})
    protocol.check_request({**hello, "sent": []})
    with pytest.raises(ProtocolViolation, match="hello has a wrong 'sent'"):
        protocol.check_request({**hello, "sent": sent})


@pytest.mark.parametrize(
    "since",
    [
        [],
        {},
        {"epoch": "e"},
        {"offset": 1},
        {"epoch": 1, "offset": 1},
        {"epoch": "e", "offset": -1},
        {"epoch": "e", "offset": 1.0},
        {"epoch": "e", "offset": 2**53 + 1},
        {"epoch": "e", "offset": 1, "time": "now"},
        {"epoch": "e", "offset": 1, "time": None},
    ],
)
def test_a_position_is_an_epoch_and_an_offset(since):
    join = {"type": "join", "id": 1, "channel": "c"}
    for right in ({"epoch": "e", "offset": 0}, {"epoch": "", "offset": 2**53, "time": 0}):
        protocol.check_request({**join, "since": right})
    with pytest.raises(ProtocolViolation, match="join has a wrong 'since'"):
        protocol.check_request({**join, "since": since})


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"type": "x" * 50}, "there is no request '" + "x" * 40 + "'"),
        ({"type": "leave", "id": 1}, "leave needs the field 'channel'"),
        ({"type": "join", "id": 1, "channel": 1}, "join has a wrong 'channel'"),
        ({"type": "join", "id": 1, "channel": "c", "conflate": 1}, "join has a wrong 'conflate'"),
    ],
)
def test_the_reason_names_what_is_wrong(request_, text):
    with pytest.raises(ProtocolViolation, match=text):
        protocol.check_request(request_)


@pytest.mark.parametrize(
    ("check", "name", "most"),
    [(protocol.check_channel, "a channel's name", 200), (protocol.check_user, "a user's name", 64)],
)
def test_names_have_bytes_and_no_control_characters(check, name, most):
    for right in ("a", "a b", "~", "é" * (most // 2), "\u00a1", "a" * most):
        check(right)
    for wrong in ("", "a" * (most + 1), "é" * (most // 2 + 1)):
        with pytest.raises(ValueError, match=f"{name} has 1 to {most} bytes in UTF-8, not {len(wrong.encode())}"):
            check(wrong)
    for wrong in ("a\0", "\n", "a\x1fb", "\x7f", "\x80", "a\x9f"):
        with pytest.raises(ValueError, match=f"{name} has no control characters"):
            check(wrong)
    with pytest.raises(ValueError, match=f"{name} has a lone surrogate"):
        check("\ud800")
    with pytest.raises(TypeError, match=f"{name} must be a str, not bytes"):
        check(b"a")


@pytest.mark.parametrize("name", ["a\u202e", "\u2066a", "a\u200bb", "\ufeff", " a", "a ", "a\u2003"])
def test_names_of_users_cannot_look_like_another(name):
    protocol.check_channel(name)
    with pytest.raises(ValueError, match="bidirectional"):
        protocol.check_user(name)


def test_frames_carry_json_and_bytes():
    for data in (None, b"", b"\n\xff\n{}"):
        frame = protocol.encode({"type": "x", "a": [1, "é"]}, data)
        assert isinstance(frame, str) == (data is None)
        expected = {"type": "x", "a": [1, "é"]} if data is None else {"type": "x", "a": [1, "é"], "data": data}
        assert protocol.decode(frame) == expected
        if data is not None:
            assert protocol.decode(memoryview(frame)) == expected


UTF16 = '{"type": "x"}'.encode("utf-16-le")


@pytest.mark.parametrize(
    "frame", ["", "1", "[]", "{}", '{"type": 1}', b"", b"\n", b"\xff\n", b"[]\n", "[" * 100_000, "{", UTF16]
)
def test_what_is_no_message_is_a_violation(frame):
    with pytest.raises(ProtocolViolation, match="a frame is a JSON object with a type"):
        protocol.decode(frame)
