"""`Channels` that go on after a reload. (Pages that are really loaded again: tests/browser/test_reload.py.)"""

import asyncio

from suite import EventLog, Log, end_page, here, key, raised

from browserws import Channels, ChatClient, NotDelivered, NotJoined, connect
from browserws.codecs import PlainCodec

NEVER_AGAIN = {"reconnect_interval": 60_000, "max_reconnect_interval": 60_000, "jitter": False}  # once it is lost
QUICK = {"reconnect_interval": 20, "max_reconnect_interval": 100, "close_timeout": 100}


def page(path, name, user="ada", **options):
    """A page that keeps its channels under that name, and the log of their events."""
    settings = dict(QUICK, persist=name, user=user)
    settings.update(options)
    channels = Channels(here.server + path, settings)
    return channels, EventLog(channels)


async def do(name, what):
    async with connect(here.server + "/hub-do/" + name + "/" + what) as ws:
        assert await ws.recv() == "done"


async def kept(channels):
    """All that has changed so far is kept."""
    keeper = channels._keeper
    while keeper._unwritten or not keeper.is_open or keeper._multiplex.is_dirty:
        await asyncio.sleep(0.01)


async def reloaded(channels):
    """The page is loaded again. In a worker, nobody hears of it: there, only what is kept by then is kept."""
    if getattr(channels._keeper._storage, "_session", True) is None:
        channels._keeper._look_again()
        await kept(channels)
    end_page(channels)


async def crashed(channels):
    """The page ends without notice, when all is kept."""
    await kept(channels)
    end_page(channels, crash=True)


async def refused():
    """A program and Node have nothing that is loaded again."""
    error = raised(NotImplementedError, Channels, here.server + "/hub/" + key(), {"persist": "x"})
    assert "persist needs a page" in str(error)


def needs_a_page(test):
    async def run():
        await (test if here.is_page else refused)()

    return run


@needs_a_page
async def test_persist_is_a_name_and_needs_a_hub():
    raised(TypeError, Channels, here.server + "/hub/x", {"persist": True})
    raised(ValueError, Channels, here.server + "/hub/x", {"persist": ""})
    error = raised(NotImplementedError, Channels, here.server + "/x", {"persist": "x", "codec": PlainCodec()})
    assert "hub" in str(error)


@needs_a_page
async def test_page_goes_on_where_it_was():
    """It gets what it missed, and nothing again; the session is the same one."""
    name = key()
    ada, log = page("/hub/" + name, name)
    restored = await log.has("restored")
    assert (restored.pending, restored.channels) == (0, [])
    got = EventLog(await ada.join("news"))
    await ada.publish("news", "one")
    assert isinstance((await got.has("message")).epoch, str)
    await reloaded(ada)
    await do(name, "publish/news/2")

    ada, log = page("/hub/" + name, name)
    got = EventLog(ada.join("news"))
    await got.has("message", 2)
    assert [event.data for event in got.of("message")] == [1, 2] and got.of("gap") == []
    assert log.of("ready")[0].resumed and log.of("restored")[0].channels == ["news"]
    ada.close()


@needs_a_page
async def test_what_was_published_without_a_connection_is_published_after_the_reload():
    name = key()
    ada, log = page("/hub/" + name, name, auto_connect=False)
    await log.has("restored")
    channel = ada.join("news")
    value = {"text": "grüße 😀 \0", "n": [1, None]}
    for data in (value, b"\0\n\xff", b"", "last"):
        channel.publish(data).ignore()
    await crashed(ada)

    for _ in range(2):  # without a connection again
        ada, log = page("/hub/" + name, name, auto_connect=False)
        assert (await log.has("restored")).pending == ada.pending == 4
        await reloaded(ada)

    ada, log = page("/hub/" + name, name)
    channel = ada.join("news")
    got = EventLog(channel)
    channel.publish("new")
    await got.has("message", 5)
    data = [event.data for event in got.of("message")]
    assert [data[0], bytes(data[1]), bytes(data[2])] == [value, b"\0\n\xff", b""] and data[3:] == ["last", "new"]
    while ada.pending:
        await asyncio.sleep(0.01)
    assert log.of("error") == []
    ada.close()


@needs_a_page
async def test_publish_whose_answer_was_lost_with_the_page_is_made_once():
    name = key()
    ada, log = page("/hub/" + name, name, **NEVER_AGAIN)
    channel = await ada.join("news")
    await log.has("restored")
    await do(name, "once")
    channel.publish("hello").ignore()
    await log.has("close")
    await reloaded(ada)

    ada, log = page("/hub/" + name, name)
    assert (await log.has("restored")).pending == 1
    await ada.join("news")
    while ada.pending:
        await asyncio.sleep(0.01)
    assert [event.data for event in await ada.history("news")] == ["hello"]
    assert log.of("error") == []
    ada.close()


