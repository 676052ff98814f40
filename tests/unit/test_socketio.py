"""The codec for Socket.IO: packets by hand, and a server that speaks them. With a real one: tests/browser."""

import asyncio
import json

import pytest

from browserws import ChannelError, Channels, ChatClient, LiveDataClient, NotDelivered, ProtocolViolation
from browserws.errors import WebSocketException
from browserws.protocols.socketio import SocketIOCodec
from browserws.protocols.socketio_packets import PacketReader, event_frames
from browserws.testing import FakeNetwork

OPEN = '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}'
QUICK = {"reconnect_interval": 10, "jitter": False}


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


# --- packets ---


def test_event_is_one_frame_and_its_bytes_others():
    assert event_frames("", 7, ("say", {"text": "ü"})) == ['427["say",{"text":"ü"}]']
    assert event_frames("/chat,", 7, ("say", 1, None)) == ['42/chat,7["say",1,null]']
    assert event_frames("", 7, ("draw", {"points": [b"ab", memoryview(b"cd")]}, bytearray(b"ef"))) == [
        '453-7["draw",{"points":[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]},'
        '{"_placeholder":true,"num":2}]',
        b"ab",
        b"cd",
        b"ef",
    ]


@pytest.mark.parametrize(
    ("prefix", "text", "packet"),
    [
        ("", '0{"sid":"x"}', ("0", None, {"sid": "x"})),
        ("/chat,", '0/chat,{"sid":"x"}', ("0", None, {"sid": "x"})),
        ("/chat,", "1/chat,", ("1", None, None)),
        ("", '2["a",1,[2]]', ("2", None, ["a", 1, [2]])),
        ("", '212["a"]', ("2", 12, ["a"])),
        ("/chat,", '2/chat,12["a"]', ("2", 12, ["a"])),
        ("", "312[]", ("3", 12, [])),
        ("", '2999999999999999["a"]', ("2", 999_999_999_999_999, ["a"])),
        ("", '4{"message":"no"}', ("4", None, {"message": "no"})),
        ("", '2/chat,["a"]', None),
        ("/chat,", '2["a"]', None),
        ("/chat,", '2/chatter,["a"]', None),
    ],
)
def test_packets_of_the_namespace_are_read(prefix, text, packet):
    assert PacketReader(prefix).read(text) == packet


def test_packet_with_bytes_is_whole_when_all_have_come():
    reader = PacketReader("")
    text = '52-["draw",{"a":{"_placeholder":true,"num":1}},[{"_placeholder":true,"num":0}]]'
    assert reader.read(text) is None and reader.attach(b"0") is None
    assert reader.attach(b"1") == ("5", None, ["draw", {"a": b"1"}, [b"0"]])
    assert reader.attach(b"2") is None and reader._attachments == []  # nobody waits for them
    assert reader.read(text) is None and reader.read('2["a"]') == ("2", None, ["a"])  # one that never got them
    assert reader.attach(b"0") is None


@pytest.mark.parametrize(
    "text",
    [
        "2",
        "2{",
        "2²[]",
        "3" + "1" * 5000 + "[]",
        "5²-[]",
        '2{"a":1}',
        "2[]",
        "2[1]",
        "3",
        '3{"a":1}',
        "5x-[]",
        "5X-[]",
        '5-["a"]',
        "2" + "[" * 100_000,
    ],
)
def test_what_is_no_packet_is_refused(text):
    with pytest.raises(ProtocolViolation, match=r"(packet|number in a packet) of Socket.IO: '"):
        PacketReader("").read(text)


@pytest.mark.parametrize("number", [1, -2, '"x"', "null", "[]"])
def test_bytes_that_are_not_there_are_refused(number):
    reader = PacketReader("")
    reader.read(f'51-["a",{{"_placeholder":true,"num":{number}}}]')
    with pytest.raises(ProtocolViolation, match="without the bytes that it names"):
        reader.attach(b"0")


def test_bytes_without_a_packet_are_nothing():
    assert PacketReader("").attach(b"0") is None


# --- the codec, by hand ---


def test_the_server_speaks_first_and_is_answered():
    codec = SocketIOCodec("/chat")
    assert codec.encode({"type": "hello", "user": "ada", "token": "secret"}, None) == ([], [])
    assert codec.decode(OPEN) == (['40/chat,{"token":"secret"}'], [])
    assert codec.decode('40/chat,{"sid":"y"}') == ([], [{"type": "welcome", "user": "ada"}])
    assert codec.decode("2probe") == (["3probe"], [])
    assert codec.decode("6") == codec.decode("1") == ([], [])
    assert codec.decode('42/chat,5["ask"]')[0] == ["43/chat,5[]"]
    assert codec.decode('42/chat,["a",1,2]')[1][0]["data"] == [1, 2]


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        ('44{"message":"Not authorized"}', "refused the connection: Not authorized"),
        ('44"no"', "refused the connection: no"),
        ("41", "ended the connection"),
        ("49", "no packet '9'"),
        ("x", "not a packet of Engine.IO: 'x'"),
        ("", "not a packet of Engine.IO: ''"),
    ],
)
def test_end_and_nonsense_are_exceptions(frame, error):
    with pytest.raises(WebSocketException, match=error):
        SocketIOCodec().decode(frame)


# --- with a server ---


