"""`Channels` and the hub."""

import asyncio

from suite import EventLog, Log, here, key, raised, raised_by

from browserws import (
    BufferFull,
    ChannelError,
    Channels,
    ConnectionClosed,
    InvalidURI,
    MessageTooLong,
    NotAllowed,
    NotDelivered,
    NotJoined,
    ProtocolViolation,
    UnknownChannel,
    connect,
)
from browserws.codecs import PlainCodec

QUICK = {"reconnect_interval": 20, "max_reconnect_interval": 100, "close_timeout": 100}


def to(path, user=None, **options):
    """Channels on a hub, and the log of their events."""
    settings = dict(QUICK)
    settings.update(options)
    channels = Channels(here.server + path, settings if user is None else dict(settings, user=user))
    return channels, EventLog(channels)


async def do(name, what):
    """Something happens to the hub of that key."""
    async with connect(here.server + "/hub-do/" + name + "/" + what) as ws:
        assert await ws.recv() == "done"


def data(events):
    return [event.data if isinstance(event.data, (str, int)) else bytes(event.data) for event in events]


# --- joining and publishing ---


async def test_what_one_publishes_comes_to_all_members():
    path = "/hub/" + key()
    ada, _ = to(path, "ada")
    bob, _ = to(path, "bob")
    at_ada = EventLog(await ada.join("news"))
    channel = await bob.join("news")
    at_bob = EventLog(channel)
    assert await channel.publish("hello") == 1
    assert await ada.publish("news", b"\0\n\xff") == 2
    for log in (at_ada, at_bob):
        await log.has("message", 2)
        first, second = log.of("message")
        assert (first.data, first.user, first.offset, first.channel) == ("hello", "bob", 1, "news")
        assert bytes(second.data) == b"\0\n\xff" and second.user == "ada"
        assert isinstance(first.time, float) and 0 <= second.time - first.time < 60_000
    ada.close()
    bob.close()


async def test_data_of_every_kind_of_json_arrives_as_it_was():
    value = {"text": 'grüße 😀 \u2028 \0 "\\', "list": [1, -2.5, True, None, []], "deep": [[[{"a": {}}]]]}
    ada, _ = to("/hub/" + key(), "ada")
    log = EventLog(await ada.join("news"))
    await ada.publish("news", value)
    assert (await log.has("message")).data == value
    assert (await ada.history("news"))[0].data == value
    ada.close()


async def test_calls_act_at_once_and_are_kept_until_there_is_a_connection():
    ada, log = to("/hub/" + key(), "ada", auto_connect=False)
    channel = ada.join("news")
    channel.publish("early")
    assert ada.pending == 1 and ada.state == "IDLE"
    got = EventLog(channel)
    ada.reconnect()
    assert (await got.has("message")).data == "early"
    assert ada.state == "OPEN" and ada.user == "ada" and ada.channels == ["news"]
    assert [event.type for event in log] == ["statechange", "ready", "statechange"]
    ada.close()


async def test_state_is_open_when_the_hub_has_let_us_in():
    ada, log = to("/hub/" + key(), "ada")
    await log.has("ready")
    while ada.state != "OPEN":
        await log.reaches(len(log) + 1)
    assert [event.state for event in log.of("statechange")] == ["CONNECTING", "OPEN"]
    ada.close()
    await log.has("close")
    assert ada.state == "CLOSED"


async def test_state_is_open_again_when_the_hub_has_let_us_in_again():
    """What is published in between would go out in front of the joins."""
    name = key()
    ada, log = to("/hub/" + name, "ada")
    await ada.join("news")
    await do(name, "cut")
    await log.has("ready", 2)
    while ada.state != "OPEN":
        await log.reaches(len(log) + 1)
    types = [event.type for event in log if event.type == "ready" or getattr(event, "state", "") == "OPEN"]
    assert types == ["ready", "statechange", "ready", "statechange"]
    ada.close()


async def test_async_for_gives_the_messages_until_the_channel_is_left():
    ada, _ = to("/hub/" + key(), "ada")
    channel = await ada.join("news")
    got = []

    async def read():
        async for event in channel:
            got.append(event.data)
            if event.data == 3:
                channel.leave()

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    for number in (1, 2, 3):
        channel.publish(number)
    await reading
    assert got == [1, 2, 3]
    ada.close()


