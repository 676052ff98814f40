"""What a program adds to the hub: handlers of its events, and what they can do."""

import asyncio

import pytest

from browserws.errors import UnknownChannel
from browserws.server import Hub, Message, PageConnection, Refused, Request, Settings, User, serve
from tests.server.talk import Running, run


def with_hub(test, **options):
    """Run `test(hub)` with a hub that has a port, where `hub.hub` is the `Hub`; `setup` adds what it needs."""
    setup = options.pop("setup", lambda hub: None)
    settings = Settings(presence_grace=0.0, **options.pop("settings", {}))

    async def main():
        hub = Hub(settings=settings, **options)
        setup(hub)
        async with serve(hub, "localhost", 0) as server:
            await test(Running(hub, server.sockets[0].getsockname()[1], server))

    run(main())


def heard(hub, *events):
    """A log of events, with user and channel."""
    log = asyncio.Queue()
    for event in events:
        if event in ("connect", "disconnect"):
            hub.on(event)(lambda user, event=event: log.put_nowait((event, user)))
        else:
            hub.on(event)(lambda user, channel, event=event: log.put_nowait((event, user, channel)))
    return log


async def next_of(log, count):
    return [await log.get() for _ in range(count)]


# --- which events there are, and when ---


def test_each_event_of_a_connection_in_its_order():
    async def test(hub):
        log = heard(hub.hub, "connect", "join", "publish", "leave", "disconnect")
        async with hub.client("ada") as ada:
            for channel in ("a", "b"):
                await ada.ask("join", channel=channel)
            await ada.ask("publish", channel="a", data=1)
            await ada.ask("leave", channel="a")
        assert await next_of(log, 7) == [
            ("connect", "ada"),
            ("join", "ada", "a"),
            ("join", "ada", "b"),
            ("publish", "ada", "a"),
            ("leave", "ada", "a"),
            ("leave", "ada", "b"),
            ("disconnect", "ada"),
        ]

    with_hub(test)


def test_who_is_removed_has_left_and_a_second_join_is_no_leave():
    async def test(hub):
        log = heard(hub.hub, "join", "leave")
        async with hub.client("ada") as ada:
            await ada.ask("join", channel="a")
            await ada.ask("join", channel="a")
            await hub.hub.remove("ada", "a")
            await ada.receive("left")
            await ada.ask("join", channel="a")
            assert await next_of(log, 4) == [
                ("join", "ada", "a"), ("join", "ada", "a"), ("leave", "ada", "a"), ("join", "ada", "a"),
            ]  # fmt: skip

    with_hub(test)


def test_handlers_are_called_one_after_the_other_until_one_refuses():
    log = []

    def setup(hub):
        @hub.on("join")
        async def first():
            await asyncio.sleep(0)
            log.append("first")

        @hub.on("join")
        def second(channel):
            log.append("second")
            if channel == "b":
                raise Refused("not this one")

        @hub.on("join")
        def third():
            log.append("third")

    async def test(hub):
        async with hub.client() as ada:
            assert (await ada.ask("join", channel="a"))["type"] == "joined"
            answer = await ada.ask("join", channel="b")
        assert (answer["type"], answer["code"], answer["reason"]) == ("error", "forbidden", "not this one")
        assert log == ["first", "second", "third", "first", "second"]

    with_hub(test, setup=setup)


def test_event_that_there_is_not_and_parameter_that_cannot_be_had_are_refused_at_once():
    hub = Hub(state={}, provide={"db": 1})
    with pytest.raises(ValueError, match="no event 'message': there are connect, join, publish, leave, disconnect"):
        hub.on("message")
    with pytest.raises(
        TypeError, match="'channel' that cannot be had: there is connection, request, user here, and the"
    ):
        hub.on("connect")(lambda channel: None)
    for event in ("connect", "join", "publish", "leave", "disconnect"):
        hub.on(event)(lambda connection, request, user, hub, state, db: None)


# --- what they are given ---


def test_connection_knows_its_request():
    seen = []

    async def test(hub):
        @hub.hub.on("connect")
        def connected(connection: PageConnection, request: Request, user, hub, state):
            seen.append((connection, user, hub, state))
            assert (connection.path, connection.query) == ("/a/b", {"room": "x y", "empty": ""})
            assert connection.headers["x-kind"] == "test" and connection.headers.get_all("X-Kind") == ["test"]
            assert connection.address in ("127.0.0.1", "::1") and connection.request is request

        hub.url += "/a/b?room=x%20y&empty="
        async with hub.socket(additional_headers={"X-Kind": "test"}) as client:
            await client.hello(user="ada")
        async with hub.socket(additional_headers={"X-Kind": "test"}) as client:
            await client.hello(user="bob")
        (first, *rest), (second, user, _, _) = seen
        assert rest == ["ada", hub.hub, "S"] and user == second.user == "bob" and first.id != second.id

    with_hub(test, state="S")


