"""`ChatClient` and `LiveDataClient` against a hub, in plain Python. (In browsers: tests/conformance.)"""

import asyncio
import json
import time

import pytest
from suite import EventLog, Log

from browserws import ChannelError, Channels, ChatClient, LiveDataClient, NotJoined, UnknownChannel
from browserws.codecs import PlainCodec
from browserws.server import Hub, Settings
from browserws.testing import FakeNetwork

URL = "ws://fake.test/hub"
QUICK = {"reconnect_interval": 5, "max_reconnect_interval": 20, "close_timeout": 100, "heartbeat": None}
SECONDS = 10


def authorize(user, channel, action):
    if channel == "nowhere":
        raise UnknownChannel(channel, "there is no such channel")
    return True


def with_hub(test):
    async def main():
        hub = Hub(authorize=authorize)
        await hub.start()
        with FakeNetwork(hub.handle):
            await test(hub)
        await hub.stop()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


async def chat(user="ada", *rooms, **options):
    client = ChatClient(URL, user, {**QUICK, **options})
    log = EventLog(client)
    client.connect()
    for room in rooms:
        await client.join_room(room)
    return client, log


async def live(*channels, **options):
    client = LiveDataClient(URL, {**QUICK, **options})
    log, updates = EventLog(client), Log()
    for channel in channels:
        await client.subscribe(channel, updates.append)
    return client, log, updates


# --- chat ---


def test_chat_with_a_server_of_another_kind_joins_no_inbox():
    """It would take it for a room."""
    joined = []

    class Codec(PlainCodec):
        def join(self, channel):
            joined.append(channel)

    async def test(hub):
        client, _ = await chat("ada", "room", codec=Codec())
        assert joined == ["room"]
        client.disconnect()

    with_hub(test)


def test_chat_connects_when_it_is_asked_to_and_not_before():
    async def test(hub):
        client = ChatClient(URL, "ada", QUICK)
        await asyncio.sleep(0.01)
        assert client.state == "IDLE" and not hub.connections
        eager = ChatClient(URL, "bob", {**QUICK, "auto_connect": True})
        await EventLog(eager).has("state", 1)
        assert client.user == "ada" and client._channels._options.user == "ada"
        with pytest.raises(TypeError, match="unknown option"):
            ChatClient(URL, "ada", {"colour": "red"})
        eager.disconnect()

    with_hub(test)


def test_handlers_may_be_given_to_a_chat_at_once():
    async def test(hub):
        got = Log()
        client = ChatClient(URL, "ada", QUICK, onmessage=got.append)
        client.connect()
        await client.join_room("lobby")
        await client.send_message("hello")
        await got.reaches(1)
        assert client.onmessage == got.append
        client.disconnect()

    with_hub(test)


def test_what_other_programs_publish_in_a_room_is_shown_as_text():
    async def test(hub):
        client, log = await chat("ada", "lobby")
        for data in ("plain", 42, {"text": 7}, {"colour": "red"}, [1]):
            await hub.publish("lobby", data)
        await log.has("message", 5)
        events = log.of("message")
        assert [event.text for event in events] == ["plain", "42", "7", "", "[1]"]
        for event in events:
            assert (event.room, event.user, event.own, event.target) == ("lobby", None, False, client)
            assert abs(event.time / 1000 - time.time()) < SECONDS
        client.disconnect()

    with_hub(test)


def test_private_message_has_its_time_and_history_of_it_has_all_that_the_event_has():
    async def test(hub):
        bob, _ = await chat("bob")
        await bob.send_private("ada", "psst")
        ada, log = await chat("ada")
        history = await log.has("history")
        (before,) = history.messages
        assert (before.type, before.user, before.to, before.text, before.own) == (
            "private",
            "bob",
            "ada",
            "psst",
            False,
        )
        await bob.send_private("ada", "again")
        event = await log.has("private")
        assert (event.user, event.to, event.text) == ("bob", "ada", "again") and event.time >= before.time > 0
        await bob.send_private("bob", "note to self")
        ada.disconnect()
        bob.disconnect()

    with_hub(test)


def test_history_of_a_room_ends_where_it_was_joined():
    """What is said while the history is asked for comes as a message, and only so."""

    async def test(hub):
        for number in range(60):
            await hub.publish("lobby", {"text": str(number)})
        client, log = await chat("ada", "lobby")
        await hub.publish("lobby", {"text": "60"})
        event = await log.has("history")
        assert (event.room, event.target) == ("lobby", client)
        assert [message.text for message in event.messages] == [str(number) for number in range(10, 60)]
        assert {(message.type, message.room, message.user) for message in event.messages} == {
            ("message", "lobby", None)
        }
        said = await client.history("lobby", 2, before=4)
        assert [(m.type, m.text, m.room, m.target) for m in said] == [
            ("message", "1", "lobby", client),
            ("message", "2", "lobby", client),
        ]
        assert len(await client.history("lobby")) == 50
        client.disconnect()

    with_hub(test)


