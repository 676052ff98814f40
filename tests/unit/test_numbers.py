"""Every number of the public API is checked alike."""

import math

import pytest

from browserws._pure import numbers

ALL = (numbers.check, numbers.finite, numbers.whole, numbers.limit, numbers.delay)


class Whole(int):
    pass


class Real(float):
    pass


@pytest.mark.parametrize("value", ["1", None, True, [], 1j])
def test_what_is_no_number_is_a_type_error(value):
    with pytest.raises(TypeError, match="timeout must be a number, not"):
        numbers.check("timeout", value)


def test_nan_is_refused_as_every_comparison_with_it_is_false():
    for check in ALL:
        with pytest.raises(ValueError, match="timeout must be a number, not nan"):
            check("timeout", math.nan)


def test_too_small_a_number_is_refused():
    for check in ALL:
        with pytest.raises(ValueError, match="timeout must be at least 0, not -0.5"):
            check("timeout", -0.5)
    numbers.check("timeout", 0)
    numbers.check("timeout", -1, None)
    with pytest.raises(ValueError, match="at least 1"):
        numbers.check("timeout", 0, 1)
    numbers.check("rate", 0.1, more_than=0)
    with pytest.raises(ValueError, match="rate must be more than 0, not 0"):
        numbers.check("rate", 0, more_than=0)


def test_a_number_of_a_subclass_becomes_a_plain_one():
    """MicroPython computes with one only where it stands on the left."""
    for check in ALL:
        assert type(check("count", Whole(3))) is int and check("count", Whole(3)) == 3
        assert type(check("count", Real(4.0))) is float and check("count", Real(4.0)) == 4
    assert type(numbers.integer("count", Whole(3))) is int
    assert type(numbers.timeout(Real(2.5))) is float


def test_what_must_be_finite_is_not_infinite():
    assert numbers.finite("decay", 2.5) == 2.5
    for value in (math.inf, -math.inf):
        with pytest.raises(ValueError, match="decay must be finite, not -?inf"):
            numbers.finite("decay", value, None)


def test_a_whole_number_may_be_written_as_a_float_or_be_without_end():
    assert numbers.whole("count", 1e6) == 1_000_000 and numbers.whole("count", math.inf) == math.inf
    with pytest.raises(ValueError, match="count must be a whole number, not 2.5"):
        numbers.whole("count", 2.5)


def test_an_integer_is_no_float_and_within_its_bounds():
    assert numbers.integer("offset", 1, 1, 9) == 1 and numbers.integer("offset", 9, 1, 9) == 9
    assert numbers.integer("code", -1, None) == -1
    assert numbers.integer("count", 0) == 0
    with pytest.raises(ValueError, match="^count must be at least 0, not -1$"):
        numbers.integer("count", -1)
    for value in (1.0, "1", None, True):
        with pytest.raises(TypeError, match="offset must be an? (int|number), not"):
            numbers.integer("offset", value)
    with pytest.raises(ValueError, match="offset must be at least 1, not 0"):
        numbers.integer("offset", 0, 1)
    with pytest.raises(ValueError, match="offset must be at most 9, not 10"):
        numbers.integer("offset", 10, 1, 9)


def test_the_timeout_of_a_call_is_seconds_and_comes_out_in_ms():
    assert numbers.timeout(0.25) == 250 and numbers.timeout(-1) == numbers.timeout(-math.inf) == 0
    assert numbers.timeout(None) is numbers.timeout(math.inf) is None
    with pytest.raises(TypeError, match="timeout must be a number, not str"):
        numbers.timeout("1")
    with pytest.raises(ValueError, match="timeout must be a number, not nan"):
        numbers.timeout(math.nan)


def test_a_limit_that_is_infinite_is_none():
    assert numbers.limit("timeout", math.inf) is None
    assert numbers.limit("timeout", None) is None
    assert numbers.limit("timeout", 0) == 0 and numbers.limit("timeout", 1e300) == 1e300


def test_a_delay_is_at_most_what_asyncio_takes_everywhere():
    assert numbers.delay("delay", 2**28) == numbers.delay("delay", math.inf) == 2**28 - 1
    assert numbers.delay("delay", math.inf, 1000) == (2**28 - 1) / 1000
    assert numbers.delay("delay", 5) == numbers.delay("delay", 5, 1000) == 5