async def test_reader_that_waits_ends_when_the_channel_is_left():
    """Whether it is the page that leaves or the hub that removes it."""

    async def ends(leaving):
        reader = (await ada.join("news")).reader()
        reading = asyncio.create_task(collected(reader))
        await asyncio.sleep(0)
        await leaving()
        assert await reading == []

    async def collected(reader):
        got = []
        async for event in reader:
            got.append(event.data)
        return got

    name = key()
    ada, _ = to("/hub/" + name, "ada")
    await ends(lambda: ada.leave("news").wait())
    await ends(lambda: do(name, "put-out/ada/news"))
    ada.close()


async def test_reader_that_conflates_gets_the_newest():
    ada, _ = to("/hub/" + key(), "ada")
    channel = await ada.join("news")
    async with channel.reader(conflate=True) as newest, channel.reader() as every:
        for number in range(20):
            await channel.publish(number)
        async for event in every:
            if event.data == 19:
                break
        assert every.backlog == 0 and newest.backlog == 1
        async for event in newest:
            assert event.data == 19
            break
    ada.close()


async def test_reader_that_was_closed_gets_nothing_more():
    """What waited for it is still handed out; what comes later would pile up for nobody."""
    ada, _ = to("/hub/" + key(), "ada")
    channel = await ada.join("news")
    got = EventLog(channel)
    async with channel.reader() as reader:
        await channel.publish(1)
        await got.has("message")
    await channel.publish(2)
    await got.has("message", 2)
    assert reader.backlog == 1
    assert [event.data for event in [await reader.__anext__()]] == [1]
    reader.close()
    await raised_by(StopAsyncIteration, reader.__anext__())
    ada.close()


async def test_reader_of_a_channel_that_was_left_is_at_its_end():
    ada, _ = to("/hub/" + key(), "ada")
    channel = await ada.join("news")
    channel.leave()
    await raised_by(StopAsyncIteration, channel.reader().__anext__())
    again = await ada.join("news")
    reader = again.reader()
    await again.publish(1)
    assert (await reader.__anext__()).data == 1
    ada.close()


async def test_members_are_known_with_presence():
    path = "/hub/" + key()
    ada, _ = to(path, "ada")
    bob, _ = to(path, "bob")
    at_ada = ada.join("room", presence=True)
    log = EventLog(at_ada)
    await at_ada
    assert at_ada.members == ["ada"]
    at_bob = await bob.join("room", presence=True)
    assert at_bob.members == ["ada", "bob"]
    event = await log.has("members", 2)
    assert (event.members, event.join, event.leave) == (["ada", "bob"], ["bob"], [])
    await at_bob.leave()
    event = await log.has("members", 3)
    assert (event.members, event.join, event.leave) == (["ada"], [], ["bob"])
    ada.close()
    bob.close()


async def test_history_has_what_was_said_before():
    path = "/hub/" + key()
    ada, _ = to(path, "ada")
    await ada.join("news")
    for number in range(5):
        await ada.publish("news", number)
    await ada.publish("news", b"raw")
    bob, _ = to(path, "bob")
    channel = await bob.join("news")
    events = await channel.history(3)
    assert data(events) == [3, 4, b"raw"] and events[0].user == "ada" and events[0].offset == 4
    assert data(await channel.history(2, before=4)) == [1, 2]
    ada.close()
    bob.close()


async def test_numbers_that_make_no_sense_are_refused_before_anything_happens():
    ada, _ = to("/hub/" + key(), "ada")
    channel = await ada.join("news")
    calls = [
        lambda timeout: ada.join("other", timeout=timeout),
        lambda timeout: ada.publish("news", 1, timeout=timeout),
        lambda timeout: channel.history(timeout=timeout),
        lambda timeout: ada.leave("news", timeout=timeout),
    ]
    for call in calls:
        for timeout, kind in (("1", TypeError), (True, TypeError), (float("nan"), ValueError)):
            assert "timeout must be a number" in str(raised(kind, call, timeout))
    for value, kind in (("1", TypeError), (1.0, TypeError), (True, TypeError), (0, ValueError), (2**60, ValueError)):
        assert "limit must be" in str(raised(kind, channel.history, value))
        assert "before must be" in str(raised(kind, lambda before: channel.history(before=before), value))
    assert ada.channels == ["news"] and ada.pending == 0
    assert await channel.publish("still joined", timeout=float("inf")) == 1
    ada.close()


