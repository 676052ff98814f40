import asyncio
import contextvars

import pytest

from browserws._runtime.signal import Signal

name = contextvars.ContextVar("name")


def in_a_callback(function):
    asyncio.get_running_loop().call_soon(function)


def test_the_task_goes_on_inside_set():
    async def main():
        signal = Signal()
        seen = []

        async def reader():
            await signal.wait()
            seen.append("read")

        def callback():
            signal.set()
            seen.append("set")

        task = asyncio.create_task(reader())
        await asyncio.sleep(0)
        in_a_callback(callback)
        await task
        return seen

    assert asyncio.run(main()) == ["read", "set"]


def test_a_task_that_sets_it_is_not_interrupted():
    async def main():
        signal = Signal()
        seen = []

        async def reader():
            await signal.wait()
            seen.append("read")

        task = asyncio.create_task(reader())
        await asyncio.sleep(0)
        signal.set()
        signal.set()
        seen.append("set")
        await task
        return seen

    assert asyncio.run(main()) == ["set", "read"]


def test_set_without_a_waiter_is_forgotten():
    async def main():
        signal = Signal()
        signal.set()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(signal.wait(), 0.01)
        in_a_callback(signal.set)
        await signal.wait()

    asyncio.run(main())


def test_who_waits_gets_what_was_set_and_set_tells_whether_anybody_did():
    async def main():
        signal = Signal()
        assert not signal.set("lost")
        task = asyncio.ensure_future(signal.wait())
        await asyncio.sleep(0)
        assert signal.set("given") and not signal.set("lost")
        assert await task == "given" and signal.value is None
        in_a_callback(signal.set)
        assert await signal.wait() is None

    asyncio.run(main())


def test_who_is_cancelled_leaves_what_was_set():
    async def main():
        signal = Signal()
        task = asyncio.ensure_future(signal.wait())
        await asyncio.sleep(0)
        signal.set("given")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert signal.value == "given"

    asyncio.run(main())


@pytest.mark.parametrize("set_first", [False, True])
def test_cancelled(set_first):
    """Also in the turn in which it was set: then the cancellation wins, as with asyncio's own."""

    async def main():
        signal = Signal()
        task = asyncio.ensure_future(signal.wait())
        await asyncio.sleep(0)
        if set_first:
            signal.set()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        in_a_callback(signal.set)
        await signal.wait()

    asyncio.run(main())


def test_the_task_keeps_its_context_and_is_the_current_one():
    async def main():
        signal = Signal()

        async def reader():
            name.set("reader")
            await signal.wait()
            return name.get(), asyncio.current_task()

        task = asyncio.create_task(reader())
        await asyncio.sleep(0)
        name.set("main")
        in_a_callback(signal.set)
        assert await task == ("reader", task)

    asyncio.run(main())


def test_an_exception_of_the_task_does_not_reach_who_sets():
    async def main():
        signal = Signal()

        async def reader():
            await signal.wait()
            raise LookupError

        task = asyncio.create_task(reader())
        await asyncio.sleep(0)
        done = asyncio.get_running_loop().create_future()
        in_a_callback(lambda: (signal.set(), done.set_result("set")))
        assert await done == "set"
        with pytest.raises(LookupError):
            await task

    asyncio.run(main())


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_exit_of_the_task_reaches_the_loop_and_not_who_sets(kind):
    """As where the loop itself runs the task: who sets has other messages to hand over."""
    seen = []

    async def main():
        signal = Signal()

        async def reader():
            await signal.wait()
            seen.append("read")
            raise kind

        def callback():
            signal.set()
            seen.append("set")

        task = asyncio.create_task(reader())
        await asyncio.sleep(0)
        in_a_callback(callback)
        await asyncio.gather(task, return_exceptions=True)

    with pytest.raises(kind):
        asyncio.run(main())
    assert seen == ["read", "set"]
