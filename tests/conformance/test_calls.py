"""`Channels.call`: functions of the hub's program, and streams; and what it sends to a page directly."""

import asyncio

from suite import EventLog, key, raised, raised_by
from test_channels import do, to

from browserws import CallError, ConnectionClosed, NotAllowed, NotDelivered
from browserws.codecs import PlainCodec


async def collected(call):
    got = []
    async for item in call:
        got.append(item)
    return got


async def test_call_returns_what_the_function_returns():
    ada, _ = to("/hub/" + key(), "ada")
    assert await ada.call("add", {"a": 1, "b": 2}) == 3
    assert await ada.call("add", {"b": [None], "a": ["ü😀"]}, timeout=10) == ["ü😀", None]
    assert bytes(await ada.call("raw")) == b"\0\n\xff"
    first, second = ada.call("add", {"a": 1, "b": 1}), ada.call("whoami")
    assert (await second, await first) == ("ada", 2)
    ada.close()


async def test_call_that_fails_says_why_if_that_is_meant_for_the_page():
    ada, log = to("/hub/" + key(), "ada")
    error = await raised_by(CallError, ada.call("refuse", {"code": "no_account"}).wait())
    assert (error.code, error.reason, error.channel) == ("no_account", "because", None)
    await raised_by(NotAllowed, ada.call("refuse", {"code": "forbidden"}).wait())
    error = await raised_by(CallError, ada.call("fail").wait())
    assert error.code == "failed" and "secret" not in str(error)
    assert (await raised_by(CallError, ada.call("unknown").wait())).code == "unknown_call"
    error = await raised_by(CallError, ada.call("add", {"a": 1}).wait())
    assert error.code == "bad_arguments" and "'b'" in error.reason
    assert log.of("error") == []
    ada.call("fail")
    assert (await log.has("error")).error.code == "failed"
    ada.close()


async def test_call_that_cannot_be_made_is_refused_at_once():
    ada, log = to("/hub/" + key() + "/small", "ada")
    for wrong in ([1], "a", 1):
        assert "must be a dict, not" in str(raised(TypeError, ada.call, "add", wrong))
    raised(TypeError, ada.call, 1)
    raised(ValueError, ada.call, "")
    raised(TypeError, ada.call, "add", {"a": object()})
    raised(TypeError, ada.call, "add", timeout="soon")
    ada.close()
    await log.has("close")
    raised(ConnectionClosed, ada.call, "add")
    plain, _ = to("/echo", "ada", codec=PlainCodec())
    assert "only a hub" in str(raised(NotImplementedError, plain.call, "add"))
    plain.close()


async def test_call_without_a_connection_waits_for_one():
    ada, _ = to("/hub/" + key(), "ada", auto_connect=False)
    call = ada.call("add", {"a": 1, "b": 2})
    await raised_by(asyncio.TimeoutError, ada.call("add", {"a": 1, "b": 2}, timeout=0.05).wait())
    ada.reconnect()
    assert await call == 3
    ada.close()


async def test_call_whose_connection_is_lost_may_have_been_made():
    """It is not made again; the next one is."""
    name = key()
    ada, _ = to("/hub/" + name, "ada")
    call = ada.call("hang")
    stream = ada.call("count", {"to": 10**9})
    async for _ in stream:
        break
    await do(name, "cut")
    error = await raised_by(NotDelivered, call.wait())
    assert error.code == "not_delivered" and error.channel is None
    await raised_by(NotDelivered, collected(stream))
    assert await ada.call("calls") == ["hang", "count", "calls"]
    ada.close()


async def test_what_a_generator_yields_comes_one_by_one():
    ada, log = to("/hub/" + key(), "ada")
    assert await collected(ada.call("count", {"to": 100})) == list(range(100))
    assert await collected(ada.call("count", {"to": 0})) == []
    assert await ada.call("count", {"to": 50}) == list(range(50))
    together = await asyncio.gather(*[collected(ada.call("count", {"to": 40})) for _ in range(3)])
    assert together == [list(range(40))] * 3
    error = await raised_by(TypeError, collected(ada.call("whoami")))
    assert str(error) == "the function streams nothing: await the call"
    assert log.of("error") == []
    ada.close()


async def test_stream_that_fails_raises_after_what_came_before():
    ada, log = to("/hub/" + key(), "ada")
    got = []
    try:
        async for item in ada.call("break_off"):
            got.append(item)
    except CallError as error:
        got.append(error.code)
    assert got == [0, 1, "failed"] and log.of("error") == []
    ada.close()


async def test_stream_makes_no_more_than_is_taken():
    ada, _ = to("/hub/" + key(), "ada")
    async with ada.call("count", {"to": 10**9}) as numbers:
        async for number in numbers:
            if number == 100:
                break
        assert 100 < await ada.call("made") < 150
    ada.close()


async def test_stream_that_is_left_early_is_closed_by_the_hub():
    ada, _ = to("/hub/" + key(), "ada")

    async def with_block():
        async with ada.call("count", {"to": 10**9}) as numbers:
            async for _ in numbers:
                break

    async def with_cancel():
        numbers = ada.call("count", {"to": 10**9})
        async for _ in numbers:
            numbers.cancel()
            numbers.cancel()
            break
        error = await raised_by(CallError, numbers.wait())
        assert (error.channel, error.code, error.reason) == (None, "cancelled", "the call was cancelled")

    for closed, leave in ((1, with_block), (2, with_cancel)):
        await leave()
        while await ada.call("closed") < closed:
            await asyncio.sleep(0.01)
    ada.close()


async def test_task_that_is_cancelled_cancels_its_call():
    ada, _ = to("/hub/" + key(), "ada")

    async def wait():
        await ada.call("hang")

    task = asyncio.create_task(wait())
    while "hang" not in await ada.call("calls"):
        await asyncio.sleep(0.01)
    task.cancel()
    await raised_by(asyncio.CancelledError, task)
    while await ada.call("closed") < 1:
        await asyncio.sleep(0.01)
    ada.close()


async def test_call_that_takes_too_long_is_cancelled():
    ada, _ = to("/hub/" + key(), "ada")
    await ada.call("whoami")
    await raised_by(asyncio.TimeoutError, ada.call("hang", timeout=0.05).wait())
    while await ada.call("closed") < 1:
        await asyncio.sleep(0.01)
    stream = ada.call("count", {"to": 1000}, timeout=5)
    assert len(await stream) == 1000
    ada.close()


async def test_what_the_hub_sends_to_a_page_is_an_event_of_no_channel():
    ada, log = to("/hub/" + key(), "ada")
    bob, at_bob = to("/hub/" + key(), "bob")
    await bob.call("whoami")
    await ada.call("send_me", {"data": {"a": [1]}})
    assert (await log.has("message")).data == {"a": [1]}
    await bob.call("whoami")
    assert at_bob.of("message") == []
    ada.close()
    bob.close()


async def test_publish_may_be_changed_refused_and_answered_by_the_program():
    ada, _ = to("/hub/" + key() + "/moderated", "ada")
    got = EventLog(await ada.join("news"))
    assert await ada.publish("news", "hello") == 1
    assert (await got.has("message")).data == "HELLO"
    error = await raised_by(NotAllowed, ada.publish("news", "rude").wait())
    assert error.reason == "be polite" and error.channel == "news"
    assert await ada.publish("news", "time?") == {"time": 7}
    assert len(await ada.history("news")) == 1
    ada.close()
