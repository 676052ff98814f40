"""`RobynChatCodec`, by hand. With real servers: tests/native/test_robyn.py, tests/browser/test_robyn.py."""

import asyncio
import json

import pytest

from browserws import ChannelError, Channels, ChatClient
from browserws.protocols.robyn import RobynChatCodec
from browserws.testing import FakeNetwork


def joined(name="ada", room="lobby"):
    codec = RobynChatCodec(name)
    codec.encode({"type": "hello", "user": name}, None)
    codec.encode({"type": "join", "id": 1, "channel": room}, None)
    return codec


def decoded(codec, **message):
    frames, messages = codec.decode(json.dumps(message))
    assert frames == []
    return messages


def published(codec, channel, data):
    frames, answers = codec.encode({"type": "publish", "id": 2, "channel": channel, "data": data}, None)
    return [json.loads(frame) for frame in frames], answers


@pytest.mark.parametrize(
    "message",
    [
        {"type": "message", "username": "bob", "message": "hello"},
        {"type": "chat", "user": "bob", "text": "hello"},
        {"type": "chat_message", "from": "bob", "content": "hello"},
    ],
)
def test_a_message_of_the_room_whatever_its_fields_are_called(message):
    said = {"type": "message", "channel": "lobby", "data": {"text": "hello"}, "user": "bob"}
    assert decoded(joined(), **message) == [said]
    assert decoded(RobynChatCodec("ada"), **message) == []  # no room is joined


def test_a_private_message_comes_to_the_inbox_and_a_copy_of_ones_own_does_not():
    private = {"type": "private_message", "from": "bob", "message": "psst"}
    said = {"type": "message", "channel": "@ada", "data": {"text": "psst"}, "user": "bob"}
    assert decoded(joined(), **private) == [said]
    assert decoded(joined(), **{**private, "from": "ada"}) == []


def test_what_is_sent():
    codec = joined()
    frames, answers = published(codec, "lobby", {"text": "hello 😀"})
    assert frames == [{"type": "message", "message": "hello 😀"}] and answers[0]["type"] == "ack"
    assert published(codec, "lobby", "plain")[0] == [{"type": "message", "message": "plain"}]
    assert published(codec, "@bob", {"text": "psst"})[0] == [
        {"type": "private_message", "to": "bob", "message": "psst"}
    ]


@pytest.mark.parametrize(
    ("channel", "data"), [("lobby", {"number": 1}), ("lobby", [1]), ("other", "text"), ("@bob", 1)]
)
def test_what_the_server_cannot_take_is_refused(channel, data):
    frames, (answer,) = published(joined(), channel, data)
    assert frames == [] and (answer["type"], answer["id"], answer["code"]) == ("error", 2, "refused")


def test_who_is_there_is_told_once():
    codec = RobynChatCodec("ada")
    assert decoded(codec, type="user_list", users=["ada", {"username": "bob", "id": "1"}]) == []  # before the join
    _, (answer,) = codec.encode({"type": "join", "id": 1, "channel": "lobby"}, None)
    assert answer == {"type": "joined", "id": 1, "channel": "lobby", "members": ["ada", "bob"]}

    def change(come, gone):
        return [{"type": "presence", "channel": "lobby", "join": come, "leave": gone}]

    assert decoded(codec, type="user_joined", username="ada") == []
    assert decoded(codec, type="user_joined", username="eve") == change(["eve"], [])
    assert decoded(codec, type="user_left", username="bob") == change([], ["bob"])
    assert decoded(codec, type="user_left", username="bob") == []
    assert decoded(codec, type="user_list", users=["ada", "zoe"]) == change(["zoe"], ["eve"])
    assert decoded(codec, type="welcome", users=["ada"]) == change([], ["zoe"])  # some servers say it at once


@pytest.mark.parametrize(
    "frame",
    ["Connection closed", "", "[1]", "1", "{", "[" * 100_000, '{"type":"message"}', '{"type":1,"username":"bob"}',
     '{"type":"user_joined","username":1}', '{"type":"other","username":"bob"}', memoryview(b"{}")],
)  # fmt: skip
def test_what_is_not_understood_is_ignored(frame):
    assert joined().decode(frame) == ([], [])


def test_there_is_one_room_at_a_time():
    async def server(connection):
        async for frame in connection:
            await connection.send(json.dumps({**json.loads(frame), "username": "ada"}))

    async def main():
        with FakeNetwork(server):
            chat = ChatClient("/chat", "ada", {"codec": RobynChatCodec("ada")})
            left = asyncio.Queue()
            chat.bind("left", left.put_nowait)
            chat.connect()
            await chat.join_room("lobby")
            with pytest.raises(ChannelError, match="this server has one room, and here it is called lobby"):
                await chat.join_room("hall")
            assert (await left.get()).room == "hall" and chat.rooms == ["lobby"]
            await chat.leave_room("lobby")
            await chat.join_room("hall")
            said = asyncio.Queue()
            chat.bind("message", said.put_nowait)
            await chat.send_message("hello")
            assert (await said.get()).room == "hall"
            chat.disconnect()

    asyncio.run(asyncio.wait_for(main(), 10))


def test_a_server_may_have_messages_of_its_own():
    class Other(RobynChatCodec):
        def room_message(self, text):
            return {"action": "say", "text": text}

        def private_message(self, user, text):
            return {"action": "whisper", "user": user, "text": text}

    async def main():
        got = asyncio.Queue()

        async def server(connection):
            async for frame in connection:
                got.put_nowait(json.loads(frame))

        with FakeNetwork(server):
            channels = Channels("/chat", {"codec": Other("ada")})
            room = await channels.join("lobby")
            await room.publish("hello")
            await channels.publish("@bob", "psst")
            assert await got.get() == {"action": "say", "text": "hello"}
            assert await got.get() == {"action": "whisper", "user": "bob", "text": "psst"}
            channels.close()

    asyncio.run(asyncio.wait_for(main(), 10))


def test_what_a_codec_answers_at_once_finds_handlers_that_are_bound_after_the_join():
    async def server(connection):
        await connection.send(json.dumps({"type": "user_list", "users": ["ada", "bob"]}))
        await connection.send(json.dumps({"type": "private_message", "from": "bob", "message": "psst"}))
        await connection.wait_closed()

    async def main():
        with FakeNetwork(server):
            chat = ChatClient("/chat", "ada", {"codec": RobynChatCodec("ada")})
            private, members = asyncio.Queue(), asyncio.Queue()
            chat.bind("private", private.put_nowait)
            chat.bind("members", members.put_nowait)
            chat.connect()
            assert (await private.get()).text == "psst"  # so the list has come, too
            chat.join_room("lobby")
            assert (await members.get()).members == ["ada", "bob"]
            chat.disconnect()

    asyncio.run(asyncio.wait_for(main(), 10))


def test_what_is_sent_before_the_room_is_joined_goes_there():
    """As when `join_room` and `send_message` are called before there is a connection: messages go out first."""
    codec = RobynChatCodec("ada")
    frames, answers = codec.encode({"type": "publish", "id": 1, "channel": "lobby", "data": {"text": "hello"}}, None)
    assert [json.loads(frame)["message"] for frame in frames] == ["hello"]
    assert [answer["type"] for answer in answers] == ["ack"]
