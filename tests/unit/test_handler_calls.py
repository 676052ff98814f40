"""`Handlers` and `Handler` without a socket: who is called with what, when, and what is shown."""

import asyncio
import functools
from types import SimpleNamespace

import pytest

from browserws._runtime import handlers as module
from browserws._runtime.handlers import Handlers, is_awaitable, raised_by_the_call


@pytest.fixture
def shown(monkeypatch):
    """The exceptions that were shown."""
    errors = []
    monkeypatch.setattr(module, "report", errors.append)
    return errors


def handlers(*callbacks):
    made = Handlers(("message", "close"))
    for callback in callbacks:
        made.add("message", callback)
    return made


def give(made, *texts, name="message"):
    made.call(name, [SimpleNamespace(data=text) for text in texts])


async def turns():
    for _ in range(6):
        await asyncio.sleep(0)


# --- what may be a handler ---


def test_unknown_event_names_those_that_there_are():
    for call in (
        lambda made: made.add("mesage", print),
        lambda made: made.remove("mesage"),
        lambda made: made.set_single("mesage", print),
        lambda made: made.check("mesage", print),
    ):
        with pytest.raises(ValueError, match="^unknown event 'mesage': use one of close, message$"):
            call(handlers())


def test_what_cannot_be_called_is_refused_and_nothing_changes():
    made = handlers()
    made.set_single("message", print)
    for call in (made.add, made.set_single, made.remove):
        with pytest.raises(TypeError, match="^a handler must be callable, not int$"):
            call("message", 1)
    assert made.single("message") is print and made.single("close") is None


# --- adding and removing ---


def test_handlers_are_called_in_the_order_in_which_they_came_each_once():
    calls = []
    first, second = lambda: calls.append(1), lambda: calls.append(2)
    made = handlers(first, second, first)
    give(made, "a")
    assert calls == [1, 2]
    made.remove("message", first)
    made.add("message", first)
    give(made, "b")
    assert calls == [1, 2, 2, 1]


def test_single_handler_may_be_bound_as_well(shown):
    """They are two: each has its own place, and goes by itself."""
    calls = []

    def callback():
        calls.append(1)

    made = handlers()
    made.set_single("message", callback)
    made.add("message", callback)
    give(made, "a")
    assert calls == [1, 1]
    made.remove("message", callback)
    assert made.single("message") is callback
    give(made, "b")
    assert calls == [1, 1, 1]
    made.set_single("message", None)
    give(made, "c")
    assert calls == [1, 1, 1] and made.single("message") is None and shown == []


def test_new_single_handler_takes_the_place_of_the_old_one_alone():
    calls = []
    made = handlers()
    made.set_single("message", lambda: calls.append("old"))
    made.add("message", lambda: calls.append("a"))
    made.add("message", lambda: calls.append("b"))
    made.set_single("message", lambda: calls.append("new"))
    give(made, "x")
    assert calls == ["new", "a", "b"] and len(made._bound["message"]) == 3


def test_removing_all_takes_the_single_one_too_and_leaves_other_events():
    calls = []
    made = handlers(lambda: calls.append("bound"))
    made.set_single("message", lambda: calls.append("single"))
    made.add("close", lambda: calls.append("close"))
    made.remove("message")
    give(made, "a")
    give(made, "a", name="close")
    assert calls == ["close"] and made.single("message") is None
    made.set_single("message", lambda: calls.append("new"))
    give(made, "b")
    assert calls == ["close", "new"]


def test_what_is_not_bound_is_removed_without_a_word():
    made = handlers(print)
    made.remove("message", repr)
    made.remove("close", print)
    assert [handler.callback for handler in made._bound["message"]] == [print]


def test_handler_that_is_removed_while_others_are_called_is_not_called_any_more():
    calls = []

    def first():
        calls.append("first")
        made.remove("message", second)
        made.add("message", third)

    def second():
        calls.append("second")

    def third():
        calls.append("third")

    made = handlers(first, second)
    give(made, "a", "b")
    assert calls == ["first", "first", "third"]


# --- with the event or with nothing ---


def test_callback_takes_the_event_or_nothing():
    got = []
    made = handlers(lambda event: got.append(event.data), lambda: got.append("nothing"))
    give(made, "a", "b")
    assert got == ["a", "nothing", "b", "nothing"]


def test_mistake_in_a_callback_is_not_taken_for_one_that_takes_nothing(shown):
    calls = []

    def wrong(event):
        calls.append(event)
        len(1)

    made = handlers(wrong)
    give(made, "a", "b")
    assert len(calls) == 2 and [type(error) for error in shown] == [TypeError, TypeError]