async def test_numbers_of_subclasses_are_taken_as_what_they_are():
    """MicroPython computes with one only where it stands on the left; JSON has none."""

    class Count(int):
        pass

    class Seconds(float):
        pass

    ada, _ = to("/hub/" + key(), "ada", timeout=Seconds(9999.5), max_pending=Count(9), max_retries=Count(3))
    channel = await ada.join("news", timeout=Seconds(9.5))
    assert await channel.publish("hello", timeout=Count(9)) == 1
    assert data(await channel.history(Count(3), before=Count(2))) == ["hello"]
    ada.close()


async def test_inbox_is_for_its_user_alone():
    path = "/hub/" + key()
    ada, _ = to(path, "ada")
    bob, _ = to(path, "bob")
    log = EventLog(await ada.join("@ada"))
    await bob.publish("@ada", "psst")
    event = await log.has("message")
    assert (event.user, event.data) == ("bob", "psst")
    await raised_by(NotAllowed, bob.join("@ada").wait())
    ada.close()
    bob.close()


# --- what is refused ---


async def test_bad_calls_are_refused_before_anything_happens():
    raised(TypeError, Channels, here.server, {"usr": "ada"})
    raised(ValueError, Channels, here.server, {"user": "a\nb"})
    raised(TypeError, Channels, here.server, {"token": 1})
    raised(InvalidURI, Channels, "ftp://localhost/", {"user": "ada"})
    raised(InvalidURI, Channels, "ftp://localhost/", {"token": lambda: "ada"})
    raised(TypeError, Channels, here.server, {"user": "ada"}, onredy=print)
    raised(TypeError, Channels, here.server, {"codec": 1})
    ada, log = to("/hub/" + key(), "ada", max_pending=2, auto_connect=False)
    raised(ValueError, ada.join, "")
    raised(ValueError, ada.join, "a\0b")
    raised(ValueError, ada.join, "ä" * 101)
    raised(TypeError, ada.join, 1)
    raised(NotJoined, ada.publish, "news", 1)
    raised(NotJoined, ada.leave, "news")
    raised(NotJoined, ada.history, "news")
    ada.join("news")
    raised(ChannelError, ada.join, "news")
    raised(TypeError, ada.publish, "news", {1: 2})
    raised(TypeError, ada.publish, "news", object())
    raised(ValueError, ada.publish, "news", float("nan"))
    raised(ValueError, ada.publish, "news", 2**60)
    raised(ValueError, ada.publish, "news", "\ud800")
    deep = []
    for _ in range(100):
        deep = [deep]
    raised(ValueError, ada.publish, "news", deep)
    ada.publish("news", 1)
    ada.publish("news", 2)
    raised(BufferFull, ada.publish, "news", 3)
    assert ada.pending == 2 and log.of("error") == []
    ada.close()
    await log.has("error", 3)
    assert [type(event.error).__name__ for event in log.of("error")] == ["ConnectionClosedError"] * 3
    raised(ConnectionClosed, ada.publish, "news", 1)


async def test_message_larger_than_the_hub_takes_is_refused_before_it_is_sent():
    """The hub would close the connection for it, for good."""
    ada, log = to("/hub/" + key() + "/small", "ada")
    channel = await ada.join("news")
    error = raised(MessageTooLong, channel.publish, "x" * 2000)
    assert error.channel == "news" and "2000" in str(error)
    raised(MessageTooLong, channel.publish, b"x" * 2000)
    assert await channel.publish("x" * 1900) == 1
    assert ada.pending == 0 and log.of("close") == []
    ada.close()


async def test_message_that_turns_out_too_large_fails_alone():
    """Without a connection nobody knows yet what the hub takes."""
    ada, log = to("/hub/" + key() + "/small", "ada", auto_connect=False)
    channel = ada.join("news")
    answers = [channel.publish("before"), channel.publish("x" * 3000), channel.publish("after")]
    ada.reconnect()
    assert await answers[0] == 1
    assert (await raised_by(MessageTooLong, answers[1].wait())).channel == "news"
    assert await answers[2] == 2
    assert ada.pending == 0 and log.of("close") == []
    ada.close()


async def test_message_is_not_refused_for_its_size_before_a_limit_is_known():
    ada, _ = to("/hub/" + key() + "/large", "ada", auto_connect=False)
    channel = ada.join("news")
    log = EventLog(channel)
    answer = channel.publish("x" * 100000)
    ada.reconnect()
    assert await answer == 1
    assert len((await log.has("message")).data) == 100000
    ada.close()


async def test_publishes_that_wait_have_a_limit_of_bytes():
    ada, _ = to("/hub/" + key(), "ada", max_pending_bytes=2000, auto_connect=False)
    channel = ada.join("news")
    raised(BufferFull, channel.publish, "x" * 2000)
    answer = channel.publish("x" * 1200)
    raised(BufferFull, channel.publish, "x" * 1200)
    assert ada.pending == 1
    ada.reconnect()
    await answer
    assert await channel.publish("x" * 1200) == 2
    ada.close()