@needs_a_page
async def test_publish_that_may_have_been_made_in_a_lost_session_is_not_made_again():
    """Its fate is unknown, and there is nobody any more who waits for its answer."""
    name = key()
    ada, log = page("/hub/" + name, name, **NEVER_AGAIN)
    channel = await ada.join("news")
    await log.has("restored")
    await do(name, "once")
    channel.publish("hello").ignore()
    await log.has("close")
    await reloaded(ada)
    await do(name, "restart")

    ada, log = page("/hub/" + name, name)
    got = EventLog(ada.join("news"))
    assert isinstance((await log.has("error")).error, NotDelivered)
    await got.has("gap")
    assert ada.pending == 0 and await ada.history("news") == []
    ada.close()


@needs_a_page
async def test_restored_publishes_wait_until_their_channel_is_joined():
    name = key()
    ada, log = page("/hub/" + name, name, auto_connect=False)
    await log.has("restored")
    ada.join("news").publish("hello").ignore()
    ada.publish("@bob", "psst").ignore()
    await reloaded(ada)

    ada, log = page("/hub/" + name, name)
    await log.has("ready")
    await (await ada.join("other")).publish("x")
    assert ada.pending == 1
    got = EventLog(ada.join("news"))
    assert (await got.has("message")).data == "hello"
    assert log.of("error") == []
    ada.close()


@needs_a_page
async def test_messages_that_wait_for_the_application_come_again():
    name = key()
    ada, _ = page("/hub/" + name, name)
    channel = await ada.join("news")
    reader, busy, begun = channel.reader(), asyncio.Event(), Log()

    async def slow(event):
        begun.append(event.data)
        await busy.wait()

    channel.bind("message", slow)
    await do(name, "publish/news/3")
    assert (await reader.__anext__()).data == 1
    assert (await reader.__anext__()).data == 2
    assert begun == [1]
    await reloaded(ada)
    busy.set()

    ada, _ = page("/hub/" + name, name)
    got = EventLog(ada.join("news"))
    await got.has("message", 2)
    assert [event.data for event in got.of("message")] == [2, 3]
    ada.close()


@needs_a_page
async def test_taking_what_waited_is_kept_too():
    name = key()
    ada, _ = page("/hub/" + name, name)
    channel = await ada.join("news")
    reader = channel.reader()
    await do(name, "publish/news/3")
    for number in (1, 2, 3):
        assert (await reader.__anext__()).data == number
    while ada._multiplex.changed:
        await asyncio.sleep(0.05)
    await crashed(ada)

    ada, _ = page("/hub/" + name, name)
    got = EventLog(ada.join("news"))
    await do(name, "publish/news/1")
    await got.has("message")
    assert [event.data for event in got.of("message")] == [1]
    ada.close()


@needs_a_page
async def test_second_page_has_a_session_of_its_own():
    name = key()
    first, _ = page("/hub/" + name, name)
    await (await first.join("news")).publish("hello")
    await kept(first)
    second, log = page("/hub/" + name, name)
    got = EventLog(await second.join("news"))
    assert not log.of("ready")[0].resumed and log.of("restored")[0].channels == []
    await second.publish("news", "second")
    await got.has("message")
    await first.publish("news", "third")  # whose session is still its own
    await reloaded(first)
    third, log = page("/hub/" + name, name)
    assert (await log.has("restored")).channels == ["news"]
    assert (await log.has("ready")).resumed
    second.close()
    third.close()


@needs_a_page
async def test_nothing_of_another_user_goes_out():
    name = key()
    ada, log = page("/hub/" + name, name)
    await log.has("restored")
    await ada.join("news")
    await do(name, "publish/news/1")
    await reloaded(ada)
    ada, log = page("/hub/" + name, name, auto_connect=False)
    await log.has("restored")
    ada.join("news").publish("hers").ignore()
    await reloaded(ada)

    bob, log = page("/hub/" + name, name, user="bob")
    error = (await log.has("error")).error
    assert isinstance(error, NotDelivered) and "another user" in str(error)
    restored = await log.has("restored")
    assert (restored.pending, restored.channels) == (0, [])
    got = EventLog(await bob.join("news"))
    assert not log.of("ready")[0].resumed
    await bob.publish("news", "his")
    assert (await got.has("message")).data == "his"
    await reloaded(bob)

    ada, log = page("/hub/" + name, name)  # what was hers is gone, and what is his is not hers
    assert (await log.has("restored")).channels == []
    ada.close()


