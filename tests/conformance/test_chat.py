"""`ChatClient`."""

from suite import EventLog, here, key, raised, raised_by
from test_channels import do

from browserws import ChatClient, NotJoined
from browserws.codecs import PlainCodec

QUICK = {"reconnect_interval": 20, "max_reconnect_interval": 100, "close_timeout": 100}


def chat(path, user):
    client = ChatClient(here.server + path, user, QUICK)
    log = EventLog(client)
    client.connect()
    return client, log


async def has_inbox(client):
    """The hub answers in order: it has joined the inbox. (A message from before that would come as `history`.)"""
    await client.history("@" + client.user)


async def test_two_talk_in_a_room():
    path = "/hub/" + key()
    ada, at_ada = chat(path, "ada")
    bob, at_bob = chat(path, "bob")
    await ada.join_room("lobby")
    await bob.join_room("lobby")
    assert (await at_ada.has("join", 2)).user == "bob"
    assert bob.members("lobby") == ["ada", "bob"] and ada.rooms == ["lobby"]
    await ada.send_message("hello")
    await bob.send_message("<b>hi</b>", "lobby")
    for log, me in ((at_ada, "ada"), (at_bob, "bob")):
        await log.has("message", 2)
        said = [(event.room, event.user, event.text, event.own) for event in log.of("message")]
        assert said == [("lobby", "ada", "hello", me == "ada"), ("lobby", "bob", "<b>hi</b>", me == "bob")]
    bob.leave_room("lobby")
    assert (await at_ada.has("leave")).user == "bob"
    assert (await at_ada.has("members", 3)).members == ["ada"]
    assert (await at_bob.has("left")).room == "lobby" and bob.rooms == []
    ada.disconnect()
    bob.disconnect()
    await at_ada.has("state", 3)
    assert [event.state for event in at_ada.of("state")] == ["CONNECTING", "OPEN", "CLOSING"]


async def test_user_is_whom_the_hub_says():
    client = ChatClient(here.server + "/hub/" + key() + "/guarded", "nickname", dict(QUICK, token="ada"))
    log = EventLog(client)
    assert client.user == "nickname" and client.state == "IDLE" and client.pending == 0
    client.connect()
    await client.join_room("lobby")
    assert client.user == "ada" and client.members("lobby") == ["ada"]
    await client.send_message("hello")
    event = await log.has("message")
    assert event.user == "ada" and event.own
    client.disconnect()


async def test_inbox_is_that_of_whom_the_hub_says_now():
    """A page may come back with another user's token."""
    tokens = ["bob", "ada"]
    name = key()
    client = ChatClient(here.server + "/hub/" + name + "/guarded", "ada", dict(QUICK, token=lambda: tokens.pop()))
    log = EventLog(client)
    client.connect()
    await client.join_room("lobby")
    await do(name, "cut")
    while client.user != "bob":
        await log.reaches(len(log) + 1)
    other = ChatClient(here.server + "/hub/" + name + "/guarded", "eve", dict(QUICK, token="eve"))
    other.connect()
    await other.join_room("lobby")
    await has_inbox(client)
    await other.send_private("ada", "not for bob")
    await other.send_private("bob", "for bob")
    event = await log.has("private")
    assert (event.user, event.to, event.text) == ("eve", "bob", "for bob")
    assert log.of("error") == []
    client.disconnect()
    other.disconnect()


async def test_calls_need_no_await():
    ada, log = chat("/hub/" + key(), "ada")
    ada.join_room("lobby")
    ada.send_message("at once")
    assert (await log.has("message")).text == "at once"
    ada.disconnect()


async def test_private_message_is_for_one_alone():
    path = "/hub/" + key()
    ada, at_ada = chat(path, "ada")
    bob, at_bob = chat(path, "bob")
    await ada.join_room("lobby")
    await bob.join_room("lobby")
    await has_inbox(bob)
    await ada.send_private("bob", "psst")
    event = await at_bob.has("private")
    assert (event.user, event.to, event.text, event.own) == ("ada", "bob", "psst", False)
    event = await at_ada.has("private")
    assert (event.user, event.to, event.text, event.own) == ("ada", "bob", "psst", True)
    assert at_ada.of("message") == []
    ada.disconnect()
    bob.disconnect()


