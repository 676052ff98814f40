"""Delays between attempts."""

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from browserws._pure.backoff import delays


def first(count, *arguments, **options):
    return list(itertools.islice(delays(*arguments, **options), count))


def test_caps_grow_up_to_the_maximum():
    assert first(7, lambda: 1.0) == [1, 2, 4, 8, 16, 30, 30]
    assert first(4, lambda: 1.0, initial=0.5, maximum=3, factor=3) == [0.5, 1.5, 3, 3]


def test_jitter_is_full():
    """Each delay is anywhere between nothing and its cap, or a herd would come back together."""
    assert first(3, lambda: 0.0) == [0, 0, 0]
    chance = random.Random(1).random
    spread = [first(6, chance)[5] for _ in range(2000)]
    assert min(spread) < 1 and max(spread) > 29 and 14 < sum(spread) / len(spread) < 16


@given(st.randoms(), st.integers(1, 50))
def test_no_delay_leaves_its_bounds(dice, count):
    for number, delay in enumerate(first(count, dice.random)):
        assert 0 <= delay <= min(30, 2**number)