def test_mistake_in_a_callback_without_arguments_is_shown(shown):
    def wrong():
        len(1)

    give(handlers(wrong), "a", "b")
    assert ["len()" in str(error) for error in shown] == [True, True]


def test_callback_that_takes_too_much_is_shown(shown):
    give(handlers(lambda event, other: None), "a")
    assert len(shown) == 1 and "argument" in str(shown[0])


def test_whether_the_call_itself_was_wrong():
    def of(function, *arguments):
        try:
            function(*arguments)
        except TypeError as error:
            return raised_by_the_call(error)

    assert of(lambda: None, 1) is True
    assert of(lambda event: len(1), 1) is False
    assert of(functools.partial(lambda a, b: None, 1)) is True
    assert raised_by_the_call(TypeError()) is True  # it was raised by nobody


def test_exception_goes_no_further_and_the_others_are_called(shown):
    got = []

    def wrong(event):
        raise KeyError(event.data)

    made = handlers(wrong, lambda event: got.append(event.data))
    give(made, "a", "b")
    assert got == ["a", "b"] and [error.args for error in shown] == [("a",), ("b",)]


def test_what_is_awaitable():
    async def coroutine():
        pass

    running = coroutine()
    assert is_awaitable(running) is True
    running.close()
    for value in (None, 1, "a", coroutine):
        assert is_awaitable(value) is False


# --- async handlers ---


def test_async_handler_gets_its_next_event_when_it_has_finished_with_the_last():
    async def main():
        log, gate = [], asyncio.Event()

        async def handler(event):
            log.append("began " + event.data)
            await gate.wait()
            log.append("ended " + event.data)

        made = handlers(handler, lambda event: log.append("plain " + event.data))
        give(made, "a", "b")
        await turns()
        assert log == ["plain a", "plain b", "began a"]
        gate.set()
        await turns()
        assert log[3:] == ["ended a", "began b", "ended b"]
        give(made, "c")
        await turns()
        assert log[6:] == ["plain c", "began c", "ended c"]

    asyncio.run(main())


def test_async_handler_without_arguments_and_one_that_is_partial():
    async def main():
        log = []

        async def nothing():
            log.append("nothing")

        async def with_event(name, event):
            await asyncio.sleep(0)
            log.append(name + event.data)

        made = handlers(nothing, functools.partial(with_event, "x"))
        give(made, "a", "b")
        await turns()
        return log

    assert sorted(asyncio.run(main())) == ["nothing", "nothing", "xa", "xb"]


def test_exception_of_an_async_handler_is_shown_and_its_next_event_comes(shown):
    async def main():
        log = []

        async def handler(event):
            await asyncio.sleep(0)
            log.append(event.data)
            raise KeyError(event.data)

        give(handlers(handler), "a", "b", "c")
        await turns()
        await turns()
        return log

    assert asyncio.run(main()) == ["a", "b", "c"] and [error.args[0] for error in shown] == ["a", "b", "c"]


def test_plain_function_among_async_calls_that_raises_is_shown(shown):
    """A handler may give back something to wait for now and raise the next time."""

    async def main():
        log = []

        def handler(event):
            log.append(event.data)
            if event.data == "b":
                raise KeyError("b")
            return asyncio.sleep(0) if event.data != "c" else None

        give(handlers(handler), "a", "b", "c", "d")
        await turns()
        return log

    assert asyncio.run(main()) == ["a", "b", "c", "d"] and [error.args[0] for error in shown] == ["b"]


def test_plain_value_that_comes_instead_of_a_coroutine_is_of_no_interest(shown):
    async def main():
        log = []

        def handler(event):
            log.append(event.data)
            return asyncio.sleep(0) if event.data == "a" else event.data

        give(handlers(handler), "a", "b", "c")
        await turns()
        return log

    assert asyncio.run(main()) == ["a", "b", "c"] and shown == []


def test_handler_that_becomes_async_is_awaited():
    async def main():
        log = []

        async def later(event):
            await asyncio.sleep(0)
            log.append("later " + event.data)

        def handler(event):
            log.append(event.data)
            return later(event) if event.data == "b" else None

        give(handlers(handler), "a", "b", "c")
        await turns()
        return log

    assert asyncio.run(main()) == ["a", "b", "later b", "c"]


