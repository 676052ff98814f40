"""Every number of the public API is checked alike."""

import math

import pytest

from browserws._pure import numbers


@pytest.mark.parametrize("value", ["1", None, True, [], 1j])
def test_what_is_no_number_is_a_type_error(value):
    with pytest.raises(TypeError, match="timeout must be a number, not"):
        numbers.check("timeout", value)


def test_nan_is_refused_as_every_comparison_with_it_is_false():
    for check in (numbers.check, numbers.limit, numbers.delay):
        with pytest.raises(ValueError, match="timeout must be a number, not nan"):
            check("timeout", math.nan)


def test_too_small_a_number_is_refused():
    for check in (numbers.check, numbers.limit, numbers.delay):
        with pytest.raises(ValueError, match="timeout must be at least 0, not -0.5"):
            check("timeout", -0.5)
    numbers.check("timeout", 0)
    numbers.check("timeout", -1, None)
    with pytest.raises(ValueError, match="at least 1"):
        numbers.check("timeout", 0, 1)


def test_a_limit_that_is_infinite_is_none():
    assert numbers.limit("timeout", math.inf) is None
    assert numbers.limit("timeout", None) is None
    assert numbers.limit("timeout", 0) == 0 and numbers.limit("timeout", 1e300) == 1e300


def test_a_delay_is_at_most_what_asyncio_takes_everywhere():
    assert numbers.delay("delay", 2**29) == numbers.delay("delay", math.inf) == 2**29 - 1
    assert numbers.delay("delay", math.inf, 1000) == (2**29 - 1) / 1000
    assert numbers.delay("delay", 5) == numbers.delay("delay", 5, 1000) == 5
