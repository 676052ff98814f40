"""Functions that pages call: what they get, what they are told when it fails, and what it may cost."""

import asyncio

import pytest

from browserws.server import Hub, PageConnection, Refused
from tests.server.talk import run, running


def with_functions(test, *functions, **settings):
    """`test(hub)` with a hub whose pages can call these functions, by their names."""

    async def main():
        async with running(**settings) as hub:
            for function in functions:
                hub.hub.call(function.__name__)(function)
            await test(hub)

    run(main())


async def until(is_so):
    while not is_so():
        await asyncio.sleep(0)


# --- functions ---


def add(a, b=10):
    return a + b


async def who(connection: PageConnection, user, hub, request):
    return [user, connection.user, hub.why_not, request.path]


async def raw():
    return b"\n\0"


def nothing():
    pass


def test_function_gets_its_arguments_and_the_page_what_it_returns():
    async def test(hub):
        async with hub.client("ada") as ada:
            assert await ada.ask("call", name="add", arguments={"a": 1, "b": 2}) == {
                "type": "result",
                "id": 1,
                "data": 3,
            }
            assert (await ada.ask("call", name="add", arguments={"a": 1}))["data"] == 11
            assert (await ada.ask("call", name="who"))["data"] == ["ada", "ada", "", "/"]
            assert (await ada.ask("call", name="raw"))["data"] == b"\n\0"
            assert (await ada.ask("call", name="nothing"))["data"] is None
        assert hub.hub.metrics.calls == 5

    with_functions(test, add, who, raw, nothing)


@pytest.mark.parametrize(
    ("name", "arguments", "code", "reason"),
    [
        ("subtract", {}, "unknown_call", "there is no such function"),
        ("add", {}, "bad_arguments", "add needs the argument 'a'"),
        ("add", {"a": 1, "c": 2}, "bad_arguments", "add has no argument 'c'"),
        ("who", {"user": "eve"}, "bad_arguments", "who has no argument 'user'"),
        ("anything", {"user": "eve"}, "bad_arguments", "anything has no argument 'user'"),
    ],
)
def test_what_is_wrong_with_a_call_is_said(name, arguments, code, reason):
    def anything(user, **rest):
        return [user, rest]

    async def test(hub):
        async with hub.client("ada") as ada:
            answer = await ada.ask("call", name=name, arguments=arguments)
            assert answer == {"type": "error", "id": 1, "code": code, "reason": reason}
            answer = await ada.ask("call", name="anything", arguments={"a": 1})
            assert answer["data"] == ["ada", {"a": 1}]
        assert hub.hub.metrics.refused[code] == 1

    with_functions(test, add, who, anything)


def test_function_that_nobody_could_call_is_refused_at_once():
    hub = Hub()
    hub.call("add")(add)
    for name in ("add", "", "\n"):
        with pytest.raises(ValueError, match="function"):
            hub.call(name)(nothing)
    with pytest.raises(TypeError, match="'event' that cannot be had"):

        @hub.call("wrong")
        def wrong(event: asyncio.Event): ...


def test_calls_are_answered_when_they_are_ready_and_other_requests_do_not_wait():
    gates = {"a": asyncio.Event(), "b": asyncio.Event()}

    async def wait(gate):
        await gates[gate].wait()
        return gate

    async def test(hub):
        async with hub.client("ada") as ada:
            await ada.send("call", id=1, name="wait", arguments={"gate": "a"})
            await ada.send("call", id=2, name="wait", arguments={"gate": "b"})
            await ada.send("join", id=3, channel="c")
            await ada.receive("joined")
            for gate, number in (("b", 2), ("a", 1)):
                gates[gate].set()
                assert await ada.receive() == {"type": "result", "id": number, "data": gate}

    with_functions(test, wait)


def test_call_sees_what_its_page_has_published_before():
    async def count(hub):
        return hub.store._logs["c"].offset

    async def test(hub):
        async with hub.client("ada") as ada:
            await ada.ask("join", channel="c")
            for number in range(3):
                await ada.send("publish", id=10 + number, channel="c", data=1)
            await ada.send("call", id=20, name="count")
            assert (await ada.receive("result"))["data"] == 3

    with_functions(test, count)


# --- what goes wrong ---


def refuses():
    raise Refused("there is no such account", "no_account")


def fails():
    raise ValueError("secret")


def returns_what_is_no_json():
    return {"secret": object()}


async def hangs():
    await asyncio.get_running_loop().create_future()


async def breaks_off():
    yield 1
    raise ValueError("secret")


@pytest.mark.parametrize(
    ("function", "code"),
    [(refuses, "no_account"), (fails, "failed"), (returns_what_is_no_json, "failed"), (hangs, "timeout")],
)
def test_page_is_told_what_is_meant_for_it_and_no_more(function, code, caplog):
    async def test(hub):
        async with hub.client("ada") as ada:
            answer = await ada.ask("call", name=function.__name__)
            assert (answer["type"], answer["code"]) == ("error", code) and "secret" not in answer["reason"]
            assert (await ada.ask("call", name="add", arguments={"a": 1}))["data"] == 11
        assert hub.hub.metrics.failed == (code != "no_account")

    with_functions(test, function, add, call_timeout=0.05)
    assert (f"the function {function.__name__!r}" in caplog.text) == (code != "no_account")


def test_stream_that_fails_ends_with_an_error():
    async def test(hub):
        async with hub.client("ada") as ada:
            await ada.send("call", id=1, name="breaks_off")
            kinds = [(await ada.receive())["type"] for _ in range(2)]
            answer = await ada.receive()
            assert kinds == ["stream", "item"] and (answer["type"], answer["code"]) == ("error", "failed")

    with_functions(test, breaks_off)


