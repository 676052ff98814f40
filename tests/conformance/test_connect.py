"""The asyncio face: `connect()` and its connection."""

import array
import asyncio

from suite import here, key, raised, raised_by, turns

from browserws import (
    ConcurrencyError,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    InvalidHandshake,
    InvalidURI,
    State,
    WebSocket,
    connect,
)
from browserws._host import current
from browserws._pure.numbers import MAX_DELAY


def to(path, **arguments):
    options = dict(here.connect_options)
    options.update(arguments)
    return connect(here.server + path, **options)


# --- opening ---


async def test_connect_in_an_async_with_closes_at_the_end():
    async with to("/echo") as ws:
        assert ws.state == State.OPEN and ws.close_code is None and ws.close_reason is None
        await ws.send("hello")
        assert await ws.recv() == "hello"
    assert ws.state == State.CLOSED and ws.close_code == 1000


async def test_connect_can_be_awaited():
    ws = await to("/echo")
    await ws.send(b"\0\xff")
    reply = await ws.recv()
    assert isinstance(reply, bytes) and reply == b"\0\xff"
    await ws.close(4001, "enough")
    assert (ws.state, ws.close_code, ws.close_reason) == (State.CLOSED, 4001, "enough")
    await ws.wait_closed()
    await ws.close()


async def test_states_have_names_and_are_the_numbers_of_javascript():
    async with to("/echo") as ws:
        assert ws.state is State.OPEN and ws.state == 1 == WebSocket.OPEN and ws.state.name == "OPEN"
        assert (repr(ws.state), str(ws.state), "%d" % ws.state) == ("<State.OPEN: 1>", "1", "1")
        assert ws.state in (State.CONNECTING, State.OPEN) and ws.state < State.CLOSING
        assert ws.state > 0 and ws.state >= State.OPEN and ws.state <= 1 and not ws.state < 1
        assert {State.OPEN: "open"}[ws.state] == "open" and State(3) == State.CLOSED
    assert ws.state is State.CLOSED and ws.state.name == "CLOSED"


async def test_each_connection_has_an_id_and_a_logger():
    logger = Lines()
    async with to("/echo", logger=logger) as one, to("/echo") as other:
        assert one.id == one.id != other.id
        assert [len(part) for part in one.id.split("-")] == [8, 4, 4, 4, 12]
        assert one.logger is logger
        assert hasattr(other.logger, "info") and other.logger is other.logger


async def test_what_a_browser_has_not_says_why():
    async with to("/echo") as ws:
        for call in (ws.ping, ws.pong):
            assert "pings" in str(raised(NotImplementedError, call, b"data"))
        for name in ("latency", "request", "response", "local_address", "remote_address"):
            assert "page cannot" in str(raised(NotImplementedError, getattr, ws, name))


async def test_connection_is_closed_with_4011_when_its_block_fails():
    """The server learns that something went wrong; a page may not send 1011."""
    name = key()
    try:
        async with to("/report-close/" + name):
            raise KeyError("a mistake")
    except KeyError:
        pass
    async with to("/closes/" + name) as ws:
        assert await ws.recv() == '[4011, ""]'


async def test_subprotocol_is_the_chosen_one_or_none():
    async with to("/subprotocol", subprotocols=["first", "second"]) as ws:
        assert ws.subprotocol == "second" == await ws.recv()
    async with to("/echo") as ws:
        assert ws.subprotocol is None


async def test_refused_handshake_is_an_invalid_handshake():
    error = await raised_by(InvalidHandshake, to("/refuse")._open())
    assert "/refuse" in str(error)
    await raised_by(InvalidHandshake, to("/refuse").__aenter__())


async def test_address_that_the_policy_blocks_is_an_invalid_handshake():
    await raised_by(InvalidHandshake, connect(here.blocked)._open())


async def test_bad_arguments_are_refused_at_once():
    raised(InvalidURI, connect, "ftp://example.org/")
    raised(ValueError, to, "/echo", subprotocols=["a b"])
    assert "list" in str(raised(TypeError, to, "/echo", subprotocols="chat"))
    raised(TypeError, to, "/echo", no_such_thing=1)
    for name in ("open_timeout", "close_timeout", "max_size", "max_queue", "write_limit"):
        for value, kind in (("1", TypeError), (float("nan"), ValueError), (-1, ValueError)):
            assert name in str(raised(kind, to, "/echo", **{name: value}))
    raised(ValueError, to, "/echo", write_limit=(10, 11))
    raised(ValueError, to, "/echo", backpressure="please")
    async with to("/echo") as ws:
        await raised_by(TypeError, ws.recv(timeout="1"))
        await raised_by(ValueError, ws.recv(timeout=float("nan")))


