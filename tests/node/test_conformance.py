"""The conformance suite in Pyodide and MicroPython in Node, which has a WebSocket since version 22 and no page."""

import pytest
import suite

from tests.names import conformance_names

NODES = ("node-22", "node-24")
# What Node cannot do: subprotocols that differ in case are the same to it, and its handshake never ends.
LACKS = {"test_opening::test_repeated_subprotocols_and_wrong_types_are_refused": suite.TIMED_OUT}


@pytest.mark.parametrize("name", conformance_names())
@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("interpreter", ["pyodide", "micropython"])
def test_conformance(runners, interpreter, node, name):
    failure = runners(interpreter, node).run(name)
    assert failure.split("\n")[0] == LACKS.get(name, ""), failure


@pytest.mark.parametrize("name", [name for name in conformance_names() if "bytes" in name])
def test_bytes_in_an_old_browser(runners, name):
    """On MicroPython, where JavaScript has neither `toHex` nor `Buffer`, as in browsers before 2025."""
    failure = runners("micropython", "node-22", "Buffer").run(name)
    assert failure == "", failure