def test_room_in_which_nothing_was_said_has_no_history_event():
    async def test(hub):
        client, log = await chat("ada", "lobby")
        await client.history("lobby")
        assert log.of("history") == []
        client.disconnect()

    with_hub(test)


def test_room_that_was_left_says_why():
    async def test(hub):
        client, log = await chat("ada", "lobby", "attic")
        await hub.remove("ada", "lobby", reason="behave")
        event = await log.has("left")
        assert (event.room, event.reason, client.rooms) == ("lobby", "behave", ["attic"])
        await client.send_message("in the only one that is left")
        assert (await log.has("message")).room == "attic"
        await client.leave_room("attic")
        event = await log.has("left", 2)
        assert (event.room, event.reason) == ("attic", "") and client.rooms == []
        with pytest.raises(NotJoined, match="no room is joined"):
            client.send_message("nowhere")
        with pytest.raises(NotJoined, match="'attic': the room is not joined: join it first"):
            client.members("attic")
        await client.join_room("a")
        await client.join_room("b")
        with pytest.raises(NotJoined, match="name the room: 2 are joined") as error:
            client.send_message("where")
        assert error.value.channel is None
        with pytest.raises(TypeError, match="a message is a str, not bytes"):
            client.send_message(b"", "a")
        client.disconnect()

    with_hub(test)


def test_inbox_that_the_hub_took_away_is_joined_again_on_the_next_connection():
    async def test(hub):
        client, log = await chat("ada", "lobby")
        await client._inbox
        await hub.remove("ada", "@ada", reason="why not")
        while client._inbox is not None:
            await asyncio.sleep(0)
        assert log.of("left") == []  # it is no room
        client.connect()
        await log.has("state", 4)
        await client._inbox
        await hub.publish("@ada", {"text": "psst"})
        assert (await log.has("private")).text == "psst"
        client.disconnect()

    with_hub(test)


def test_presence_is_emitted_by_name_and_as_a_list():
    async def test(hub):
        ada, log = await chat("ada", "lobby")
        bob, _ = await chat("bob", "lobby")
        await log.has("members", 2)
        await bob.leave_room("lobby")
        await log.has("members", 3)
        told = [(e.type, e.room, e.members if e.type == "members" else e.user) for e in log if hasattr(e, "room")]
        assert told == [
            ("join", "lobby", "ada"),
            ("members", "lobby", ["ada"]),
            ("join", "lobby", "bob"),
            ("members", "lobby", ["ada", "bob"]),
            ("leave", "lobby", "bob"),
            ("members", "lobby", ["ada"]),
        ]
        ada.disconnect()
        bob.disconnect()

    with_hub(test)


def test_states_and_errors_of_a_chat_are_its_own_events():
    async def test(hub):
        client, log = await chat("ada")
        client.join_room("nowhere")
        event = await log.has("error")
        assert isinstance(event.error, UnknownChannel) and event.target is client
        client.disconnect()
        await log.has("state", 4)
        states = [(event.previous, event.state) for event in log.of("state")]
        assert states == [("IDLE", "CONNECTING"), ("CONNECTING", "OPEN"), ("OPEN", "CLOSING"), ("CLOSING", "CLOSED")]
        assert client.state == "CLOSED"

    with_hub(test)


def test_message_that_waits_is_pending():
    async def test(hub):
        client = ChatClient(URL, "ada", QUICK)
        client.join_room("lobby")
        answer = client.send_message("later")
        assert client.pending == 1 and client.rooms == ["lobby"]
        client.connect()
        assert await answer == 1 and client.pending == 0
        client.disconnect()

    with_hub(test)


# --- live data ---


def test_update_has_all_that_the_docstring_says():
    async def test(hub):
        client, log, updates = await live("ACME")
        await hub.publish("ACME", 1.5)
        event = await log.has("update")
        for update in (event, *updates):
            assert (update.channel, update.data) == ("ACME", 1.5)
            assert abs(update.time / 1000 - time.time()) < SECONDS
        assert event.target is client and (updates[0].user, updates[0].offset) == (None, 1)
        client.close()

    with_hub(test)


def test_update_that_a_page_published_says_whose_it_is():
    async def test(hub):
        client, log, updates = await live("ACME")
        ada = Channels(URL, {**QUICK, "user": "ada"})
        await ada.join("ACME")
        await ada.publish("ACME", 2)
        assert (await log.has("update")).user == updates[0].user == "ada"
        client.close()
        ada.close()

    with_hub(test)