async def test_failure_that_nobody_waits_for_is_reported():
    ada, log = to("/hub/" + key() + "/guarded", token="ada")
    ada.join("secrets")
    error = (await log.has("error")).error
    assert isinstance(error, NotAllowed) and error.channel == "secrets" and "may not join" in str(error)
    assert ada.channels == []
    await raised_by(UnknownChannel, ada.join("nowhere").wait())
    notices = await ada.join("notices")
    await raised_by(NotAllowed, notices.publish("mine").wait())
    assert len(log.of("error")) == 1
    ada.close()


async def test_user_is_whom_the_token_stands_for():
    ada, log = to("/hub/" + key() + "/guarded", "bob", token="ada")
    event = await log.has("ready")
    assert event.user == "ada" == ada.user
    ada.close()


async def test_wrong_token_is_the_end_and_says_so():
    ada, log = to("/hub/" + key() + "/guarded", token="wrong")
    joining = ada.join("news")
    error = await raised_by(Exception, joining.wait())
    assert "refused the token" in str(error)
    await log.has("giveup")
    assert log.of("close")[0].code == 4401 and ada.state == "CLOSED"


async def test_fresh_token_is_asked_for_before_each_connection():
    """One that has expired costs a reconnect, and no message."""
    tokens = ["ada+0.3", "ada"]

    async def token():
        return tokens.pop(0)

    name = key()
    ada, log = to("/hub/" + name + "/guarded", token=token)
    channel = await ada.join("news")
    got = EventLog(channel)
    await log.has("close")
    await do(name, "publish/news/3")
    await log.has("ready", 2)
    await got.has("message", 3)
    assert data(got.of("message")) == [1, 2, 3] and tokens == []
    ada.close()


async def test_token_that_cannot_be_had_is_an_attempt_that_failed():
    def token():
        tries.append(1)
        if len(tries) < 3:
            raise KeyError("no token")
        return "ada"

    tries = []
    ada, log = to("/hub/" + key() + "/guarded", token=token)
    await log.has("ready")
    assert len(tries) == 3 and [type(event.error) for event in log.of("error")] == [KeyError, KeyError]
    ada.close()


async def test_token_that_can_never_be_had_is_what_publishes_fail_with():
    def token():
        raise KeyError("no token")

    ada, log = to("/hub/" + key(), token=token, max_retries=1)
    channel = ada.join("news")
    answer = channel.publish("never")
    assert "no token" in str(await raised_by(KeyError, answer.wait()))
    await log.has("giveup")
    assert ada.state == "CLOSED" and ada.pending == 0


async def test_address_may_be_asked_for_beside_the_token():
    name = key()
    asked = []

    async def address():
        asked.append("address")
        return here.server + "/hub/" + name + "/guarded"

    def token():
        asked.append("token")
        return "ada"

    ada = Channels(address, dict(QUICK, token=token))
    assert await (await ada.join("news")).publish("hello") == 1
    assert ada.user == "ada" and sorted(asked) == ["address", "token"]
    ada.close()
    other = Channels(address, dict(QUICK, token="eve"))
    await other.join("news")
    assert other.user == "eve" and len(asked) == 3
    other.close()


# --- connections that are lost ---


async def test_what_was_missed_comes_after_the_reconnect():
    name = key()
    ada, log = to("/hub/" + name, "ada")
    channel = await ada.join("news")
    got = EventLog(channel)
    await channel.publish(0)
    await do(name, "cut/news/4")
    await got.has("message", 5)
    assert data(got.of("message")) == [0, 1, 2, 3, 4]
    assert got.of("gap") == [] and log.of("ready")[1].resumed is True
    ada.close()


async def test_publish_that_was_taken_before_the_connection_broke_is_not_made_twice():
    name = key()
    ada, log = to("/hub/" + name, "ada")
    channel = await ada.join("news")
    got = EventLog(channel)
    await channel.publish("first")
    await do(name, "once")
    answers = [channel.publish("second"), channel.publish("third")]
    assert (await answers[0], await answers[1]) == (2, 3)
    await channel.publish("fourth")
    await got.has("message", 4)
    assert data(got.of("message")) == ["first", "second", "third", "fourth"]
    assert len(log.of("ready")) == 2
    ada.close()


