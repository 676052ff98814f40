"""The conformance suite in Pyodide in Node, which has a WebSocket since version 22 and no page."""

import pytest

from tests.names import conformance_names

NODES = ("node-22", "node-24")
# What Node cannot do: subprotocols that differ in case are the same to it, and its handshake never ends.
LACKS = {"test_opening::test_repeated_subprotocols_and_wrong_types_are_refused": "timed out after 20 s"}


@pytest.mark.parametrize("name", conformance_names())
@pytest.mark.parametrize("node", NODES)
def test_conformance(runners, node, name):
    failure = runners(node).run(name)
    assert failure == LACKS.get(name, ""), failure
