"""Async handlers that are replaced or removed: which of them gets the events that wait."""

import asyncio
from types import SimpleNamespace

import pytest

from browserws._runtime.handlers import Handlers


class Served:
    """Waits for its gate, then writes down what it got."""

    def __init__(self, name, log):
        self.name = name
        self.log = log
        self.gate = asyncio.Event()

    async def __call__(self, event):
        await self.gate.wait()
        self.log.append(self.name + event.data)


def give(handlers, texts):
    handlers.call("message", [SimpleNamespace(data=text) for text in texts])


async def turns():
    for _ in range(5):
        await asyncio.sleep(0)


def replaced(log, *texts):
    """A handler, and after each of its successors is set, the events that come."""
    handlers = Handlers(("message",))
    callbacks = [Served(f"{number}:", log) for number in range(len(texts))]
    for callback, text in zip(callbacks, texts):
        handlers.set_single("message", callback)
        give(handlers, text)
    return callbacks


def test_handler_that_got_no_event_itself_still_holds_up_the_next_one():
    async def main():
        log = []
        first, _, third = replaced(log, "ab", "", "c")
        third.gate.set()
        await turns()
        assert log == []
        first.gate.set()
        await turns()
        return log

    assert asyncio.run(main()) == ["0:a", "0:b", "2:c"]


@pytest.mark.parametrize("call", [0, 1])
def test_what_comes_after_an_early_replacement_is_the_new_ones(call):
    """In the first call as in a later one, whatever had been waiting before."""

    async def main():
        log = []
        handlers = Handlers(("message",))
        gate = asyncio.Event()

        async def old(event):
            log.append("old " + event.data)
            if event.data == "abcd"[call]:
                handlers.set_single("message", lambda event: log.append("never " + event.data))
                handlers.set_single("message", lambda event: log.append("new " + event.data))
            elif event.data == "a":
                give(handlers, "d")
            await gate.wait()

        handlers.set_single("message", old)
        give(handlers, "abc")
        await turns()
        gate.set()
        await turns()
        return log

    if call == 0:
        assert asyncio.run(main()) == ["old a", "new b", "new c"]
    else:
        assert asyncio.run(main()) == ["old a", "old b", "new c", "new d"]


def test_function_that_starts_a_task_and_replaces_itself_leaves_the_rest_to_the_new_one():
    """It is no coroutine: all that it does is done when it returns."""

    async def main():
        log = []
        handlers = Handlers(("message",))

        def old(event):
            log.append("old " + event.data)
            if event.data == "b":
                handlers.set_single("message", lambda event: log.append("new " + event.data))
            return asyncio.create_task(asyncio.sleep(0))

        handlers.set_single("message", old)
        give(handlers, "abc")
        await asyncio.sleep(0.01)
        return log

    assert asyncio.run(main()) == ["old a", "old b", "new c"]


def test_new_on_handler_takes_the_place_of_the_old_one_among_the_others():
    calls = []
    handlers = Handlers(("message",))
    handlers.set_single("message", lambda: calls.append("old"))
    handlers.add("message", lambda: calls.append("bound"))
    handlers.set_single("message", lambda: calls.append("new"))
    give(handlers, "a")
    assert calls == ["new", "bound"]


def test_handler_ends_with_the_event_loop():
    """asyncio.run cancels it: it must not go on with the next event."""
    log = []

    async def handler(event):
        log.append(event.data)
        await asyncio.sleep(60)

    async def main():
        handlers = Handlers(("message",))
        handlers.set_single("message", handler)
        give(handlers, "abc")
        await turns()

    asyncio.run(main())
    assert log == ["a"]


def test_handler_whose_task_is_thrown_away_ends_quietly(monkeypatch):
    shown = []
    monkeypatch.setattr("browserws._runtime.handlers.report", shown.append)

    async def main():
        handlers = Handlers(("message",))
        steps = []

        async def handler(event):
            steps.append("began")
            await asyncio.Event().wait()

        handlers.set_single("message", handler)
        single = handlers._single["message"]
        running = single._finish(handler(SimpleNamespace(data="a")))
        running.send(None)
        running.close()
        return steps

    assert asyncio.run(main()) == ["began"] and shown == []