async def test_more_than_the_history_keeps_is_a_gap():
    name = key()
    ada, _ = to("/hub/" + name + "/short", "ada")
    channel = await ada.join("news")
    got = EventLog(channel)
    await channel.publish("before")
    await do(name, "cut/news/6")
    await got.has("gap")
    await channel.publish("after")
    assert data([await got.has("message", 2)]) == ["after"]
    assert [event.offset for event in got.of("message")] == [1, 8]
    ada.close()


async def test_hub_that_has_forgotten_all_is_a_gap_and_says_what_it_cannot_know():
    name = key()
    ada, log = to("/hub/" + name, "ada")
    channel = await ada.join("news")
    got = EventLog(channel)
    await channel.publish("before")
    say = ada.bind("close", lambda: channel.publish("written without a connection"))
    await do(name, "restart")
    await got.has("gap")
    ada.unbind("close", say)
    assert (await got.has("message", 2)).offset == 1
    assert log.of("ready")[1].resumed is False and log.of("error") == []
    await do(name, "once-restart")
    answer = channel.publish("perhaps")
    await raised_by(NotDelivered, answer.wait())
    ada.close()


async def test_what_is_said_without_a_connection_is_delivered_when_there_is_one():
    name = key()
    ada, log = to("/hub/" + name, "ada")
    channel = await ada.join("news")
    got = EventLog(channel)
    pending = []

    def say():
        for number in range(5):
            channel.publish(number)
        pending.append(ada.pending)

    ada.bind("close", say)
    await do(name, "cut")
    await got.has("message", 5)
    assert data(got.of("message")) == [0, 1, 2, 3, 4] and pending == [5]
    ada.unbind("close", say)
    ada.close()


async def test_member_that_comes_back_soon_has_not_gone():
    name = key()
    ada, _ = to("/hub/" + name, "ada")
    bob, log = to("/hub/" + name, "bob")
    channel = ada.join("room", presence=True)
    got = EventLog(channel)
    await channel
    await bob.join("room", presence=True)
    await got.has("members", 2)
    await do(name, "cut")
    await log.has("ready", 2)
    await got.has("joined", 2)
    await channel.publish("still here")
    await got.has("message")
    assert len(got.of("members")) == 2 and channel.members == ["ada", "bob"]
    ada.close()
    bob.close()


async def test_call_with_a_timeout_of_its_own_ends_without_a_connection_too():
    ada, _ = to("/hold", "ada")
    answer = ada.join("news").publish("late", timeout=0.05)
    error = await raised_by(asyncio.TimeoutError, answer.wait())
    assert "no connection in time" in str(error) and ada.pending == 0
    ada.close()


async def test_shorter_timeout_does_not_wait_for_a_longer_one():
    ada, _ = to("/hold", "ada")
    channel = ada.join("news")
    long, short = channel.publish(1, timeout=10), channel.publish(2, timeout=0.05)
    await raised_by(asyncio.TimeoutError, short.wait())
    assert not long.done and ada.pending == 1
    ada.close()


async def test_hub_that_does_not_answer_is_a_timeout():
    """A server that takes all and answers nothing: the timeout counts from when the call was sent."""
    ada, log = to("/hub/" + key(), "ada", timeout=100)
    channel = await ada.join("news")
    ada._multiplex._write = lambda now, encoded: None  # what is sent is lost on the way
    error = await raised_by(asyncio.TimeoutError, channel.publish("lost").wait())
    assert "has not answered" in str(error)
    ada.close()


async def test_one_that_is_removed_from_a_channel_is_given_the_reason():
    name = key()
    ada, _ = to("/hub/" + name, "ada")
    channel = await ada.join("room")
    got = EventLog(channel)
    await do(name, "put-out/ada/room")
    assert (await got.has("left")).reason == "put out"
    assert ada.channels == []
    raised(NotJoined, channel.publish, "x")
    ada.close()


async def test_server_that_is_not_the_hub_is_a_protocol_violation():
    ada, log = to("/greet", "ada")
    event = await log.has("error")
    assert type(event.error).__name__ == "ProtocolViolation"
    await log.has("close")
    assert ada.state == "CLOSED"


async def test_message_of_the_hub_that_is_none_of_the_protocol_is_a_violation():
    name = key()
    ada, log = to("/hub/" + name, "ada")
    await ada.join("news")
    await do(name, "nonsense")
    error = (await log.has("error")).error
    assert isinstance(error, ProtocolViolation) and "channel" in str(error)
    assert (await log.has("close")).code == 4400 and ada.state == "CLOSED"