async def test_what_a_browser_cannot_do_is_refused_by_name():
    for arguments in [
        {"additional_headers": {"Authorization": "x"}},
        {"origin": "https://example.org"},
        {"ping_interval": 20},
        {"compression": None},
        {"ssl": True},
        {"proxy": None},
        {"user_agent_header": None},
    ]:
        name = list(arguments)[0]
        if here.is_program:
            to("/echo", **arguments)
        else:
            assert name in str(raised(TypeError, to, "/echo", **arguments))
    to("/echo", additional_headers=None, ping_interval=None, compression="deflate", ssl=None, proxy=True)


async def test_open_timeout_ends_a_handshake_that_hangs():
    """And closes the socket: a browser would hold up later handshakes to this host for minutes."""
    error = await raised_by(asyncio.TimeoutError, to("/hold", open_timeout=0.1)._open())
    assert str(error) == "timed out during opening handshake"
    async with to("/greet") as ws:
        assert await ws.recv() == "welcome"


async def test_cancelled_connect_closes_its_socket():
    task = asyncio.create_task(to("/hold")._open())
    await turns()
    task.cancel()
    await raised_by(asyncio.CancelledError, task)
    async with to("/greet") as ws:
        assert await ws.recv() == "welcome"


# --- receiving ---


async def test_iteration_ends_at_a_normal_close():
    received = []
    async with to("/echo") as ws:
        for number in range(5):
            await ws.send(str(number))
        async for message in ws:
            received.append(message)
            if message == "4":
                await ws.close()
    assert received == ["0", "1", "2", "3", "4"]


async def test_iteration_raises_after_another_end():
    async with to("/burst-close/3") as ws:
        await ws.send("go")
        received = []

        async def read():
            async for message in ws:
                received.append(message)

        error = await raised_by(ConnectionClosedError, read())
        assert received == ["0", "1", "2"]
        assert str(error) == "received 4000 (private use) burst; then sent 4000 (private use) burst"


async def test_buffered_messages_come_before_the_close():
    ws = await to("/burst-close/500", max_queue=None)
    await ws.send("go")
    await ws.wait_closed()
    assert ws.backlog == 500
    for number in range(500):
        assert await ws.recv() == str(number)
    assert ws.backlog == 0
    error = await raised_by(ConnectionClosedError, ws.recv())
    assert (error.rcvd.code, error.rcvd.reason) == (4000, "burst")
    await raised_by(ConnectionClosedError, ws.recv())


async def test_who_reads_what_has_piled_up_leaves_other_tasks_their_turn():
    clock = current().clock
    turns_of_another = []

    async def another():
        while True:
            turns_of_another.append(clock())
            await asyncio.sleep(0)

    ws = await to("/burst-close/500", max_queue=None)
    await ws.send("go")
    await ws.wait_closed()
    task = asyncio.create_task(another())
    start = clock()
    for number in range(500):
        assert await ws.recv() == str(number)
        worked_until = clock() + 1
        while clock() < worked_until:
            pass
    assert clock() - start >= 500
    task.cancel()
    assert len(turns_of_another) >= 4, turns_of_another


async def test_lost_connection_raises_without_frames():
    ws = await to("/drop")
    await ws.send("go")
    error = await raised_by(ConnectionClosedError, ws.recv())
    assert str(error) == "no close frame received or sent" and (error.rcvd, error.sent) == (None, None)
    assert ws.close_code == 1006 and ws.close_reason == ""
    await raised_by(ConnectionClosedError, ws.send("more"))


async def test_the_end_is_reported_with_both_close_frames():
    ws = await to("/close/1001/bye")
    error = await raised_by(ConnectionClosedOK, ws.recv())
    assert str(error) == "received 1001 (going away) bye; then sent 1001 (going away) bye"
    assert error.rcvd_then_sent is True
    ws = await to("/echo")
    await ws.close(1000, "done")
    error = await raised_by(ConnectionClosedOK, ws.send("more"))
    assert str(error) == "sent 1000 (OK) done; then received 1000 (OK) done"
    assert error.rcvd_then_sent is False
    await raised_by(ConnectionClosed, ws.drain())


