import pytest

from browserws._pure.options import DEFAULTS, Options


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
    ],
)
def test_values_that_make_no_sense_are_refused(given):
    with pytest.raises(ValueError, match="must"):
        Options(given)
