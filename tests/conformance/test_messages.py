"""What is sent arrives: text, bytes, sizes, order."""

import array
import asyncio
import hashlib
import json

from suite import CaughtReports, HeldFlood, Log, Recorder, connected, here, raised, turns

from browserws import ConnectionClosed, ConnectionClosedOK, NotOpen, WebSocket


async def echoed(*messages):
    recorder = await connected("/echo")
    for message in messages:
        recorder.ws.send(message)
    replies = []
    for _ in messages:
        replies.append(await recorder.message())
    await recorder.done()
    return replies


async def test_text_comes_back():
    assert await echoed("hello", "", " ", "a\nb") == ["hello", "", " ", "a\nb"]


async def test_text_of_every_kind_of_character_comes_back():
    """NUL ends a C string, emoji are surrogate pairs in JavaScript, U+2028 ends a line there."""
    texts = [
        "é",
        "€",
        "😀",
        "𝄞𝄞",
        "a\0b",
        "\0",
        "\u2028\u2029",
        "\x7f\x80\uffff\ufeff",
        '"\\\x1f',
        "[object ArrayBuffer]",
    ]
    assert await echoed(*texts) == texts


async def test_lone_surrogate_is_refused():
    recorder = await connected("/echo")
    assert "lone surrogate" in str(raised(ValueError, recorder.ws.send, "a\ud800b"))
    recorder.ws.send("\ud7ff\ue000")  # the neighbours are characters
    assert await recorder.message() == "\ud7ff\ue000"
    await recorder.done()


async def test_every_byte_value_comes_back_as_a_memoryview():
    every = bytes(range(256))
    (reply,) = await echoed(every)
    assert isinstance(reply, memoryview)
    assert bytes(reply) == every


async def test_empty_bytes_come_back():
    (reply,) = await echoed(b"")
    assert isinstance(reply, memoryview) and len(reply) == 0


async def test_bytes_like_objects_are_sent_as_their_bytes():
    numbers = array.array("H", [1, 2, 65535])
    things = [bytearray(b"ab"), memoryview(b"abcdef")[2:4], numbers, memoryview(numbers), memoryview(numbers)[1:]]
    replies = await echoed(*things)
    expected = [b"ab", b"cd", bytes(numbers), bytes(numbers), bytes(numbers)[2:]]
    assert [bytes(reply) for reply in replies] == expected


async def test_views_that_skip_bytes_are_sent_as_what_they_show():
    """Small and large ones go by different ways. (MicroPython has no such views.)"""
    every = bytes(range(256)) * 256
    try:
        views = [memoryview(every)[1:20:2], memoryview(every)[::-3], memoryview(every[:60]).cast("B", [4, 15])]
    except NotImplementedError:
        return
    replies = await echoed(*views)
    assert [bytes(reply) for reply in replies] == [view.tobytes() for view in views]


class Text(str):
    """A str that is not quite one: MicroPython would hand it to JavaScript as an object."""


class Data(bytes):
    pass


class Odd(Text):
    def __str__(self):
        return "another text"


async def test_subclasses_of_str_and_bytes_are_sent_as_what_they_are():
    replies = await echoed(Text("täxt"), Odd("odd"), Text("a\0b"), Data(b"data"))
    assert replies[:3] == ["täxt", "odd", "a\0b"] and bytes(replies[3]) == b"data"


async def test_what_is_sent_is_what_was_there_when_it_was_sent():
    for size in (8, 100_000):
        data = bytearray(size)
        recorder = await connected("/echo")
        recorder.ws.send(data)
        data[0] = 1
        assert bytes(await recorder.message()) == bytes(size)
        await recorder.done()


async def test_data_is_made_once_however_often_it_is_read():
    recorder = await connected("/echo")
    recorder.ws.send(b"abc")
    await recorder.message()
    event = recorder.events[-1]
    assert event.data is event.data
    await recorder.done()


async def test_blob_as_binary_type_gives_bytes_all_the_same():
    recorder = await connected("/echo")
    recorder.ws.binaryType = "blob"
    assert recorder.ws.binaryType == "blob"
    recorder.ws.send(b"abc")
    assert bytes(await recorder.message()) == b"abc"
    raised(ValueError, setattr, recorder.ws, "binaryType", "text")
    await recorder.done()