async def test_a_second_receiver_is_refused_and_the_first_goes_on():
    async with to("/echo") as ws:
        first = asyncio.create_task(ws.recv())
        await turns()
        error = await raised_by(ConcurrencyError, ws.recv())
        assert "already running recv" in str(error)
        await raised_by(ConcurrencyError, ws.__anext__())
        await ws.send("for the first")
        assert await first == "for the first"


async def test_cancelled_recv_loses_nothing():
    """Whenever it is cancelled: before the message comes, as it comes, or when it has come."""
    received = []
    async with to("/echo") as ws:
        for number in range(100):
            await ws.send(str(number))
            task = asyncio.create_task(ws.recv())
            await turns(number % 4)
            if number % 5:
                task.cancel()
            try:
                received.append(await task)
            except asyncio.CancelledError:
                pass
            try:
                received.append(await ws.recv(timeout=number % 3 / 2000))
            except asyncio.TimeoutError:
                pass
        while len(received) < 100:
            received.append(await ws.recv())
        assert received == [str(number) for number in range(100)]


async def test_recv_gives_up_after_its_timeout():
    async with to("/echo") as ws:
        error = await raised_by(asyncio.TimeoutError, ws.recv(timeout=0.01))
        assert "message" in str(error)
        await ws.send("now")
        assert await ws.recv(timeout=None) == "now"


async def test_a_long_timeout_is_long():
    """A timer of the browser would end at once after 2^31 ms."""
    async with to("/echo", open_timeout=3e6, close_timeout=float("inf")) as ws:
        for timeout in (3e6, 1e300, float("inf")):
            receiver = asyncio.create_task(ws.recv(timeout=timeout))
            await asyncio.sleep(0.05)
            await ws.send("in time")
            assert await receiver == "in time"


async def test_a_timeout_that_is_over_gives_what_is_there():
    async with to("/echo") as ws:
        for timeout in (0, -1):
            await raised_by(asyncio.TimeoutError, ws.recv(timeout=timeout))
            await ws.send("there")
            while not ws.backlog:
                await asyncio.sleep(0.01)
            assert await ws.recv(timeout=timeout) == "there"


async def test_decode_gives_the_kind_that_was_asked_for():
    async with to("/echo") as ws:
        for message in ("é", b"\xc3\xa9"):
            for decode, expected in [(None, message), (True, "é"), (False, b"\xc3\xa9")]:
                await ws.send(message)
                received = await ws.recv(decode=decode)
                assert type(received) is type(expected) and received == expected
        await ws.send(b"\xff")
        await raised_by(ValueError, ws.recv(decode=True))


async def test_recv_into_writes_each_kind_of_message_to_the_buffer():
    large = bytes(range(256)) * 400
    async with to("/echo") as ws:
        for message in (b"abc", "d€", b"", large, "e" * 20000):
            await ws.send(message)
        buffer = bytearray(b"." * 5)
        assert (await ws.recv_into(buffer), buffer) == (3, bytearray(b"abc.."))
        assert (await ws.recv_into(memoryview(buffer)[1:]), buffer) == (4, bytearray(b"ad\xe2\x82\xac"))
        assert await ws.recv_into(bytearray()) == 0
        buffer = bytearray(len(large) + 2)
        assert await ws.recv_into(buffer) == len(large)
        assert buffer == large + bytes(2)
        assert await ws.recv_into(buffer) == 20000
        assert buffer == b"e" * 20000 + large[20000:] + bytes(2)


async def test_message_that_is_too_large_for_a_buffer_is_the_next_one_still():
    async with to("/echo") as ws:
        sent = ["first", bytes([1]) * 50000, bytes([2]) * 60000, "€", "last"]
        for message in sent:
            await ws.send(message)
        while ws.backlog < len(sent):
            await asyncio.sleep(0.01)
        small, buffer = bytearray(2), bytearray(60000)
        for message in sent:
            size = len(message.encode() if isinstance(message, str) else message)
            for _ in range(3):
                error = await raised_by(ValueError, ws.recv_into(small))
                assert str(error).startswith("a message of %d bytes does not fit into a buffer of 2" % size)
            assert small == bytes(2)
            assert ws.backlog == len(sent) - sent.index(message)
            if message == sent[2]:
                assert await ws.recv_into(buffer) == size
                assert buffer == message
            else:
                assert await ws.recv() == message