def test_connection_sends_to_its_page_alone_also_before_it_is_welcome():
    async def test(hub):
        @hub.hub.on("connect")
        async def connected(connection):
            await connection.send({"hello": connection.user})

        @hub.hub.on("publish")
        async def published(connection, data):
            await connection.send(b"\n\0" if data == "bytes" else data)

        async with hub.client("ada") as ada, hub.client("bob") as bob:
            assert await ada.receive() == {"type": "direct", "data": {"hello": "ada"}}
            assert await bob.receive() == {"type": "direct", "data": {"hello": "bob"}}
            await ada.send("publish", id=1, channel="@bob", data="bytes")
            assert await ada.receive() == {"type": "direct", "data": b"\n\0"}
            await bob.send("ping")
            assert (await bob.receive())["type"] == "pong"

    with_hub(test)


def test_connection_can_be_closed():
    async def test(hub):
        @hub.hub.on("join")
        async def joined(connection):
            await connection.close(4403, "goodbye")

        async with hub.client("ada") as ada:
            await ada.send("join", id=1, channel="a")
            assert await ada.closed() == 4403 and ada.socket.close_reason == "goodbye"

    with_hub(test)


def test_authenticate_sees_the_request_if_it_wants():
    def authenticate(token, request: Request, db):
        return User(f"{token}{request.path}{db}")

    async def test(hub):
        async with hub.socket() as client:
            assert (await client.hello(token="t"))["user"] == "t/7"

    with_hub(test, authenticate=authenticate, provide={"db": 7})


def test_factory_makes_what_a_handler_wants():
    async def test(hub):
        closed = asyncio.Event()

        @hub.hub.factory
        async def account(user):
            try:
                yield user.upper()
            finally:
                closed.set()

        @hub.hub.on("join")
        def join(account):
            raise Refused(account)

        async with hub.client("ada") as ada:
            assert (await ada.ask("join", channel="a"))["reason"] == "ADA" and closed.is_set()

    with_hub(test)


# --- publish: it is seen, changed, refused, answered ---


def moderated(hub):
    @hub.on("publish")
    def shout(message: Message):
        if message.data == "rude":
            raise Refused("be polite", "rude")
        if message.data == "time?":
            message.answer({"time": 7})
        elif isinstance(message.data, str):
            message.data = message.data.upper()

    @hub.on("publish")
    def sign(message, data, user, channel):
        assert message.data is data and (message.user, message.channel) == (user, channel)
        if data == "BYTES":
            message.data = b"bytes"
        elif data == {"a": [1, None]}:
            message.data = [data, user]


def test_publish_is_changed_refused_and_answered():
    async def test(hub):
        async with hub.client("ada") as ada:
            await ada.ask("join", channel="c")
            ack = await ada.ask("publish", channel="c", data="hello")
            assert ack["offset"] == 1 and "data" not in ack
            assert (await ada.receive("message"))["data"] == "HELLO"
            await ada.ask("publish", channel="c", data={"a": [1, None]})
            assert (await ada.receive("message"))["data"] == [{"a": [1, None]}, "ada"]
            await ada.ask("publish", channel="c", data="bytes")
            assert (await ada.receive("message"))["data"] == b"bytes"
            refused = await ada.ask("publish", channel="c", data="rude")
            assert (refused["type"], refused["code"], refused["reason"]) == ("error", "rude", "be polite")
            assert await ada.ask("publish", channel="c", data="time?") == {"type": "ack", "id": 6, "data": {"time": 7}}
            assert (await ada.ask("history", channel="c"))["messages"][-1]["offset"] == 3

    with_hub(test, setup=moderated)


def test_publish_that_was_refused_is_not_made_after_later_ones():
    """Its answer was lost, so that it is sent again; and now it would be allowed."""
    is_open = []

    async def test(hub):
        @hub.hub.on("publish")
        def closed(data):
            if data == "first" and not is_open:
                raise Refused("not yet")

        async with hub.client("ada", connection=1) as ada:
            session = ada.welcome["session"]
            await ada.ask("join", channel="c")
            await ada.ask("publish", channel="c", data="first")
            await ada.ask("publish", channel="c", data="second")
        is_open.append(True)
        async with hub.client("ada", session=session, connection=2, sent=[[1, 2, 3]]) as ada:
            await ada.ask("join", channel="c")
            assert (await ada.ask("publish", channel="c", data="first"))["code"] == "not_delivered"
            assert (await ada.ask("publish", channel="c", data="second"))["repeat"]

    with_hub(test)