class Server:
    """Rooms by "enter", "exit" and "say", as tutorials have them."""

    def __init__(self):
        self.rooms = {}
        self.auth = []
        self.log = []
        self.pongs = 0
        self.connections = set()
        self.refuses = False
        self.answers = True

    async def __call__(self, connection):
        await connection.send(OPEN)
        first = await connection.recv()
        self.auth.append(json.loads(first[2:]) if first[2:] else None)
        if self.refuses:
            await connection.send('44{"message":"Not authorized"}')
        else:
            await connection.send('40{"sid":"y"}')
        self.connections.add(connection)
        await connection.send("2")
        try:
            async for frame in connection:
                await self.take(connection, frame)
        finally:
            for members in self.rooms.values():
                members.discard(connection)

    async def take(self, connection, frame):
        if frame == "3":
            self.pongs += 1
            return
        digits = frame[2 : frame.index("[")]
        name, *arguments = json.loads(frame[frame.index("[") :])
        answer = []
        if name == "enter":
            answer = [] if arguments[0] != "secret" else [{"error": "members only"}]
            self.rooms.setdefault(arguments[0], set()).add(connection)
        elif name == "exit":
            self.rooms[arguments[0]].discard(connection)
        elif name == "last":
            answer = [self.log]
        else:
            room = arguments[0]["room"]
            self.log.append(arguments[0])
            for other in self.rooms.get(room, ()):
                await other.send("42" + json.dumps(["say", arguments[0]]))
        if self.answers:
            await connection.send(f"43{digits}{json.dumps(answer)}")


class Rooms(SocketIOCodec):
    def auth(self, user, token):
        return {"name": user}

    def join(self, channel):
        return "enter", channel

    def leave(self, channel):
        return "exit", channel

    def publish(self, channel, data):
        return "say", {"room": channel, "data": data, "from": self._user}

    def history(self, channel, limit):
        return "last", channel, limit

    def message(self, event, arguments):
        said = arguments[0]
        return said["room"], said["data"], said["from"]

    def refused(self, arguments):
        return arguments[0].get("error") if arguments and isinstance(arguments[0], dict) else None


def test_rooms_chat_and_history():
    async def main():
        server = Server()
        with FakeNetwork(server):
            ada, bob = (ChatClient("/socket.io/", name, {"codec": Rooms()}) for name in ("ada", "bob"))
            for chat in (ada, bob):
                chat.connect()
                await chat.join_room("lobby")
            said = asyncio.Queue()
            bob.bind("message", said.put_nowait)
            await ada.send_message("hello")
            event = await said.get()
            assert (event.user, event.room, event.text) == ("ada", "lobby", "hello")
            assert [event.text for event in await bob.history("lobby")] == ["hello"]
            with pytest.raises(ChannelError, match="members only"):
                await ada.join_room("secret")
            await bob.leave_room("lobby")
            assert len(server.rooms["lobby"]) == 1
            assert {each["name"] for each in server.auth} == {"ada", "bob"} and server.pongs == 2
            ada.disconnect()
            bob.disconnect()

    run(main())


def test_channels_are_events_where_nothing_else_is_said():
    async def main():
        async def server(connection):
            await connection.send(OPEN)
            await connection.recv()
            await connection.send('40{"sid":"y"}')
            await connection.send('42["price",{"ACME":1}]')
            async for frame in connection:
                digits = frame[2 : frame.index("[")]
                await connection.send("42" + frame[frame.index("[") :])
                await connection.send(f"43{digits}[]")

        with FakeNetwork(server):
            live = LiveDataClient("/socket.io/", {"codec": SocketIOCodec()})
            async for update in live.updates("price"):
                assert update.data == {"ACME": 1}
                break
            live.close()
            channels = Channels("/socket.io/", {"codec": SocketIOCodec()})
            news = await channels.join("news")
            reader = aiter(news)
            assert await news.publish([1, "two"]) is None
            assert (await anext(reader)).data == [1, "two"]
            channels.close()

    run(main())


def test_after_a_cut_rooms_are_entered_again_and_no_answer_is_told():
    async def main():
        server = Server()
        with FakeNetwork(server):
            channels = Channels("/socket.io/", {**QUICK, "user": "ada", "codec": Rooms()})
            room = await channels.join("lobby")
            server.answers = False
            lost = room.publish("perhaps")
            while "perhaps" not in str(server.log):
                await asyncio.sleep(0)
            server.answers = True
            for connection in server.connections:
                connection.transport.abort()
            with pytest.raises(NotDelivered):
                await lost
            reader = aiter(room)
            await room.publish("again")
            assert (await anext(reader)).data == "again" and len(server.auth) == 2
            channels.close()

    run(main())


def test_refusal_ends_the_connection_for_good():
    async def main():
        server = Server()
        server.refuses = True
        with FakeNetwork(server):
            errors = []
            channels = Channels("/socket.io/", {**QUICK, "codec": SocketIOCodec(), "token": "wrong"})
            channels.bind("error", lambda event: errors.append(str(event.error)))
            with pytest.raises(WebSocketException):
                await channels.join("news")
            assert channels.state in ("CLOSING", "CLOSED") and server.auth == [{"token": "wrong"}]
            assert "the server refused the connection: Not authorized" in errors

    run(main())


def test_server_that_does_not_ping_any_more_is_left():
    async def main():
        connected = asyncio.Queue()

        async def server(connection):
            await connection.send(OPEN)
            await connection.recv()
            await connection.send('40{"sid":"y"}')
            connected.put_nowait(None)
            await connection.wait_closed()

        with FakeNetwork(server):
            channels = Channels("/socket.io/", {**QUICK, "codec": SocketIOCodec()})
            began = asyncio.get_running_loop().time()
            for _ in range(2):
                await connected.get()
            assert 49 < asyncio.get_running_loop().time() - began < 55  # twice the server's interval
            channels.close()

    run(main())