async def test_a_buffer_that_is_too_small_can_be_made_larger():
    async with to("/echo") as ws:
        await ws.send(b"a message")
        buffer = bytearray(2)
        try:
            await ws.recv_into(buffer)
        except ValueError:
            buffer.extend(bytes(7))
        assert (await ws.recv_into(buffer), buffer) == (9, b"a message")


async def test_recv_into_takes_a_flood_of_large_messages_into_one_buffer():
    async with to("/echo") as ws:
        for number in range(40):
            await ws.send(bytes([number]) * 16384)
        buffer = bytearray(16384)
        for number in range(40):
            if number % 4 == 3:
                assert await ws.recv() == bytes([number]) * 16384
            else:
                assert await ws.recv_into(buffer) == 16384
                assert buffer == bytes([number]) * 16384


async def test_a_buffer_that_cannot_be_written_to_is_refused_at_once():
    async with to("/echo") as ws:
        await ws.send("waits")
        for buffer in (b"bytes", memoryview(b"bytes"), "text", None, [1, 2], 5):
            error = await raised_by(TypeError, ws.recv_into(buffer))
            assert "recv_into() takes a bytearray or another contiguous buffer to write to, not " in str(error)
        assert await ws.recv() == "waits"


async def test_recv_into_gives_up_as_recv_does_and_loses_nothing():
    buffer = bytearray(20000)
    async with to("/echo") as ws:
        await raised_by(asyncio.TimeoutError, ws.recv_into(buffer, timeout=0.01))
        reader = asyncio.create_task(ws.recv_into(buffer))
        await turns()
        await raised_by(ConcurrencyError, ws.recv_into(buffer))
        await ws.send(b"z" * 20000)
        assert await reader == 20000 and buffer == b"z" * 20000
        reader = asyncio.create_task(ws.recv_into(buffer))
        await turns()
        reader.cancel()
        await raised_by(asyncio.CancelledError, reader)
        await ws.send(b"x" * 20000)
        await ws.send("y")
        assert await ws.recv() == b"x" * 20000
        assert await ws.recv_into(buffer) == 1
        await ws.close()
        await raised_by(ConnectionClosedOK, ws.recv_into(buffer))


async def test_recv_into_ends_the_connection_at_a_message_over_max_size():
    async with to("/echo", max_size=20000) as ws:
        await ws.send(bytes(20001))
        error = await raised_by(ConnectionClosedError, ws.recv_into(bytearray(30000)))
        assert error.sent.reason == "message with 20001 bytes exceeds limit of 20000 bytes"


async def test_recv_streaming_gives_the_whole_message():
    async with to("/echo") as ws:
        await ws.send("whole")
        fragments = []
        async for fragment in ws.recv_streaming():
            fragments.append(fragment)
        assert fragments == ["whole"]


async def test_message_over_max_size_ends_the_connection():
    """What came before it is handed out, nothing after it."""
    async with to("/echo", max_size=1000) as ws:
        for message in ("€" * 333, bytes(1000), "€" * 334, "never seen"):
            await ws.send(message)
        assert await ws.recv() == "€" * 333
        assert await ws.recv() == bytes(1000)
        error = await raised_by(ConnectionClosedError, ws.recv())
        assert error.sent.code == 4009
        assert error.sent.reason == "message with 1002 bytes exceeds limit of 1000 bytes"
        await raised_by(ConnectionClosedError, ws.recv())
        assert ws.backlog == 0


async def test_message_over_max_size_of_a_deaf_server_ends_after_the_close_timeout():
    ws = await to("/deaf/%s/2000" % key(), max_size=1000, close_timeout=0.1)
    error = await raised_by(ConnectionClosedError, ws.recv())
    assert (error.sent.code, error.rcvd, ws.close_code) == (4009, None, 1006)


async def test_large_message_among_small_ones_is_not_lost():
    """Where it is the one after which other tasks get their turn."""
    async with to("/echo", max_size=2000, max_queue=None) as ws:
        sent = [("x" * 600 if number == 63 else str(number)) for number in range(100)]
        for message in sent:
            await ws.send(message)
        while ws.backlog < len(sent):
            await asyncio.sleep(0.01)
        for message in sent:
            assert await ws.recv() == message


async def test_max_size_none_takes_any_size():
    size = 2 * 1024 * 1024 if here.largest >= 2 * 1024 * 1024 else here.largest
    async with to("/echo", max_size=None) as ws:
        await ws.send(bytes(size))
        assert len(await ws.recv()) == size


async def test_flood_arrives_whole_and_in_order():
    async with to("/flood/3000") as ws:
        await ws.send("go")
        number = 0
        async for message in ws:
            assert message == str(number)
            number += 1
            if number == 3000:
                break


