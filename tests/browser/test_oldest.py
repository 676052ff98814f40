"""The oldest MicroPython that the package runs in, as PyScript 0.6 has it."""

import pytest

from tests.names import conformance_names

MODULES = ("test_opening", "test_messages", "test_handlers", "test_closing", "test_connect")
LARGER_HEAP = {"test_messages::test_message_that_does_not_fit_in_memory_ends_the_connection"}  # there, it fits
NAMES = [name for name in conformance_names() if name.split("::")[0] in MODULES and name not in LARGER_HEAP]


@pytest.mark.parametrize("name", NAMES)
def test_conformance_in_micropython_1_24(runners, name):
    interpreter = "/npm/@micropython/oldest/micropython.mjs"
    failure = runners("oldest", "mpy", worker=False, isolated=True, interpreter=interpreter).run(name)
    assert failure == "", failure