async def test_history_comes_once_when_a_room_is_joined():
    path = "/hub/" + key()
    ada, _ = chat(path, "ada")
    await ada.join_room("lobby")
    await ada.send_message("one")
    await ada.send_message("two")
    bob, log = chat(path, "bob")
    bob.join_room("lobby")
    event = await log.has("history")
    assert event.room == "lobby" and [(m.user, m.text, m.own) for m in event.messages] == [
        ("ada", "one", False),
        ("ada", "two", False),
    ]
    assert [m.text for m in await bob.history("lobby", 1)] == ["two"]
    assert log.of("message") == []
    ada.disconnect()
    bob.disconnect()


async def test_history_comes_again_when_a_room_is_joined_again():
    """What was said meanwhile would be unknown."""
    ada, log = chat("/hub/" + key(), "ada")
    await ada.join_room("lobby")
    await ada.send_message("one")
    await ada.leave_room("lobby")
    await ada.join_room("lobby")
    event = await log.has("history")
    assert [message.text for message in event.messages] == ["one"]
    ada.disconnect()


async def test_private_messages_of_before_come_as_history_of_the_inbox():
    path = "/hub/" + key()
    ada, _ = chat(path, "ada")
    await ada.send_private("bob", "for later")
    bob, log = chat(path, "bob")
    event = await log.has("history")
    assert event.room == "@bob" and [(m.user, m.text) for m in event.messages] == [("ada", "for later")]
    ada.disconnect()
    bob.disconnect()


async def test_mistakes_are_exceptions_at_once():
    ada, _ = chat("/hub/" + key(), "ada")
    raised(NotJoined, ada.send_message, "nowhere")
    raised(NotJoined, ada.members, "lobby")
    raised(NotJoined, ada.history, "lobby")
    ada.join_room("a")
    ada.join_room("b")
    assert "name the room" in str(raised(NotJoined, ada.send_message, "where"))
    raised(TypeError, ada.send_message, b"bytes", "a")
    raised(TypeError, ada.send_message, 42, "a")
    raised(TypeError, ada.send_private, "bob", 42)
    raised(ValueError, ada.send_private, "\n", "x")
    raised(TypeError, ChatClient, here.server, None)
    ada.disconnect()


async def test_room_that_may_not_be_joined_is_not_among_the_rooms():
    client = ChatClient(here.server + "/hub/" + key() + "/guarded", "ada", dict(QUICK, token="ada"))
    log = EventLog(client)
    client.connect()
    error = await raised_by(Exception, client.join_room("secrets").wait())
    assert error.code == "forbidden"
    client.join_room("nowhere")
    assert (await log.has("error")).error.code == "unknown_channel"
    assert client.rooms == []
    client.disconnect()


async def test_messages_that_are_lost_for_good_are_a_gap():
    name = key()
    ada, log = chat("/hub/" + name + "/short", "ada")
    await ada.join_room("lobby")
    await do(name, "cut/lobby/6")
    assert (await log.has("gap")).room == "lobby"
    ada.disconnect()


async def test_history_is_not_shown_again_after_a_reconnect():
    name = key()
    ada, log = chat("/hub/" + name, "ada")
    await ada.join_room("lobby")
    await ada.send_message("one")
    await do(name, "cut")
    await log.has("state", 4)
    await ada.send_message("two")
    await log.has("message", 2)
    assert len(await ada.history("lobby")) == 2  # what was asked for by itself would have come before
    assert log.of("history") == [] and [event.text for event in log.of("message")] == ["one", "two"]
    ada.disconnect()


async def test_calls_are_answered_by_a_server_that_is_not_the_hub():
    """A codec answers at once, before the call returns: also what waits for something of the answer ends."""

    class Broadcast(PlainCodec):
        def publish(self, channel, data):
            return channel + ": " + data["text"]

        def message(self, frame):
            channel, text = frame.split(": ", 1)
            return channel, {"text": text}, None

    client = ChatClient(here.server + "/plain-chat/" + key(), "ada", dict(QUICK, codec=Broadcast()))
    log = EventLog(client)
    client.connect()
    await client.join_room("lobby")
    assert await client.send_message("hello") is None
    assert (await log.has("message")).text == "hello"
    await client.send_private("bob", "psst")
    event = await log.has("private")
    assert (event.user, event.to, event.text, event.own) == ("ada", "bob", "psst", True)
    assert await client.history("lobby") == []
    await client.leave_room("lobby")
    client.disconnect()