# --- sending ---


class Fragments:
    def __init__(self, *fragments):
        self._fragments = list(fragments)

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self._fragments:
            raise StopAsyncIteration
        await asyncio.sleep(0)
        return self._fragments.pop(0)


async def test_bytes_like_objects_are_sent_as_their_bytes():
    numbers = array.array("H", [1, 2, 65535])
    async with to("/echo") as ws:
        for data in (b"a", bytearray(b"ab"), memoryview(b"abcd")[1:], numbers, memoryview(numbers)):
            await ws.send(data)
            assert await ws.recv() == bytes(data)


async def test_fragments_are_joined_into_one_message():
    async with to("/echo") as ws:
        for fragments in (["a", "é", ""], Fragments("a", "é"), ("aé" for _ in range(1))):
            await ws.send(fragments)
            assert await ws.recv() == "aé"
        for fragments in ([b"a", bytearray(b"b")], Fragments(b"a", memoryview(b"b"))):
            await ws.send(fragments)
            assert await ws.recv() == b"ab"
        await ws.send([])
        await ws.send(Fragments())
        await ws.send("next")
        assert await ws.recv() == "next"


async def test_what_cannot_be_sent_is_refused_and_the_connection_stays():
    async with to("/echo") as ws:
        for message in (1, None, {"a": 1}, ["a", b"b"], [1], object()):
            await raised_by(TypeError, ws.send(message))
        await raised_by(ValueError, ws.send("\ud800"))
        await raised_by(ValueError, ws.send(b"\xff", text=True))
        await raised_by(ValueError, ws.close(1001))
        await raised_by(ValueError, ws.close(1000, "x" * 124))
        await ws.send("still here")
        assert await ws.recv() == "still here"


async def test_text_chooses_the_kind_of_message():
    async with to("/echo") as ws:
        await ws.send("é".encode(), text=True)
        assert await ws.recv() == "é"
        await ws.send("é", text=False)
        assert await ws.recv() == "é".encode()


async def test_messages_go_out_in_the_order_of_the_calls():
    """Also where the first has to be gathered, and the others could overtake it."""
    async with to("/echo") as ws:
        tasks = [asyncio.create_task(ws.send(message)) for message in (Fragments("a", "b", "c"), "d", ["e"], "f")]
        for expected in ("abc", "d", "e", "f"):
            assert await ws.recv() == expected
        for task in tasks:
            await task


async def test_send_waits_while_the_buffer_is_full():
    """So a fast sender does not fill the page's memory; and what waited is sent in order."""
    name = key()
    message = bytes(65536)
    async with to("/deaf/" + name, write_limit=(262144, 65536)) as ws:
        sent, is_full = 0, False

        async def send():
            nonlocal sent
            await ws.send(message)
            sent += 1  # also where `wait_for` is too late to see it

        while sent < 400 and not is_full:
            try:
                await asyncio.wait_for(send(), 0.3)
            except asyncio.TimeoutError:
                is_full = ws._socket.js.bufferedAmount > 65536  # else the page was only slow
        if is_full:
            await raised_by(asyncio.TimeoutError, asyncio.wait_for(ws.drain(), 0.01))
        # WebKit's network process takes all that there is, and `bufferedAmount` says that nothing waits
        assert sent < 400 or ws._socket.js.bufferedAmount <= 262144 + 65536
        async with to("/wake/" + name):
            pass
        await ws.drain()
        await ws.send("last")
        for _ in range(sent):
            assert await ws.recv() == "65536"
        assert await ws.recv() == "4"


# --- closing ---


async def test_close_does_not_wait_for_a_deaf_server_longer_than_its_timeout():
    ws = await to("/deaf/" + key(), close_timeout=0.1)
    await ws.close()
    assert (ws.state, ws.close_code, ws.close_reason) == (State.CLOSED, 1006, "")
    error = await raised_by(ConnectionClosedError, ws.recv())
    assert str(error) == "sent 1000 (OK); no close frame received"
    for error in (error, await raised_by(ConnectionClosedError, ws.send("x"))):
        assert isinstance(error.__cause__, asyncio.TimeoutError)
        assert str(error.__cause__) == "timed out while closing connection"
    ws = await to("/drop")
    await ws.send("go")
    error = await raised_by(ConnectionClosedError, ws.recv())
    assert getattr(error, "__cause__", None) is None


