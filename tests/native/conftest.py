"""The server of the conformance suite, on a port of its own, for the whole session."""

import pytest
import scenarios

from tools.server import Site


@pytest.fixture(scope="session")
def site():
    with Site({}, scenarios.serve, **scenarios.OPTIONS) as site:
        yield site


@pytest.fixture
def server(site):
    """Where the scenarios are: `server + "/echo"`."""
    return f"ws://localhost:{site.port}"
