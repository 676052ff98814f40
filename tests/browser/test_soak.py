"""A minute of a line that is cut each second or so; `make soak` does ten."""

import random

import pytest

from tests.faults.soak import check, soak


@pytest.mark.timeout(300)
def test_a_minute_of_faults(remotes, proxy):
    seed = random.randrange(10**6)
    report = soak(remotes("py"), proxy, 60, random.Random(seed))
    report["seed"] = seed
    print(report)
    check(report)
