"""Robyn's API as it was: its examples (tests/robyn_examples), what its handlers may do, and many processes."""

import asyncio
import json
import signal
import threading
import urllib.request
from collections import deque
from contextlib import asynccontextmanager
from urllib.error import HTTPError

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from browserws.server.robyn import Robyn, WebSocket, WebSocketConnector, html, jsonify, switchboard
from browserws.server.robyn import client as robyn_client
from browserws.server.robyn.fanout import Fanout
from browserws.server.stores import StoreUnavailable
from tests.robyn_examples.running import example
from tests.server.talk import run
from tools.ports import free_port
from tools.redis import RedisServer


@pytest.fixture(scope="module")
def redis():
    with RedisServer() as server:
        yield server


def ws(port, path):
    return connect(f"ws://127.0.0.1:{port}{path}", ping_interval=None)


async def receive(socket):
    return json.loads(await socket.recv())


async def until(socket, kind, **fields):
    """The next message of a type with these fields; others are passed over."""
    while True:
        message = await receive(socket)
        if message["type"] == kind and fields.items() <= message.items():
            return message


def get(port, path="/"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def serving(app):
    return app.serving("127.0.0.1", 0)


def application(path="/ws", **options):
    app = Robyn(__file__, **options)
    return app, WebSocket(app, path)


# --- the examples ---


def test_echo_and_its_page():
    async def main(port, process):
        kind, page = await asyncio.to_thread(get, port)
        assert kind == "text/html; charset=utf-8" and page.startswith("<!doctype html>")
        async with ws(port, "/ws") as socket:
            assert await socket.recv() == "connected"
            await socket.send("hello")
            assert await socket.recv() == "Echo: hello"
            await socket.send(["in ", "frag", "ments"])  # three frames
            assert await socket.recv() == "Echo: in fragments"
            await socket.close(1000)
            assert (socket.close_code, socket.protocol.close_rcvd.code) == (1000, 1000)
        here, gone = [await asyncio.to_thread(process.stdout.readline) for _ in range(2)]
        assert here.startswith("here is ") and gone == here.replace("here", "gone")

    with example("echo") as (port, process):
        run(main(port, process))


def test_chat_room():
    async def main(port):
        async with ws(port, "/chat?username=ada") as ada:
            assert await receive(ada) == {"type": "welcome", "message": "Welcome, ada!"}
            assert await receive(ada) == {"type": "user_list", "users": ["ada"]}
            assert await receive(ada) == {"type": "user_joined", "username": "ada"}
            async with ws(port, "/chat?username=b%C3%B6b%20x") as bob:
                assert (await until(bob, "user_list"))["users"] == ["ada", "böb x"]
                assert (await until(ada, "user_joined"))["username"] == "böb x"
                await ada.send(json.dumps({"type": "message", "message": "hello"}))
                for socket in (ada, bob):
                    assert (await until(socket, "message"))["username"] == "ada"
                await ada.send(json.dumps({"type": "private_message", "to": "böb x", "message": "psst"}))
                assert (await until(bob, "private_message"))["message"] == "psst"
                await ada.send(json.dumps({"type": "user_list"}))  # the next that ada gets: no private message came
                assert await receive(ada) == {"type": "user_list", "users": ["ada", "böb x"]}
            assert await receive(ada) == {"type": "user_left", "username": "böb x"}

    with example("chat") as (port, _):
        run(main(port))


def test_periodic_updates_and_injection():
    async def main(port):
        async with ws(port, "/updates") as ada, ws(port, "/updates") as bob:
            for socket in (ada, bob):
                await until(socket, "hello", name="updates")
            await until(ada, "update", number=3)
            await ada.send("hi")
            assert (await until(bob, "said"))["count"] == 1
            await bob.send("bye")
            await until(ada, "said", count=2)
            with pytest.raises(ConnectionClosed) as closed:
                await until(bob, "nothing")
            assert closed.value.rcvd.code == 1000

    with example("updates", UPDATES_INTERVAL="0.01") as (port, _):
        run(main(port))


def test_signal_closes_with_1001():
    async def main(port, process):
        async with ws(port, "/ws") as socket:
            await socket.recv()
            process.send_signal(signal.SIGTERM)
            await socket.wait_closed()
            assert socket.close_code == 1001
        assert await asyncio.to_thread(process.wait) == 0

    with example("echo") as (port, process):
        run(main(port, process))


# --- many processes ---


def test_processes_broadcast_as_one_also_after_redis_was_away(redis):
    async def main(first, second):
        async with ws(first, "/chat?username=ada") as ada, ws(second, "/chat?username=bob") as bob:
            await until(ada, "user_joined", username="bob")
            for text in ("hello", "again"):
                await bob.send(json.dumps({"type": "message", "message": text}))
                for socket in (ada, bob):
                    assert (await until(socket, "message"))["message"] == text
                redis.kill()
                redis.start()
                await said_across(bob, ada)

    async def said_across(one, other):
        """Until what one says gets to the other: what is said while Redis is away gets nowhere."""

        async def say():
            while True:
                await one.send(json.dumps({"type": "message", "message": "are you there?"}))
                await asyncio.sleep(0.1)

        saying = asyncio.create_task(say())
        await until(other, "message", message="are you there?")
        saying.cancel()
        await one.send(json.dumps({"type": "message", "message": "good"}))
        for socket in (one, other):
            await until(socket, "message", message="good")

    with example("chat", CHAT_REDIS=redis.url) as (first, _), example("chat", CHAT_REDIS=redis.url) as (second, _):
        run(main(first, second))


def apart(redis, ids):
    """An application that sends to the connections of another process, too."""
    app, websocket = application(redis=redis.url, prefix="apart:")

    @websocket.on("connect")
    def arrive(ws):
        ids.append(ws.id)

    @websocket.on("message")
    async def message(ws, msg):
        for connection in ids:
            await ws.async_send_to(connection, msg)

    return app


def test_a_text_for_one_connection_finds_it_in_another_process(redis):
    async def main():
        ids = []
        async with (
            serving(apart(redis, ids)) as first,
            serving(apart(redis, ids)) as second,
            ws(first, "/ws") as ada,
            ws(second, "/ws") as bob,
        ):
            client = redis.client()
            for nonsense in (b"{", b"1", b"[1]", b"\xff"):  # from somebody else
                client.publish("apart:texts", nonsense)
            client.close()
            await ada.send("hello")
            assert [await ada.recv(), await bob.recv()] == ["hello", "hello"]

    run(main())


def test_who_listens_goes_on_after_a_write_to_a_connection_that_was_cut():
    """It is a RuntimeError on uvloop, as redis-py subscribes again in between."""

    class PubSub:
        said = deque([RuntimeError("unable to perform operation on <TCPTransport>; the handler is closed"), "text"])

        async def get_message(self, **options):
            if not self.said:
                await asyncio.Future()
            what = self.said.popleft()
            if isinstance(what, Exception):
                raise what
            return {"data": json.dumps(["another", "/ws", None, what]).encode()}

    async def main():
        heard = asyncio.get_running_loop().create_future()
        fanout = Fanout(f"redis://127.0.0.1:{free_port()}", "", lambda *given: heard.set_result(given))
        listening = asyncio.create_task(fanout._listen(PubSub()))
        assert await heard == ("/ws", None, "text")
        listening.cancel()

    run(main())


def test_without_its_redis_it_does_not_start():
    async def main():
        app, _ = application(redis=f"redis://127.0.0.1:{free_port()}")
        with pytest.raises(StoreUnavailable):
            async with serving(app):
                pass

    run(main())


# --- handlers ---


@asynccontextmanager
async def one(app):
    async with serving(app) as port, ws(port, "/ws") as socket:
        yield socket


@pytest.mark.parametrize("is_async", [False, True])
def test_what_a_handler_returns_is_sent(is_async):
    async def main():
        app, websocket = application()
        answers = iter(["", None, "text", None, "last"])

        def reply():
            return next(answers)

        async def reply_later():
            return next(answers)

        websocket.on("message")(reply_later if is_async else reply)
        async with one(app) as socket:
            for _ in range(5):
                await socket.send("x")
            assert [await socket.recv() for _ in range(3)] == ["", "text", "last"]

    run(main())


def test_parameters_are_found_by_place_and_name():
    async def main():
        app, websocket = application()
        app.inject_global(number=1)
        websocket.inject_global(text="everywhere")
        websocket.inject(text="here")
        got = []

        @websocket.on("connect")
        def connected(websocket_connector, number, text, more="default"):
            got.append((websocket_connector.query_params.get("a"), number, text, more))

        @websocket.on("message")
        def said(message, global_dependencies, router_dependencies):
            got.append((message, dict(global_dependencies), dict(router_dependencies)))

        @websocket.on("close")
        async def closed(connector, unused):
            got.append(unused)

        @app.get("/page")
        def page(request, global_dependencies):
            return f"{request.query_params.get('a', 'none')} {global_dependencies['number']}"

        async with serving(app) as port:
            async with ws(port, "/ws?a=1&a=2%20x") as socket:
                await socket.send("hello")
            assert await asyncio.to_thread(get, port, "/page?a=y") == ("text/plain; charset=utf-8", "y 1")
        assert got == [
            ("2 x", 1, "here", "default"),
            ("hello", {"number": 1, "text": "everywhere"}, {"text": "here"}),
            "",
        ]

    run(main())


def test_parameters_that_nobody_gives_are_refused_before_it_starts():
    async def main():
        app, websocket = application()

        @websocket.on("message")
        def message(ws, msg, database):
            pass

        with pytest.raises(TypeError, match="message.. has parameters that nobody gives: database"):
            async with serving(app):
                pass
        websocket.inject(database=object())
        async with serving(app):
            pass

    run(main())


def test_there_are_no_other_events():
    with pytest.raises(ValueError, match="Socket method open does not exist"):
        application()[1].on("open")


def fails(ws, msg):
    raise RuntimeError("a mistake")


async def fails_later(ws, msg):
    await asyncio.sleep(0)
    raise RuntimeError("a mistake")


def returns_a_number(ws, msg):
    return 1


@pytest.mark.parametrize(
    ("handler", "said"), [(fails, "a mistake"), (fails_later, "a mistake"), (returns_a_number, "returned a int")]
)
def test_a_handler_that_fails_is_logged_and_closes_with_1011(handler, said, caplog):
    async def main():
        app, websocket = application()
        websocket.on("message")(handler)
        async with one(app) as socket:
            await socket.send("x")
            await socket.wait_closed()
            assert socket.close_code == 1011
        assert said in caplog.text and handler.__name__ in caplog.text

    run(main())


def test_bytes_are_refused():
    async def main():
        app, websocket = application()
        heard = []
        websocket.on("message")(heard.append)
        async with one(app) as socket:
            await socket.send(b"bytes")
            await socket.wait_closed()
            assert (socket.close_code, socket.close_reason) == (1003, "messages are texts")
        assert heard == []

    run(main())


def test_what_is_no_text_is_not_sent():
    async def main():
        app, websocket = application()
        errors = []

        @websocket.on("message")
        async def message(ws, msg):
            for call in (ws.sync_broadcast, lambda data: ws.sync_send_to(ws.id, data)):
                with pytest.raises(TypeError, match="a message is a str, not dict"):
                    call({})
            for call in (ws.async_broadcast({}), ws.async_send_to(ws.id, b"")):
                with pytest.raises(TypeError):
                    await call
            errors.append("all")
            return "done"

        async with one(app) as socket:
            await socket.send("x")
            assert await socket.recv() == "done" and errors == ["all"]

    run(main())


def test_other_threads_may_send():
    async def main():
        app, websocket = application()

        @websocket.on("message")
        def message(ws, msg):
            def work():
                ws.sync_send_to(ws.id, "to you")
                ws.sync_broadcast("to all")
                ws.close()

            threading.Thread(target=work).start()

        async with one(app) as socket:
            await socket.send("x")
            assert [text async for text in socket] == ["to you", "to all"]
            assert socket.close_code == 1000

    run(main())


def test_broadcasts_stay_on_their_path():
    async def main():
        app, first = application("/first")
        second = WebSocket(app, "/second")
        for websocket in (first, second):

            @websocket.on("message")
            def message(ws, msg):
                ws.sync_broadcast(msg)

        async with serving(app) as port, ws(port, "/first") as ada, ws(port, "/second") as bob:
            await ada.send("first")
            assert await ada.recv() == "first"
            await bob.send("second")
            assert await bob.recv() == "second"

    run(main())


def test_a_text_for_somebody_who_is_gone_is_dropped(caplog):
    async def main():
        app, websocket = application()

        @websocket.on("message")
        async def message(ws, msg):
            await ws.async_send_to("nobody", msg)
            return "done"

        async with one(app) as socket:
            await socket.send("x")
            assert await socket.recv() == "done"
        assert "there is no connection 'nobody'" in caplog.text

    run(main())


# --- limits ---


def test_a_slow_reader_holds_up_who_awaits():
    """And loses nothing."""

    async def main():
        app, websocket = application(max_backlog=256 * 1024)
        sent = []

        @websocket.on("connect")
        async def connected(ws):
            for number in range(500):
                await ws.async_send_to(ws.id, f"{number} " + "x" * 64 * 1024)
                sent.append(number)

        async with (
            serving(app) as port,
            connect(f"ws://127.0.0.1:{port}/ws", max_queue=1, ping_interval=None) as socket,
        ):
            await socket.recv()
            last = -1
            while len(sent) > last:  # as long as it goes on without being read
                last = len(sent)
                await asyncio.sleep(0.1)
            assert last < 450
            for number in range(1, 500):
                assert (await socket.recv()).startswith(f"{number} ")

    run(main())


def test_who_does_not_read_is_closed_and_the_others_go_on(monkeypatch, caplog):
    monkeypatch.setattr(switchboard, "SLOW", 0.01)

    async def main():
        app, websocket = application(max_backlog=256 * 1024)
        connectors = []
        websocket.on("connect")(lambda ws: connectors.append(ws))
        gone = asyncio.Event()
        websocket.on("close")(lambda ws: gone.set() if ws is connectors[0] else None)

        async with serving(app) as port:
            slow = await connect(f"ws://127.0.0.1:{port}/ws", max_queue=1, ping_interval=None, close_timeout=0)
            async with ws(port, "/ws") as other:
                while len(connectors) < 2:
                    await asyncio.sleep(0)
                number = 0
                while "does not read" not in caplog.text:
                    await connectors[1].async_broadcast(f"{number} " + "x" * 64 * 1024)
                    assert (await other.recv()).startswith(f"{number} ")
                    number += 1
                await connectors[1].async_broadcast("still here")
                assert await other.recv() == "still here"
                with pytest.raises(ConnectionClosed):
                    while True:
                        await slow.recv()
                assert slow.close_code == 4408
                await gone.wait()

    run(main())


def test_who_floods_is_read_no_faster_than_handlers_end():
    async def main():
        app, websocket = application()
        running = []
        go_on = asyncio.Event()

        @websocket.on("message")
        async def message(ws, msg):
            running.append(msg)
            await go_on.wait()
            return msg

        async with one(app) as socket:
            for number in range(100):
                await socket.send(str(number))
            while len(running) < robyn_client.MAX_HANDLERS:
                await asyncio.sleep(0)
            for _ in range(200):
                await asyncio.sleep(0)
            assert len(running) == robyn_client.MAX_HANDLERS
            go_on.set()
            assert [await socket.recv() for _ in range(100)] == [str(number) for number in range(100)]

    run(main())


def test_handlers_that_never_end_are_cancelled_after_the_connection(monkeypatch):
    monkeypatch.setattr(robyn_client, "GRACE", 0.01)

    async def main():
        app, websocket = application()
        ended = asyncio.Event()

        @websocket.on("connect")
        async def forever(ws):
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        async with serving(app) as port:
            async with ws(port, "/ws"):
                pass
            await ended.wait()

    run(main())


def test_a_message_that_is_too_large_closes_with_1009():
    async def main():
        app, websocket = application(max_message=1000)
        async with one(app) as socket:
            await socket.send("x" * 1001)
            await socket.wait_closed()
            assert socket.close_code == 1009

    run(main())


# --- requests ---


def test_what_is_not_there_is_a_404_and_what_fails_a_500():
    async def main():
        app, _ = application()
        app.get("/wrong")(lambda: 1)
        app.get("/text")(lambda: jsonify({"a": 1}))
        app.get("/html")(lambda: html("no tag"))
        async with serving(app) as port:
            for path, status in (("/", 404), ("/ws", 404), ("/wrong", 500)):
                with pytest.raises(HTTPError) as error:
                    await asyncio.to_thread(get, port, path)
                assert error.value.code == status
                error.value.close()
            assert await asyncio.to_thread(get, port, "/text") == ("text/plain; charset=utf-8", '{"a": 1}')
            assert await asyncio.to_thread(get, port, "/html") == ("text/html; charset=utf-8", "no tag")
            with pytest.raises(InvalidStatus, match="404"):
                await ws(port, "/other")

    run(main())


def test_pages_of_other_origins_are_refused_if_origins_are_named():
    async def main():
        app, _ = application(origins=["https://example.org"])
        async with serving(app) as port:
            with pytest.raises(InvalidStatus, match="403"):
                await connect(f"ws://127.0.0.1:{port}/ws", origin="https://example.com")
            async with connect(f"ws://127.0.0.1:{port}/ws", origin="https://example.org"), ws(port, "/ws"):
                pass

    run(main())


def test_what_typed_programs_import_is_there():
    assert WebSocketConnector.id.fget


def test_cluster_is_refused_before_anything_starts():
    with pytest.raises(ValueError, match="cluster"):
        Fanout("redis+cluster://127.0.0.1:1", "x:", lambda *message: None)