async def check_received(size):
    recorder = await connected("/received")
    data = bytes(range(256)) * (size // 256)
    recorder.ws.send(data)
    kind, length, digest = json.loads(await recorder.message())
    assert (kind, length) == ("binary", size)
    digest_here = hashlib.sha256(data).digest()
    assert "".join("%02x" % byte for byte in digest_here) == digest
    await recorder.done()


async def test_sizes_around_every_change_of_route_arrive_whole():
    for size in (256, 12 * 1024 - 256, 12 * 1024, 64 * 1024, 128 * 1024):
        await check_received(size)


async def test_largest_bytes_arrive_whole():
    """16 MiB; on MicroPython 128 KiB, for PyScript gives it a heap of 1 MiB."""
    await check_received(here.largest)


async def test_largest_text_comes_back():
    text = "0123456789abcdef" * (here.largest // 16)
    (reply,) = await echoed(text)
    assert len(reply) == len(text) and reply == text


async def test_largest_bytes_come_back():
    data = bytes(range(256)) * (here.largest // 256)
    (reply,) = await echoed(data)
    assert bytes(reply) == data


async def test_flood_arrives_whole_and_in_order():
    recorder = await connected("/flood/3000")
    recorder.ws.send("go")
    await recorder.until(lambda: recorder.received == 3000)
    assert recorder.messages() == [str(number) for number in range(3000)]
    await recorder.done()


async def test_a_flood_is_handed_over_in_batches_between_which_the_page_has_its_turn():
    recorder = await connected("/flood/8000")
    with HeldFlood(recorder.ws) as flood:
        recorder.ws.send("go")
        await flood.until(1500)
        if flood.waiting():
            before, tasks = len(recorder.messages()), len(flood.tasks)
            flood.tasks.pop()()
            assert len(recorder.messages()) - before == 200 and len(flood.tasks) == tasks
    await recorder.until(lambda: recorder.received == 8000)
    await recorder.done()


async def test_page_that_is_slower_than_its_server_has_its_turn_all_the_same():
    """Firefox makes a task of each message, and what the page does else waits behind all that have come."""
    taken, seen = [], [0]

    def work():
        """For 0.2 ms, where time goes on by itself."""
        clock = ws._socket.host.clock
        begin = clock()
        for _ in range(1000):
            if clock() - begin > 0.2:
                break
        taken.append(None)

    ws = WebSocket(here.server + "/flood/3000", onmessage=work)
    ws.onopen = lambda: ws.send("go")
    while seen[-1] < 3000:
        await asyncio.sleep(0.005)
        seen.append(len(taken))
    most = max([after - before for before, after in zip(seen, seen[1:])])
    assert most <= 2400, most  # as a flood begins, WebKit lets up to 1,800 come, later some 400
    ws.close()


async def test_a_flood_larger_than_the_heap_arrives_whole():
    """2 MiB in all: on MicroPython twice the heap, so no batch may be held as a whole."""
    sizes = Log()
    socket = Recorder("/echo").ws
    socket.unbind("message")
    socket.bind("message", lambda event: sizes.append((len(event.data), bytes(event.data[:1]))))
    socket.onopen = lambda: [socket.send(bytes([number]) * 16384) for number in range(128)]
    await sizes.reaches(128)
    assert sizes == [(16384, bytes([number])) for number in range(128)]
    socket.close()


async def test_large_bytes_can_be_read_later_and_twice():
    """A message of many bytes is copied when it is asked for; it is the same then for all who ask."""
    recorder = await connected("/echo")
    sizes = [20000, 16383, 50000, 20001]
    for number, size in enumerate(sizes):
        recorder.ws.send(bytes([number]) * size)
    await recorder.until(lambda: recorder.received == len(sizes))
    await recorder.done()
    events = [event for event in recorder.events if event.type == "message"]
    for number, event in enumerate(events):
        assert isinstance(event.data, memoryview) and event.data is event.data
        assert bytes(event.data) == bytes([number]) * sizes[number]


async def test_message_that_does_not_fit_in_memory_ends_the_connection():
    """Shown and told to both sides, and nothing comes after who asks for it; where it fits, it arrives."""
    with CaughtReports() as reports:
        recorder = await connected("/large/4194304")
        sizes = Log()
        recorder.ws.bind("message", lambda event: sizes.append(len(event.data)))
        recorder.ws.send("go")
        await recorder.until(lambda: len(sizes) == 2 or "close" in recorder.types())
        if sizes:
            assert sizes == [4194304, 5]
            await recorder.done()
        else:
            assert here.largest < 4194304 and recorder.events[-1].code == 4009 and recorder.received == 1
            assert isinstance(reports.errors[0], MemoryError)


async def test_other_attributes_of_the_javascript_event_are_there():
    """For lone messages and in a flood. (The fake has no JavaScript.)"""
    recorder = await connected("/echo")
    for number in range(100):
        recorder.ws.send(str(number))
    await recorder.until(lambda: len(recorder.messages()) == 100)
    await recorder.done()
    if not here.server.startswith("ws://fake"):
        stamps = [event.timeStamp for event in recorder.events]
        assert stamps == sorted(stamps) and recorder.events[-2].origin == here.server


async def test_after_a_flood_lone_messages_come_again():
    recorder = await connected("/echo")
    for number in range(500):
        recorder.ws.send(str(number))
    await recorder.until(lambda: len(recorder.messages()) == 500)
    await turns(50)
    for number in range(5):
        recorder.ws.send(b"%d" % number)
        await recorder.until(lambda number=number: len(recorder.messages()) == 501 + number)
        await turns(5)
    assert [bytes(data) for data in recorder.messages()[500:]] == [b"0", b"1", b"2", b"3", b"4"]
    await recorder.done()


async def test_text_and_bytes_in_one_flood_keep_their_order_and_type():
    recorder = await connected("/echo")
    sent = []
    for number in range(400):
        sent.append("t%d" % number if number % 3 else b"b%d" % number)
        recorder.ws.send(sent[-1])
    await recorder.until(lambda: len(recorder.messages()) == 400)
    assert [data if isinstance(data, str) else bytes(data) for data in recorder.messages()] == sent
    await recorder.done()


async def test_wrong_types_are_refused():
    recorder = await connected("/received")
    for value, name in [(1, "int"), (None, "NoneType"), ([1, 2], "list"), ({"a": 1}, "dict"), (1.5, "float")]:
        error = raised(TypeError, recorder.ws.send, value)
        assert "not " + name in str(error)
    recorder.ws.send("x")
    assert json.loads(await recorder.message())[:2] == ["text", 1]  # nothing else was sent
    await recorder.done()


async def test_send_before_open_is_not_open():
    recorder = Recorder("/echo")
    assert "not open yet" in str(raised(NotOpen, recorder.ws.send, "x"))
    await recorder.open()
    await recorder.done()


async def test_send_after_close_is_connection_closed():
    recorder = await connected("/echo")
    recorder.ws.close(3001, "bye")
    error = raised(ConnectionClosed, recorder.ws.send, "x")
    assert str(error) == "sent 3001 (registered) bye; no close frame received"
    await recorder.closed()
    error = raised(ConnectionClosed, recorder.ws.send, "x")
    assert error.sent.code == 3001 and error.rcvd.code == 3001 and error.rcvd_then_sent is False


async def test_send_after_the_servers_close_says_so():
    recorder = Recorder("/close/1001/leaving")
    await recorder.closed()
    error = raised(ConnectionClosedOK, recorder.ws.send, "x")
    assert str(error) == "received 1001 (going away) leaving; then sent 1001 (going away) leaving"


async def test_messages_arrive_before_the_close_that_follows_them():
    recorder = await connected("/burst-close/200")
    recorder.ws.send("go")
    close = await recorder.closed()
    assert recorder.messages() == [str(number) for number in range(200)]
    assert recorder.types()[-1] == "close" and recorder.types().count("close") == 1
    assert (close.code, close.reason, close.wasClean) == (4000, "burst", True)


async def test_send_from_the_open_handler():
    replies = []
    recorder = Recorder("/echo", onmessage=lambda event: replies.append(event.data))
    recorder.ws.onopen = lambda: recorder.ws.send("first")
    assert await recorder.message() == "first"
    assert replies == ["first"]
    await recorder.done()


async def test_two_sockets_do_not_mix():
    one, two = await connected("/echo"), await connected("/echo")
    one.ws.send("1")
    two.ws.send("2")
    assert await one.message() == "1" and await two.message() == "2"
    await one.done()
    assert two.ws.readyState == WebSocket.OPEN
    await two.done()
    assert here.server
