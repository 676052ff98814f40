"""Which server the hub runs in, on which event loop, and with which Redis."""

from tests.server import over
from tests.server.process import HubProcess


def pytest_addoption(parser):
    parser.addoption("--over", choices=over.SERVERS, default="websockets", help="the server that the hub runs in")
    parser.addoption("--loop", choices=over.LOOPS, default="asyncio", help="the event loop that it runs on")
    parser.addoption("--redis", choices=over.REDISES, default="one", help="the Redis that the hub's store uses")


def pytest_configure(config):
    over.serving = over.SERVERS[config.getoption("over")]
    HubProcess.engine = "picows" if config.getoption("over") == "picows" else "websockets"
    over.loop_factory = over.LOOPS[config.getoption("loop")]
    over.redis = over.REDISES[config.getoption("redis")]


def pytest_collection_modifyitems(config, items):
    """Tests that are about another server are no tests of this one."""
    reasons = over.NOT_OVER.get(config.getoption("over"), {}) | over.NOT_WITH.get(config.getoption("redis"), {})
    items[:] = [item for item in items if item.originalname not in reasons]
