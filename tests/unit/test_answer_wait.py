"""Waiting for an answer, and no longer waiting for it."""

import asyncio

import pytest

from browserws.answer import Answer


def test_a_failure_after_a_cancelled_wait_is_reported_as_unhandled():
    """Nobody else would hear of it: `asyncio.wait_for(room.publish(...), 1)` that timed out has cancelled the wait."""

    async def main():
        unheard = []
        answer = Answer(unheard.append)
        for _ in range(3):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(answer.wait(), 0.001)
        waiting = asyncio.create_task(answer.wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(0)
        error = KeyError("refused")
        answer.settle(None, error)
        assert unheard == [error]

    asyncio.run(main())


def test_a_failure_that_one_of_two_still_waits_for_is_his():
    async def main():
        unheard = []
        answer = Answer(unheard.append)
        gone, there = (asyncio.create_task(answer.wait()) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        answer.settle(None, KeyError("refused"))
        with pytest.raises(KeyError):
            await there
        assert unheard == []

    asyncio.run(main())
