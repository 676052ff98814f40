"""2,000 clients that lost their server at once come back one by one, because of the jitter.

(After an outage of a few seconds most come back within the first two: their delays had no time to grow.)
"""

from statistics import mean

import pytest

from tests.faults.herd import CLIENTS, reconnects, window


@pytest.mark.parametrize("down", [20.0, 60.0, 300.0])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_second_sees_more_than_three_times_the_mean(down, seed):
    counts = window(reconnects(jitter=True, down=down, seed=seed))
    assert sum(counts) == CLIENTS
    assert max(counts) <= 3 * mean(counts)


def test_without_jitter_they_come_all_at_once():
    assert max(window(reconnects(jitter=False))) == CLIENTS