async def test_channels_speak_with_a_plain_server_by_a_codec():
    class Broadcast(PlainCodec):
        """The server sends each text to all; "channel: text" is our own agreement."""

        def publish(self, channel, data):
            return channel + ": " + data

        def message(self, frame):
            channel, text = frame.split(": ", 1)
            return channel, text, None

    path = "/plain-chat/" + key()
    ada, _ = to(path, "ada", codec=Broadcast())
    bob, _ = to(path, "bob", codec=Broadcast())
    got = EventLog(await ada.join("news"))
    channel = await bob.join("news")
    await channel.publish("hello")
    event = await got.has("message")
    assert (event.data, event.user, event.offset) == ("hello", None, None)
    assert await channel.history() == []
    await channel.leave()
    ada.close()
    bob.close()


# --- in the middle of things ---


async def test_channel_that_is_left_and_joined_in_a_handler_is_joined():
    name = key()
    ada, _ = to("/hub/" + name, "ada")
    got = []

    def again():
        ada.leave("news")
        channel = ada.join("news")
        channel.bind("message", lambda event: got.append(event.data))
        channels.append(channel)

    channels = [await ada.join("news")]
    channels[0].bind("message", again)
    await do(name, "publish/news/1")
    log = EventLog(channels[0])
    while len(channels) < 2:
        await log.reaches(len(log) + 1)
    await channels[1]
    await channels[1].publish("after")
    while not got:
        await asyncio.sleep(0.01)
    assert got == ["after"] and ada.channels == ["news"]
    ada.close()


async def test_channel_that_is_joined_again_begins_with_joined():
    """Of the many messages that are on their way, none comes to the channel that was joined after them."""
    name = key()
    ada, _ = to("/hub/" + name, "ada")
    logs = Log()

    def again(event):
        if event.offset == 1:
            event.target.leave()
            logs.append(EventLog(ada.join("news")))

    channel = await ada.join("news")
    channel.bind("message", again)
    await do(name, "publish/news/200")
    await logs.reaches(1)
    await ada.publish("news", "after")
    log = logs[0]
    while "after" not in data(log.of("message")):
        await log.reaches(len(log) + 1)
    assert log[0].type == "joined"
    offsets = [event.offset for event in log.of("message")]
    assert offsets == list(range(log[0].offset + 1, 202))
    ada.close()


async def test_channel_can_be_left_before_it_is_joined():
    ada, _ = to("/hold", "ada")
    channel = ada.join("news")
    ada.leave("news")
    await raised_by(NotJoined, channel.wait())
    assert ada.channels == []
    await raised_by(asyncio.TimeoutError, ada.join("news", timeout=0.05).wait())
    ada.close()


async def test_close_has_a_code_and_a_reason():
    ada, log = to("/hub/" + key(), "ada")
    await log.has("ready")
    raised(ValueError, ada.close, 1001)
    ada.close(3000, "bye")
    event = await log.has("close")
    assert (event.code, event.reason, event.wasClean) == (3000, "bye", True)


async def test_giving_up_is_an_event_and_fails_what_waits():
    ada, log = to("/refuse", "ada", max_retries=1)
    channel = ada.join("news")
    answer = channel.publish("never")
    await raised_by(ConnectionClosed, answer.wait())
    await raised_by(ConnectionClosed, channel.wait())
    await log.has("giveup")
    event = log.of("reconnecting")[0]
    assert event.attempt == 1 and ada.pending == 0 and ada.channels == []
    assert [event.state for event in log.of("statechange")][-1] == "CLOSED"


async def test_undelivered_has_what_a_server_without_acknowledgements_may_not_have():
    class Plain(PlainCodec):
        def publish(self, channel, data):
            return data

        def message(self, frame):
            return None

    ada, log = to("/echo", "ada", codec=Plain())
    await ada.join("news")
    await ada.publish("news", "perhaps")
    ada.reconnect()
    assert (await log.has("undelivered")).messages == ["perhaps"]
    ada.close()


async def test_after_the_end_calls_fail_at_once():
    ada, log = to("/hub/" + key(), "ada")
    channel = await ada.join("news")
    ada.close()
    await log.has("close")
    for call in (lambda: ada.join("other"), channel.history, lambda: channel.publish(1), channel.leave):
        raised(ConnectionClosed, call)
    raised(ValueError, ada.history, "news", 0)
    ada.reconnect()
    await log.has("ready", 2)
    await channel.publish("joined again")
    ada.close()
