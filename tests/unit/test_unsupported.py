"""Arguments of `connect()` that a browser cannot honour are accepted only where ignoring them changes nothing."""

import pytest

from browserws._pure.unsupported import ARGUMENTS, refuse


def test_values_that_change_nothing_are_accepted_by_what_they_are():
    for name, (harmless, _) in ARGUMENTS.items():
        for value in harmless:
            refuse({name: value})
    refuse({"additional_headers": {}, "extra_headers": [], "compression": "".join(["de", "flate"]), "family": 0})


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("value", [1, b"", "x", [()], object()])
def test_other_values_are_refused_with_the_reason(name, value):
    with pytest.raises(TypeError) as error:
        refuse({"ssl": None, name: value})
    assert str(error.value) == f"connect() cannot take {name}={value!r} in a browser: {ARGUMENTS[name][1]}"


@pytest.mark.parametrize(("name", "value"), [("proxy", 1), ("family", False), ("unix", 0)])
def test_what_is_only_equal_is_something_else(name, value):
    with pytest.raises(TypeError, match="cannot take"):
        refuse({name: value})


def test_unknown_argument_is_refused_as_python_does():
    with pytest.raises(TypeError, match=r"connect\(\) got an unexpected keyword argument 'colour'"):
        refuse({"colour": "red"})
