"""`Asking`: a URL, subprotocols, a token, each a value or a function, also async."""

import asyncio

import pytest

from browserws._runtime.asking import Asking


class Host:
    """Calls back when it is told to."""

    def __init__(self):
        self.calls = []

    def call_later(self, seconds, callback):
        assert seconds == 0
        self.calls.append(callback)

    def go_on(self):
        while self.calls:
            self.calls.pop(0)()


def ask(*sources):
    """What `done` was called with, the asking, and its host."""
    done, host = [], Host()
    asking = Asking(host, sources, lambda error, values: done.append((error, values)))
    return done, asking, host


def raises(error):
    def source():
        raise error

    return source


async def later(value):
    await asyncio.sleep(0)
    if isinstance(value, Exception):
        raise value
    return value


async def turns():
    for _ in range(4):
        await asyncio.sleep(0)


def test_values_and_plain_functions_are_there_at_once():
    done, _, _ = ask("/a", lambda: "b", None, lambda: ["c"])
    assert done == [(None, ["/a", "b", None, ["c"]])]
    assert ask()[0] == [(None, [])]


def test_async_functions_are_asked_one_after_the_other():
    order = []

    async def slow():
        order.append("slow")
        await turns()
        order.append("done")
        return 1

    async def main():
        done, _, _ = ask(slow, lambda: order.append("next"), "c", lambda: later(3))
        assert done == [] and order == []
        await turns()
        assert order == ["slow"]
        await turns()
        await turns()
        assert order == ["slow", "done", "next"]
        return done

    assert asyncio.run(main()) == [(None, [1, None, "c", 3])]


def test_first_exception_is_the_end_and_no_other_source_is_asked():
    error = KeyError("no token")
    done, _, _ = ask("a", raises(error), pytest.fail)
    assert done == [(error, ["a"])]

    async def main():
        done, _, _ = ask(lambda: later(error), pytest.fail)
        await turns()
        return done

    assert asyncio.run(main()) == [(error, [])]


def test_exception_of_the_callback_is_not_taken_for_one_of_a_source():
    calls = []

    def done(error, values):
        calls.append(error)
        raise KeyError("a mistake of the owner")

    with pytest.raises(KeyError, match="a mistake"):
        Asking(Host(), ["a"], done)
    assert calls == [None]


@pytest.mark.parametrize("begun", [False, True])
def test_who_cancels_hears_no_more_and_what_runs_is_cancelled(begun):
    ended = []

    async def for_ever():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def main():
        done, asking, host = ask(for_ever, pytest.fail)
        if begun:
            await turns()
        asking.cancel()
        await turns()
        assert ended == []  # later: a task cannot cancel itself everywhere
        host.go_on()
        await turns()
        assert asking._task.done()
        return done

    assert asyncio.run(main()) == []
    assert ended == ["cancelled"]


def test_source_that_cancels_is_the_last_one():
    done, host = [], Host()

    async def main():
        asking = None

        async def first():
            await turns()
            asking.cancel()
            return 1

        asking = Asking(host, [first, lambda: done.append("asked")], lambda *what: done.append(what))
        await turns()
        await turns()
        assert asking._task.exception() is None

    asyncio.run(main())
    assert done == []


def test_without_a_task_there_is_nothing_to_cancel():
    _, asking, host = ask("a")
    asking.cancel()
    assert host.calls == []