def test_gap_says_how_many_updates_are_missing():
    async def server(connection):
        async for frame in connection:
            message = json.loads(frame)
            if message["type"] == "hello":
                await connection.send('{"type": "welcome", "user": "ada"}')
            else:
                answer = {"type": "joined", "id": message["id"], "channel": "ACME", "epoch": "e", "offset": 0}
                await connection.send(json.dumps(answer))
                await connection.send('{"type": "message", "channel": "ACME", "offset": 3, "data": 1}')

    async def main():
        with FakeNetwork(server):
            client, log, _ = await live("ACME")
            event = await log.has("gap")
            assert (event.channel, event.missed, event.target) == ("ACME", 2, client)
            client.close()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def test_callbacks_that_are_left_go_on_and_a_reader_keeps_the_subscription():
    async def test(hub):
        client, _, updates = await live("ACME")
        reader = client.updates("ACME")
        assert client.subscriptions == ["ACME"]
        client.unsubscribe("ACME", updates.append)
        client.unsubscribe("ACME", print)  # it was none
        assert client.subscriptions == ["ACME"]
        await hub.publish("ACME", 1)
        assert (await reader.__anext__()).data == 1 and updates == []
        await client.subscribe("ACME", updates.append)
        client.unsubscribe("ACME")
        assert client.subscriptions == []
        assert [update async for update in reader] == []
        await client.subscribe("ACME", updates.append)
        await hub.publish("ACME", 2)
        await updates.reaches(1)
        assert [update.data for update in updates] == [2]  # and once
        client.close()

    with_hub(test)


def test_only_the_newest_waits_for_a_reader_that_wants_no_more():
    async def test(hub):
        client, _, updates = await live("ACME")
        newest, all_ = client.updates("ACME", conflate=True), client.updates("ACME")
        for number in range(5):
            await hub.publish("ACME", number)
        await updates.reaches(5)
        assert (newest.backlog, all_.backlog) == (1, 5)
        assert (await newest.__anext__()).data == 4 and (await all_.__anext__()).data == 0
        client.close()

    with_hub(test)


def test_mistakes_of_live_data_are_exceptions_at_once():
    async def test(hub):
        client, log, updates = await live("ACME")
        with pytest.raises(TypeError, match="a callback must be callable, not int"):
            client.subscribe("OTHER", 1)
        with pytest.raises(NotJoined, match="'OTHER': there is no subscription"):
            client.unsubscribe("OTHER")
        with pytest.raises(TypeError, match="unknown option"):
            LiveDataClient(URL, {"colour": "red"})
        assert client.subscriptions == ["ACME"]
        client.close()

    with_hub(test)


def test_subscription_that_ended_is_an_error_and_can_be_made_again():
    async def test(hub):
        client, log, updates = await live("ACME", user="ada")
        await hub.remove("ada", "ACME", reason="put out")
        event = await log.has("error")
        assert (event.error.channel, event.error.reason, event.target) == ("ACME", "put out", client)
        await client.subscribe("ACME", updates.append)
        await hub.publish("ACME", 1)
        await updates.reaches(1)
        client.unsubscribe("ACME")
        assert len(log.of("error")) == 1  # to leave is none
        client.close()

    with_hub(test)


def test_handlers_of_live_data_may_be_given_from_the_beginning():
    def show(event):
        pass

    async def test(hub):
        client = LiveDataClient(URL, {**QUICK, "auto_connect": False}, onstate=show)
        assert client.onstate is show and client.onerror is None

    with_hub(test)


def test_states_of_live_data_are_its_own_events():
    async def test(hub):
        client, log, _ = await live("ACME")
        client.close()
        await log.has("state", 3)
        while client.state != "CLOSED":
            await log.reaches(len(log) + 1)
        states = [(event.previous, event.state) for event in log.of("state")]
        assert states[-2:] == [("OPEN", "CLOSING"), ("CLOSING", "CLOSED")]
        assert all(event.target is client for event in log)

    with_hub(test)


# --- what is lost is said, and what is refused is refused at once ---


def test_private_messages_that_are_lost_are_a_gap():
    async def main():
        hub = Hub(settings=Settings(history=2))
        await hub.start()
        with FakeNetwork(hub.handle) as network:
            client, log = await chat("ada", "lobby")
            await client._inbox
            network.connections[-1].transport.abort()
            for number in range(5):
                await hub.publish("@ada", {"text": str(number)}, user="bob")
            event = await log.has("gap")
            assert event.room == "@ada"
            assert [message.text for message in await client.history("@ada")] == ["3", "4"]
            assert [message.type for message in await client.history("@ada")] == ["private", "private"]
            client.disconnect()
        await hub.stop()

    asyncio.run(asyncio.wait_for(main(), SECONDS))


def test_inbox_is_no_room():
    async def test(hub):
        client, _ = await chat("ada")
        with pytest.raises(ChannelError, match="^'@ada': is the inbox of a user"):
            client.join_room("@ada")
        assert client.rooms == []
        client.disconnect()

    with_hub(test)


def test_subscription_that_only_a_reader_wanted_ends_with_it():
    async def test(hub):
        client, _, updates = await live("ACME")
        async with client.updates("OTHER"):
            assert client.subscriptions == ["ACME", "OTHER"]
        async with client.updates("ACME"):
            pass
        assert client.subscriptions == ["ACME"]
        client.close()

    with_hub(test)
