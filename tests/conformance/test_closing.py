"""The end of a connection: by either side, at any time, once."""

import json

from suite import HeldFlood, Recorder, connected, here, raised, turns

from browserws import WebSocket


def new_key():
    import random

    return "%d-%d" % (random.getrandbits(30), random.getrandbits(30))


async def what_the_server_saw(*arguments, **keywords):
    key = new_key()
    recorder = await connected("/report-close/" + key)
    recorder.ws.close(*arguments, **keywords)
    event = await recorder.closed()
    reporter = Recorder("/closes/" + key)
    seen = json.loads(await reporter.message())
    await reporter.closed()
    return seen, event


async def test_close_says_1000_by_default():
    seen, event = await what_the_server_saw()
    assert seen == [1000, ""] and (event.code, event.wasClean) == (1000, True)


async def test_code_and_reason_reach_the_server_and_come_back():
    reason = "grüße \0 😀"
    seen, event = await what_the_server_saw(3456, reason)
    if await here.cuts_reasons():
        reason = "grüße "
    assert seen == [3456, reason]
    assert (event.code, event.reason) == (3456, reason)


async def test_reason_alone():
    seen, _ = await what_the_server_saw(reason="finished")
    assert seen == [1000, "finished"]


async def test_none_is_what_is_not_given():
    """As in pyscript.WebSocket, whose arguments default to it."""
    for arguments in ((None,), (1000, None), (None, None)):
        seen, _ = await what_the_server_saw(*arguments)
        assert seen == [1000, ""]
    seen, _ = await what_the_server_saw(None, "finished")
    assert seen == [1000, "finished"]
    seen, _ = await what_the_server_saw(4000, None)
    assert seen == [4000, ""]


async def test_longest_reason():
    seen, _ = await what_the_server_saw(4999, "é" * 61 + "x")
    assert seen == [4999, "é" * 61 + "x"]


async def test_codes_and_reasons_that_cannot_be_sent_are_refused():
    recorder = await connected("/echo")
    close = recorder.ws.close
    for code in (0, 999, 1001, 1005, 1006, 1011, 2999, 5000, -1):
        assert str(code) in str(raised(ValueError, close, code))
    for code in ("1000", 1000.0, True):
        raised(TypeError, close, code)
    assert "124 bytes" in str(raised(ValueError, close, 1000, "x" * 124))
    raised(ValueError, close, 1000, "é" * 62)
    raised(ValueError, close, 1000, "\ud800")
    raised(TypeError, close, 1000, b"x")
    assert recorder.ws.readyState == WebSocket.OPEN
    recorder.ws.send("still here")
    assert await recorder.message() == "still here"
    await recorder.done()


async def test_closes_of_the_server_arrive_with_code_and_reason():
    for code, reason in [(1000, ""), (1001, "going"), (1011, "oops"), (3000, "é😀"), (4999, "x" * 123)]:
        event = await Recorder("/close/%d/%s" % (code, reason)).closed()
        assert (event.code, event.reason, event.wasClean) == (code, reason, True)


async def test_dropped_connection_is_1006_and_not_clean():
    recorder = await connected("/drop")
    recorder.ws.send("x")
    event = await recorder.closed()
    assert (event.code, event.reason, event.wasClean) == (1006, "", False)
    assert recorder.ws.readyState == WebSocket.CLOSED


async def test_close_while_connecting_ends_with_1006():
    recorder = Recorder("/hold")  # else a handshake may be over before a busy page gets to close()
    recorder.ws.close()
    assert recorder.ws.readyState == WebSocket.CLOSING
    event = await recorder.closed()
    assert event.code == 1006 and event.wasClean is False
    assert "open" not in recorder.types()


async def test_close_in_a_message_handler():
    recorder = await connected("/echo", onmessage=lambda event: event.target.close(4001))
    for text in "ab":
        recorder.ws.send(text)
    event = await recorder.closed()
    assert event.code == 4001 and recorder.types().count("close") == 1


async def test_no_message_comes_after_close_in_a_message_handler():
    """WHATWG WebSockets §4: a message that comes when the state is no longer OPEN fires no event."""
    seen = []

    def stop(event):
        seen.append(event.data)
        if event.data == "700":
            event.target.close()

    recorder = await connected("/flood/2000", onmessage=stop)
    recorder.ws.send("go")
    await recorder.closed()
    assert seen == recorder.messages() == [str(number) for number in range(701)]


async def test_close_in_the_open_handler():
    recorder = Recorder("/echo", onopen=lambda event: event.target.close(4002))
    assert (await recorder.closed()).code == 4002


async def test_close_is_harmless_when_closing_or_closed():
    recorder = await connected("/echo")
    recorder.ws.close(4003)
    recorder.ws.close(4004)
    assert (await recorder.closed()).code == 4003
    recorder.ws.close()
    await turns(10)
    assert recorder.types().count("close") == 1


async def test_close_in_the_close_and_error_handlers():
    recorder = Recorder(
        "/refuse", onerror=lambda event: event.target.close(), onclose=lambda event: event.target.close()
    )
    await recorder.closed()
    assert recorder.types() == ["error", "close"]


async def test_messages_sent_before_close_arrive():
    recorder = await connected("/close-after/4005")
    recorder.ws.send("x")
    event = await recorder.closed()
    assert recorder.messages() == ["x", "x", "x"] and event.code == 4005


async def test_answers_that_are_under_way_arrive_though_they_take_their_time():
    recorder = await connected("/delay/30")
    recorder.ws.send("a")
    recorder.ws.send("b")
    assert [await recorder.message(), await recorder.message()] == ["a", "b"]
    await recorder.done()


async def test_messages_that_have_come_are_handed_over_when_the_socket_is_aborted():
    """In a flood they wait in JavaScript's memory."""
    recorder = await connected("/flood/3000")
    with HeldFlood(recorder.ws) as flood:
        recorder.ws.send("go")
        await flood.until(100)
        there = len(recorder.messages()) + flood.waiting()
        recorder.ws._socket.abort()
    assert recorder.types()[-1] == "close" and recorder.events[-1].code == 1006
    assert len(recorder.messages()) >= there
    assert recorder.messages() == [str(number) for number in range(len(recorder.messages()))]