async def test_close_wakes_who_receives():
    ws = await to("/echo")
    receiver = asyncio.create_task(ws.recv())
    await turns()
    await ws.close()
    await raised_by(ConnectionClosedOK, receiver)


# --- connecting again ---


async def test_loop_connects_again_when_the_connection_is_lost():
    seen = []
    async for ws in to("/drop", reconnect_delays=lambda: iter([0] * 5)):
        seen.append(ws)
        if len(seen) == 3:
            break
        await ws.send("go")
        try:
            await ws.recv()
        except ConnectionClosed:
            continue
    assert len(seen) == 3 and seen[0].state == seen[1].state == State.CLOSED
    await seen[-1].close()


async def test_loop_closes_the_connection_at_the_end_of_its_body():
    seen = []
    async for ws in to("/echo", reconnect_delays=lambda: iter([0] * 5)):
        if seen:
            assert seen[0].close_code == 1000
            break
        seen.append(ws)
    await ws.close()


async def test_a_loop_that_is_left_closes_the_connection_of_an_async_with_in_its_body():
    """Without it, MicroPython cannot notice that the loop was left."""
    name = key()
    async for ws in to("/report-close/" + name):
        async with ws:
            break
    assert ws.close_code == 1000
    async with to("/closes/" + name) as other:
        assert await other.recv() == '[1000, ""]'


async def test_a_loop_can_be_closed():
    name = key()
    connections = to("/report-close/" + name).__aiter__()
    async for ws in connections:
        assert ws.state == State.OPEN
        break
    await connections.aclose()
    assert ws.state == State.CLOSED and ws.close_code == 1000
    await raised_by(StopAsyncIteration, connections.__anext__())
    await connections.aclose()


async def test_the_loop_ends_with_its_delays():
    seen = []
    async for ws in to("/close/1000", reconnect_delays=lambda: iter([0, 0])):
        seen.append(ws)
    assert len(seen) == 3

    async def refused():
        async for _ in to("/refuse", reconnect_delays=lambda: iter([0, 0])):
            raise AssertionError("opened")

    assert "/refuse" in str(await raised_by(InvalidHandshake, refused()))


class Lines:
    """A logger."""

    def __init__(self):
        self.lines = []

    def info(self, text, *arguments):
        self.lines.append(text % arguments)


async def test_loop_tries_again_after_a_handshake_that_failed():
    logger = Lines()
    path = "/refuse-first/%s/2" % key()
    async for ws in to(path, reconnect_delays=lambda: iter([0.01, 0.02]), logger=logger):
        assert await ws.recv() == "welcome"
        break
    await ws.close()
    assert len(logger.lines) == 2
    assert logger.lines[0].startswith("connect failed: ") and logger.lines[0].endswith("reconnecting in 0.0 seconds")


async def test_delays_are_checked_and_a_long_one_is_long():
    for delay, kind in ((float("nan"), ValueError), (-1, ValueError), ("1", TypeError)):
        loop = to("/refuse", reconnect_delays=lambda delay=delay: iter([delay])).__aiter__()
        await raised_by(kind, loop.__anext__())
    logger = Lines()
    for delay in (3e6, float("inf")):
        loop = to("/refuse", reconnect_delays=lambda delay=delay: iter([delay, delay]), logger=logger).__aiter__()
        waiting = asyncio.create_task(loop.__anext__())
        while not logger.lines:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        waiting.cancel()
        await raised_by(asyncio.CancelledError, waiting)
        assert len(logger.lines) == 1
        logger.lines.pop()


async def test_longest_delay_lets_other_tasks_run():
    """On MicroPython one that is longer would seem to be due before a task that has been ready for a while."""
    ran = []

    async def wait():
        await asyncio.sleep(MAX_DELAY / 1000)

    async def another():
        ran.append(True)

    waiting, other = asyncio.create_task(wait()), asyncio.create_task(another())
    until = current().clock() + 20
    while current().clock() < until:
        pass
    await other
    waiting.cancel()
    assert ran == [True]


async def test_process_exception_decides_what_is_tried_again():
    asked = []

    def give_up(error):
        asked.append(error)
        return KeyError("mine") if len(asked) == 2 else None

    async def loop():
        async for ws in to("/refuse", reconnect_delays=lambda: iter([0] * 9), process_exception=give_up):
            raise AssertionError("opened")

    await raised_by(KeyError, loop())
    assert len(asked) == 2 and isinstance(asked[0], InvalidHandshake)