def test_publish_that_is_sent_again_says_so_and_is_made_once():
    repeats = []

    async def test(hub):
        @hub.hub.on("publish")
        def seen(message):
            repeats.append(message.is_repeat)
            message.data += len(repeats)

        async with hub.client("ada", connection=1) as ada:
            session = ada.welcome["session"]
            await ada.ask("join", channel="c")
            await ada.send("publish", id=7, channel="c", data=10)
            await ada.receive("ack")
        async with hub.client("ada", session=session, connection=2, sent=[[1, 7, 7]]) as ada:
            await ada.ask("join", channel="c")
            await ada.send("publish", id=7, channel="c", data=10)
            assert (await ada.receive("ack")).get("repeat")
            assert [m["data"] for m in (await ada.ask("history", channel="c"))["messages"]] == [11]
        assert repeats == [False, True]

    with_hub(test)


# --- what goes wrong ---


def broken(hub, event, how):
    @hub.on(event)
    async def handler():
        if how == "raises":
            raise ValueError("secret")
        if how == "exits":
            raise SystemExit("secret")
        if how == "cancels":
            raise asyncio.CancelledError("secret")
        await asyncio.sleep(1000)


@pytest.mark.parametrize("how", ["raises", "exits", "cancels", "hangs"])
@pytest.mark.parametrize("event", ["join", "publish"])
def test_handler_that_fails_refuses_and_nothing_else(event, how, caplog):
    async def test(hub):
        async with hub.client("ada") as ada:
            if event == "publish":
                await ada.ask("join", channel="a")
            broken(hub.hub, event, how)
            answer = await ada.ask(event, channel="a", data=1)
            assert (answer["type"], answer["code"]) == ("error", "timeout" if how == "hangs" else "failed")
            assert "secret" not in answer["reason"] and answer["channel"] == "a"
            await ada.send("ping")
            assert await ada.receive("pong")
        assert hub.hub.metrics.failed == 1

    with_hub(test, settings={"handler_timeout": 0.05})
    assert f"the {event} handler handler()" in caplog.text and ("secret" in caplog.text) == (how != "hangs")


def test_publish_handler_that_makes_what_cannot_be_sent_has_failed():
    async def test(hub):
        @hub.hub.on("publish")
        def publish(message):
            if message.data == "answer":
                message.answer(object())
            else:
                message.data = float("nan")

        async with hub.client("ada") as ada:
            for data in ("answer", "change"):
                assert (await ada.ask("publish", channel="@bob", data=data))["code"] == "failed"

    with_hub(test)


@pytest.mark.parametrize("how", ["raises", "hangs"])
def test_handler_that_fails_at_leave_or_disconnect_is_no_ones_concern(how):
    async def test(hub):
        broken(hub.hub, "leave", how)
        broken(hub.hub, "disconnect", how)
        log = heard(hub.hub, "leave", "disconnect")
        async with hub.client("ada") as ada:
            await ada.ask("join", channel="a")
            await ada.ask("leave", channel="a")
            await ada.ask("join", channel="a")
        assert await next_of(log, 3) == [("leave", "ada", "a"), ("leave", "ada", "a"), ("disconnect", "ada")]

    with_hub(test, settings={"handler_timeout": 0.05})


def test_connect_that_is_refused_closes_for_good_and_one_that_fails_does_not():
    async def test(hub):
        @hub.hub.on("connect")
        def connected(user):
            if user == "eve":
                raise Refused("not you")
            if user == "bob":
                raise ValueError("secret")

        log = heard(hub.hub, "disconnect")
        for user, code, reason in (("eve", 4403, "not you"), ("bob", 1011, "the hub's program failed")):
            async with hub.socket() as client:
                await client.send("hello", v=1, user=user)
                assert await client.closed() == code and client.socket.close_reason == reason
        async with hub.client("ada"):
            pass
        assert await log.get() == ("disconnect", "ada") and log.empty()

    with_hub(test)


def test_handler_and_authorize_may_say_that_there_is_no_such_channel():
    def authorize(user, channel, action):
        if channel == "b":
            raise Refused("tomorrow", "later")
        return True

    async def test(hub):
        @hub.hub.on("join")
        def join(channel):
            if channel == "a":
                raise UnknownChannel(channel, "there is none")

        async with hub.client("ada") as ada:
            answer = await ada.ask("join", channel="a")
            assert (answer["code"], answer["reason"]) == ("unknown_channel", "there is none")
            answer = await ada.ask("join", channel="b")
            assert (answer["code"], answer["reason"]) == ("later", "tomorrow")

    with_hub(test, authorize=authorize)