def test_handler_that_had_finished_may_replace_itself_in_its_next_call(shown):
    async def main():
        log = []
        made = handlers()

        async def old(event):
            log.append("old " + event.data)
            if event.data == "b":
                made.set_single("message", lambda event: log.append("new " + event.data))
            await asyncio.sleep(0)

        made.set_single("message", old)
        for text in "abc":
            give(made, text)
            await turns()
        return log

    assert asyncio.run(main()) == ["old a", "old b", "new c"] and shown == []


def test_handler_whose_wait_was_cancelled_gets_its_next_event(shown):
    async def main():
        log, waits = [], []

        async def handler(event):
            log.append(event.data)
            waits.append(asyncio.get_running_loop().create_future())
            await waits[-1]

        give(handlers(handler), "a", "b")
        await turns()
        waits[0].cancel()
        await turns()
        return log

    assert asyncio.run(main()) == ["a", "b"] and shown == []


def test_future_that_a_handler_gives_back_is_waited_for(shown):
    async def main():
        log = []
        future = asyncio.get_running_loop().create_future()

        def handler(event):
            log.append(event.data)
            return future

        give(handlers(handler), "a", "b")
        await turns()
        assert log == ["a"]
        future.set_exception(KeyError("of the future"))
        await turns()
        return log

    assert asyncio.run(main()) == ["a", "b"]
    assert [error.args[0] for error in shown] == ["of the future", "of the future"]


def test_no_task_is_kept_after_its_handler_has_finished():
    async def main():
        async def handler(event):
            await asyncio.sleep(0)

        give(handlers(handler), "a", "b")
        assert len(module._running) == 1
        await turns()
        assert len(module._running) == 0

    asyncio.run(main())


def test_async_handler_that_is_removed_still_gets_what_waits_for_it():
    async def main():
        log = []

        async def handler(event):
            await asyncio.sleep(0)
            log.append(event.data)

        made = handlers(handler)
        give(made, "a", "b")
        made.remove("message", handler)
        give(made, "c")
        await turns()
        return log

    assert asyncio.run(main()) == ["a", "b"]


def test_handler_that_was_idle_is_replaced_at_once():
    log = []
    made = handlers()
    made.set_single("message", lambda event: log.append("old " + event.data))
    give(made, "a")
    made.set_single("message", lambda event: log.append("new " + event.data))
    give(made, "b")
    assert log == ["old a", "new b"]


def test_handler_that_removes_itself_before_it_awaits_leaves_what_waits_to_nobody():
    """In JavaScript it would be removed before the next event."""

    async def main():
        log = []
        made = handlers()

        async def handler(event):
            log.append(event.data)
            if event.data == "b":
                made.set_single("message", None)
            await asyncio.sleep(0)

        made.set_single("message", handler)
        give(made, "a", "b", "c")
        await turns()
        give(made, "d")
        await turns()
        return log

    assert asyncio.run(main()) == ["a", "b"]


# --- as on MicroPython ---


def test_promise_and_task_are_awaitable_on_micropython(monkeypatch):
    monkeypatch.setattr(module, "MICROPYTHON", True)

    async def coroutine():
        pass

    async def main():
        running, task = coroutine(), asyncio.create_task(coroutine())
        promise = SimpleNamespace(then=print)
        found = [is_awaitable(value) for value in (running, promise, task, None, 1, coroutine, SimpleNamespace())]
        running.close()
        await task
        return found

    assert asyncio.run(main()) == [True, True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [(["main.py"], True), (["functools.py", "main.py"], True), (["main.py", "main.py"], False), ([], False)],
)
def test_on_micropython_the_text_of_the_traceback_says_whether_the_call_was_wrong(monkeypatch, frames, expected):
    """It has no other way. Its functools.partial is a frame of its own."""
    error = TypeError("function takes 0 positional arguments but 1 were given")

    def print_exception(raised, file):
        assert raised is error
        lines = [f'  File "{name}", line 1, in f' for name in frames]
        file.write("\n".join(["Traceback (most recent call last):", *lines, f"TypeError: {raised}", ""]))

    monkeypatch.setattr(module, "MICROPYTHON", True)
    monkeypatch.setattr(module, "print_exception", print_exception)
    assert raised_by_the_call(error) is expected


def test_handler_that_had_to_wait_for_another_holds_up_nobody_later():
    async def main():
        log = []
        made = handlers()

        async def first(event):
            await asyncio.sleep(0)
            log.append("first " + event.data)

        made.set_single("message", first)
        give(made, "a", "b")
        made.set_single("message", lambda event: log.append("second " + event.data))
        give(made, "c")
        await turns()
        made.set_single("message", lambda event: log.append("third " + event.data))
        give(made, "d")
        return log

    assert asyncio.run(main()) == ["first a", "first b", "second c", "third d"]