def test_so_many_calls_are_answered_at_once_and_two_have_not_one_id():
    async def test(hub):
        async with hub.client("ada") as ada, hub.client("bob") as bob:
            for number in (1, 2):
                await ada.send("call", id=number, name="hangs")
            await ada.send("call", id=3, name="add", arguments={"a": 1})
            assert (await ada.receive("error"))["code"] == "too_many"
            assert (await bob.ask("call", name="add", arguments={"a": 1}))["data"] == 11
            await ada.send("cancel", id=1)
            await ada.send("ping")
            await ada.receive("pong")
            await ada.send("call", id=4, name="add", arguments={"a": 1})
            assert (await ada.receive("result"))["data"] == 11
            await ada.send("call", id=2, name="hangs")
            assert await ada.closed() == 4400

    with_functions(test, hangs, add, max_calls=2)


@pytest.mark.parametrize(
    "fields",
    [{"id": 1}, {"name": "add"}, {"id": 1, "name": 1}, {"id": 1, "name": "add", "arguments": [1]}],
)
def test_call_that_is_not_as_the_protocol_has_it_is_a_violation(fields):
    async def test(hub):
        async with hub.client("ada") as ada:
            await ada.send("call", **fields)
            assert await ada.closed() == 4400

    with_functions(test, add)


def test_arguments_are_no_deeper_than_data():
    async def test(hub):
        deep = 0
        for _ in range(64):
            deep = [deep]
        async with hub.client("ada") as ada:
            await ada.send("call", id=1, name="add", arguments={"a": deep})
            assert await ada.closed() == 4400

    with_functions(test, add)


# --- streams ---


class Counter:
    """A function that yields 0, 1, 2 and so on, how far it has come, and whether it was closed."""

    def __init__(self, to=10**9):
        self.made = 0
        self.closed = asyncio.Event()
        self._to = to

    async def __call__(self, user):
        try:
            while self.made < self._to:
                self.made += 1
                yield self.made
        finally:
            self.closed.set()


def with_counter(test, counter, **settings):
    async def main():
        async with running(**settings) as hub:
            hub.hub.call("count")(counter.__call__)
            await test(hub)

    run(main())


def test_generator_streams_and_ends():
    def plain(to):
        yield from range(to)

    async def test(hub):
        async with hub.client("ada") as ada:
            for name in ("plain", "numbers"):
                await ada.send("call", id=7, name=name, arguments={"to": 2})
                assert [await ada.receive() for _ in range(4)] == [
                    {"type": "stream", "id": 7},
                    {"type": "item", "id": 7, "data": 0},
                    {"type": "item", "id": 7, "data": 1},
                    {"type": "end", "id": 7},
                ]
                await ada.send("ping")
                await ada.receive("pong")
        assert hub.hub.metrics.items == 4

    async def numbers(to):
        for number in range(to):
            yield number

    with_functions(test, plain, numbers)


def test_stream_makes_no_more_than_the_page_asks_for():
    counter = Counter()

    async def test(hub):
        async with hub.client("ada") as ada:
            await ada.send("call", id=1, name="count")
            for _ in range(16):
                await ada.receive("item")
            await ada.send("ping")
            await ada.receive("pong")
            assert counter.made == 16
            await ada.send("more", id=1, count=3)
            for _ in range(3):
                last = await ada.receive("item")
            await ada.send("more", id=99, count=1)  # of none that there is
            await ada.send("ping")
            await ada.receive("pong")
            assert counter.made == last["data"] == 19

    with_counter(test, counter)


def test_stream_waits_for_a_page_that_does_not_read():
    """It asks for a million, reads nothing, and is not closed for it."""
    counter = Counter()

    async def test(hub):
        async with hub.client("ada") as ada:
            (connection,) = hub.hub.connections
            is_ready, connection.socket.is_ready = connection.socket.is_ready, lambda: False
            connection.outlet.direct = None  # whose buffer is empty
            await ada.send("call", id=1, name="count")
            await ada.send("more", id=1, count=10**6)
            await until(lambda: hub.hub.metrics.calls)
            for _ in range(200):
                await asyncio.sleep(0)
            assert counter.made == 0
            connection.socket.is_ready = is_ready
            for _ in range(50):
                await ada.receive("item")

    with_counter(test, counter)


@pytest.mark.parametrize("how", ["cancel", "disconnect"])
def test_stream_that_nobody_wants_any_more_is_closed(how):
    counter = Counter()

    async def test(hub):
        async with hub.client("ada") as ada:
            await ada.send("call", id=1, name="count")
            await ada.receive("item")
            if how == "cancel":
                await ada.send("cancel", id=1)
                await counter.closed.wait()
                await ada.send("cancel", id=1)
                await ada.send("ping")
                await ada.receive("pong")
        await counter.closed.wait()
        assert counter.made <= 17

    with_counter(test, counter)


def test_function_that_nobody_waits_for_is_cancelled():
    ended = asyncio.Event()

    async def wait():
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    async def test(hub):
        async with hub.client("ada") as ada:
            await ada.send("call", id=1, name="wait")
            await until(lambda: hub.hub.metrics.calls)
        await ended.wait()
        await until(lambda: not hub.hub.connections)

    with_functions(test, wait)


def test_what_a_stream_was_given_is_closed_when_it_ends():
    log = []

    async def database():
        log.append("open")
        yield log
        log.append("closed")

    async def rows(database):
        for _ in range(2):
            yield list(database)

    async def test(hub):
        hub.hub.factory(database)
        hub.hub.call("rows")(rows)
        async with hub.client("ada") as ada:
            await ada.send("call", id=1, name="rows")
            await ada.receive("end")
            assert [(await ada.receive("item"))["data"] for _ in range(2)] == [["open"], ["open"]]
            await until(lambda: log == ["open", "closed"])

    with_functions(test)