@needs_a_page
async def test_nothing_of_another_user_goes_out_where_only_the_token_says_who_it_is():
    name = key()
    ada, log = page("/hub/" + name + "/guarded", name, user=None, token="ada", **NEVER_AGAIN)
    channel = await ada.join("news")
    await do(name, "once")
    channel.publish("hers").ignore()
    await log.has("close")
    channel.publish("hers, too").ignore()
    await reloaded(ada)

    bob, log = page("/hub/" + name + "/guarded", name, user=None, token="bob")
    got = EventLog(bob.join("news"))
    await log.has("error", 2)
    assert [type(event.error) for event in log.of("error")] == [NotDelivered, NotDelivered]
    await bob.publish("news", "his")
    assert [event.data for event in got.of("message")] == ["his"]
    bob.close()


@needs_a_page
async def test_before_the_hub_knows_the_user_of_a_token_nothing_is_kept():
    """It could be sent as somebody else."""
    name = key()
    ada, log = page("/hub/" + name + "/guarded", name, user=None, token="ada", auto_connect=False)
    await log.has("restored")
    ada.join("news").publish("hers").ignore()
    await reloaded(ada)
    bob, log = page("/hub/" + name + "/guarded", name, user=None, token="bob")
    assert (await log.has("restored")).pending == 0
    bob.close()


@needs_a_page
async def test_close_forgets_what_was_kept():
    name = key()
    ada, log = page("/hub/" + name, name)
    answer = (await ada.join("news")).publish("hello")
    await answer
    await kept(ada)
    ada.close()
    await log.has("close")
    ada, log = page("/hub/" + name, name)
    assert (await log.has("restored")).channels == []
    assert not (await log.has("ready")).resumed
    ada.close()


@needs_a_page
async def test_channel_that_was_left_begins_anew():
    name = key()
    ada, log = page("/hub/" + name, name)
    await (await ada.join("news")).publish("one")
    await (await ada.join("other")).publish("two")
    ada.leave("news")
    await reloaded(ada)
    ada, log = page("/hub/" + name, name)
    assert (await log.has("restored")).channels == ["other"]
    raised(NotJoined, ada.publish, "news", "x")
    ada.close()


@needs_a_page
async def test_requests_made_before_the_records_were_read_come_after_what_is_restored():
    name = key()
    ada, log = page("/hub/" + name, name, auto_connect=False)
    await log.has("restored")
    ada.join("news").publish("first").ignore()
    await reloaded(ada)

    ada, log = page("/hub/" + name, name)
    channel = ada.join("news")
    got = EventLog(channel)
    answers = [channel.publish("second"), channel.publish(b"third")]
    sum_ = ada.call("add", {"a": 1, "b": 2})
    numbers = ada.call("count", {"to": 40})
    assert await all_of(answers) == [2, 3]
    assert await sum_ == 3
    taken = []
    async for number in numbers:
        taken.append(number)
    assert taken == list(range(40))
    await got.has("message", 3)
    data = [event.data for event in got.of("message")]
    assert data[:2] == ["first", "second"] and bytes(data[2]) == b"third"
    ada.close()


async def all_of(answers):
    values = []
    for answer in answers:
        values.append(await answer)
    return values


@needs_a_page
async def test_publish_with_a_timeout_is_not_kept():
    """Whoever published it has been told, or has gone."""
    name = key()
    ada, log = page("/hub/" + name, name, auto_connect=False)
    await log.has("restored")
    channel = ada.join("news")
    channel.publish("at any time").ignore()
    channel.publish("now", timeout=60).ignore()
    await reloaded(ada)
    ada, log = page("/hub/" + name, name)
    assert (await log.has("restored")).pending == 1
    got = EventLog(ada.join("news"))
    assert (await got.has("message")).data == "at any time"
    ada.close()


@needs_a_page
async def test_storage_that_fails_is_reported_and_the_page_works_on():
    name = key()
    ada, log = page("/hub/" + name, name)
    channel = await ada.join("news")
    await channel.publish("one")
    await kept(ada)

    async def write(texts, anew):
        raise OSError("QuotaExceededError: it is full")

    ada._keeper._storage.write = write
    assert await channel.publish("two") == 2
    assert "QuotaExceededError" in str((await log.has("error")).error)
    await do(name, "cut")
    assert await channel.publish("three") == 3
    assert len(log.of("error")) == 1
    ada.close()


@needs_a_page
async def test_chat_goes_on_after_a_reload():
    name = key()

    async def chat():
        client = ChatClient(here.server + "/hub/" + name, "ada", dict(QUICK, persist=name))
        log = EventLog(client)
        client.connect()
        await client.join_room("lobby")
        return client, log

    client, log = await chat()
    await client.send_message("one")
    await log.has("message")
    await reloaded(client._channels)
    await do(name, "publish/lobby/1")
    client, log = await chat()
    await log.has("message")
    assert [event.text for event in log.of("message")] == ["1"]
    assert [event.text for event in (await log.has("history")).messages] == ["one"]
    client.disconnect()
