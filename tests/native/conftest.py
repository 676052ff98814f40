"""The server of the conformance suite, on a port of its own, for the whole session."""

import pytest
import scenarios

from tools.server import Site


@pytest.fixture(scope="session")
def site():
    with Site(
        {},
        scenarios.serve,
        refuses=scenarios.refuses,
        holds=scenarios.holds,
        select_subprotocol=scenarios.select_subprotocol,
        close_timeout=1,  # of the server: some scenarios leave it without an answer
    ) as site:
        yield site


@pytest.fixture
def server(site):
    """Where the scenarios are: `server + "/echo"`."""
    return f"ws://localhost:{site.port}"
