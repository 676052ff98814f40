import math

import pytest

from browserws._pure.options import CHANNELS_DEFAULTS, DEFAULTS, ChannelsOptions, Options
from browserws._pure.protocol import MAX_PENDING

NUMBERS = [name for name, value in DEFAULTS.items() if type(value) in (int, float)]


def test_what_is_not_given_has_its_default():
    options = Options({"max_retries": 3})
    assert options.max_retries == 3
    assert all(getattr(options, name) == value for name, value in DEFAULTS.items() if name != "max_retries")
    assert Options().connect_timeout == 10_000


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"reconect_interval": 1}, "reconect_interval"),
        ({"reconnect_interval": "1"}, "reconnect_interval must be a number"),
        ({"jitter": 0.5}, "jitter is True or False"),
        ({"should_reconnect": 1}, "should_reconnect must be a function"),
        ({"max_retries": True}, "max_retries"),
        ([], "options must be a dict"),
    ],
)
def test_wrong_types_are_refused(given, text):
    with pytest.raises(TypeError, match=text):
        Options(given)


@pytest.mark.parametrize(
    "given",
    [
        {"reconnect_interval": -1},
        {"reconnect_decay": 0.5},
        {"max_retries": -2},
        {"connect_timeout": 0},
        {"max_reconnect_interval": 10},
        {"reconnect_decay": math.inf},
        {"max_retries": 2.5},
        {"max_queue_messages": -1},
        {"close_timeout": 0.5},
    ],
)
def test_values_that_make_no_sense_are_refused(given):
    with pytest.raises(ValueError, match="must"):
        Options(given)


@pytest.mark.parametrize("name", NUMBERS)
def test_nan_is_refused_everywhere(name):
    with pytest.raises(ValueError, match=f"{name} must be a number, not nan"):
        Options({name: math.nan})


@pytest.mark.parametrize("name", [name for name, value in CHANNELS_DEFAULTS.items() if type(value) is int])
def test_the_numbers_of_channels_are_checked_in_the_same_place(name):
    for value, kind in ((math.nan, ValueError), (-1, ValueError), ("1", TypeError)):
        with pytest.raises(kind, match=f"{name} must be"):
            ChannelsOptions({name: value})


@pytest.mark.parametrize("name", [name for name in NUMBERS if name != "reconnect_decay"])
def test_infinity_is_no_limit(name):
    options = Options({name: math.inf, "max_reconnect_interval": math.inf})
    assert getattr(options, name) >= 2**28 - 1


def test_delays_are_at_most_what_a_timer_takes():
    """A longer one would end at once."""
    options = Options({"reconnect_interval": 1e10, "max_reconnect_interval": math.inf})
    assert options.reconnect_interval == options.max_reconnect_interval == 2**28 - 1


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ([], TypeError, "options must be a dict, not list"),
        ({"token": 1}, TypeError, "token must be a str, or a function that returns one, not int"),
        ({"codec": 1}, TypeError, "codec has no 'encode'"),
        ({"user": ""}, ValueError, "a user's name"),
        ({"max_pending": MAX_PENDING + 1}, ValueError, "max_pending must be at most 2000"),
        ({"timeut": 1}, TypeError, "unknown option 'timeut': options are .*auto_connect.*, timeout, token"),
    ],
)
def test_options_that_channels_cannot_have_are_refused(given, kind, text):
    with pytest.raises(kind, match=text):
        ChannelsOptions(given)


@pytest.mark.parametrize("name", ["user", "token", "heartbeat", "codec"])
def test_none_is_the_same_as_not_given(name):
    assert getattr(ChannelsOptions({name: None}), name) is None


def test_channels_take_what_the_hub_remembers_and_hand_on_what_is_the_sockets():
    options = ChannelsOptions({"max_pending": MAX_PENDING, "jitter": False, "token": str})
    assert options.max_pending == MAX_PENDING and options.token is str
    assert options.of_the_connection == {"jitter": False}
    assert ChannelsOptions().max_pending == CHANNELS_DEFAULTS["max_pending"]


@pytest.mark.parametrize("name", ["min_uptime", "max_queue_messages", "max_queue_bytes"])
def test_limit_may_be_nothing_and_no_less(name):
    assert getattr(Options({name: 0}), name) == 0
    with pytest.raises(ValueError, match=f"^{name} must be at least 0, not -1$"):
        Options({name: -1})


def test_delays_may_stay_as_they_are_and_never_shrink():
    assert Options({"reconnect_decay": 1}).reconnect_decay == 1
    with pytest.raises(ValueError, match="^reconnect_decay must be at least 1, not 0.9$"):
        Options({"reconnect_decay": 0.9})
