"""`Answer`: it can be awaited, mapped and ignored, before and after it has come."""

import asyncio

import pytest

from browserws.answer import Answer


def settled(value=None, error=None):
    told = []
    answer = Answer(told.append)
    answer.settle(value, error)
    return answer, told


def test_map_of_an_answer_that_has_come_has_come():
    """A codec may answer before the call returns: whoever maps then would wait for ever."""
    answer, _ = settled(20)
    assert asyncio.run(answer.map(lambda value: value + 1).wait()) == 21


def test_map_of_an_answer_that_is_to_come_comes_with_it():
    answer = Answer(pytest.fail)
    mapped = answer.map(lambda value: value + 1)
    assert not mapped.done
    answer.settle(20)
    assert asyncio.run(mapped.wait()) == 21


@pytest.mark.parametrize("late", [False, True])
def test_failure_goes_through_map_and_is_reported_once(late):
    told = []
    answer = Answer(told.append)
    error = KeyError("refused")
    if late:
        answer.settle(None, error)
    mapped = answer.map(pytest.fail)
    if not late:
        answer.settle(None, error)
    assert told == [error]
    with pytest.raises(KeyError):
        asyncio.run(mapped.wait())


def test_failure_that_somebody_waits_for_is_not_reported():
    told = []
    answer = Answer(told.append)

    async def main():
        waiting = asyncio.create_task(answer.wait())
        await asyncio.sleep(0)
        answer.settle(None, KeyError("refused"))
        with pytest.raises(KeyError):
            await waiting

    asyncio.run(main())
    assert told == []


def test_wait_that_was_cancelled_leaves_nothing_behind():
    """Else a failure would count as told to somebody who does not wait any more."""
    told = []
    answer = Answer(told.append)

    async def main():
        waiting = asyncio.create_task(answer.wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        answer.settle(None, KeyError("refused"))

    asyncio.run(main())
    assert len(told) == 1


def test_answer_is_done_when_it_has_come():
    answer = Answer(pytest.fail)
    assert answer.done is False
    answer.settle(1)
    assert answer.done is True and asyncio.run(answer.wait()) == 1


def test_failure_of_no_interest_is_not_reported_and_still_raised():
    answer = Answer(pytest.fail)
    answer.ignore()
    answer.settle(None, KeyError("refused"))
    with pytest.raises(KeyError):
        asyncio.run(answer.wait())


def test_failure_that_somebody_mapped_is_reported_by_that():
    """Once: by the answer that nobody waits for."""
    told = []
    answer = Answer(lambda error: told.append(error))
    one, other = answer.map(str), answer.map(str)
    error = KeyError("refused")
    answer.settle(None, error)
    assert told == [error, error] and one.done and other.done
    with pytest.raises(KeyError):
        asyncio.run(one.map(str).wait())
    assert told == [error, error]


def test_all_that_wait_get_the_answer():
    async def main():
        answer, got = Answer(pytest.fail), []

        async def wait(name):
            got.append((name, await answer))

        tasks = [asyncio.create_task(wait(name)) for name in "ab"]
        await asyncio.sleep(0)
        answer.map(lambda value: got.append(("mapped", value)))
        answer.settle(1)
        await asyncio.wait(tasks)
        return got

    assert sorted(asyncio.run(main())) == [("a", 1), ("b", 1), ("mapped", 1)]


def test_function_of_map_that_raises_is_the_failure_of_its_answer():
    told, others = [], []
    answer = Answer(told.append)
    mapped = answer.map(lambda value: value / 0)
    answer.map(others.append)
    answer.settle(20)
    assert [type(error) for error in told] == [ZeroDivisionError] and others == [20]
    with pytest.raises(ZeroDivisionError):
        asyncio.run(mapped.wait())
