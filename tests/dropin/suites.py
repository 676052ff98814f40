"""The foreign suites: whose they are, where they come from, and how they are run."""

from dataclasses import dataclass, field

PYTEST = ["pytest==9.1.1", "pytest-timeout==2.4.0", "h11==0.16.0"]


@dataclass
class Suite:
    """`source` is the requirement of an sdist on PyPI, or `debian:RELEASE/SOURCE`. `tests` are files, or patterns for
    them, in its folder `tests`; `plugins` are those of pytest."""

    name: str
    source: str
    packages: list[str]
    tests: list[str]
    plugins: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


SUITES = [
    Suite(
        "gql",
        "gql==4.4.0",
        ["gql[websockets,aiohttp,botocore]==4.4.0", "websockets==17.4", "aiohttp==3.14.5"]
        + ["pytest-asyncio==1.4.0", "pytest-console-scripts==1.4.1", "parse", "packaging"],
        [
            "test_websocket_*.py",
            "test_websockets_*.py",
            "test_graphqlws_*.py",
            "test_aiohttp_websocket_*.py",
            "test_phoenix_*.py",
            "test_appsync_websockets.py",
        ],
        ["pytest_asyncio.plugin", "pytest_console_scripts"],
        ["--ignore=tests/test_websocket_online.py"],
        {"STANDIN_SUBPROTOCOLS": "first", "GQL_TESTS_TIMEOUT_FACTOR": "4"},
    ),
    Suite(
        "aiohttp",
        "aiohttp==3.14.5",
        ["aiohttp==3.14.5", "websockets==17.4", "pytest-mock==3.17.0"],
        ["test_client_ws_functional.py"],
        ["pytest_mock"],
        ["-o", "filterwarnings=ignore:aiohttp.pytest_plugin:DeprecationWarning"],
    ),
    Suite(
        "httpx-ws",
        "httpx-ws==0.9.0",
        ["httpx-ws==0.9.0", "websockets==17.4", "aiohttp==3.14.5", "starlette==1.10.0", "uvicorn==0.54.0", "trio"],
        ["test_api.py"],
        ["anyio.pytest_plugin"],
        ["-k", "not trio and not KeepalivePing"],  # another event loop; tests of a fake stream, which depend on time
        {"STANDIN_UNIX": "socket"},
    ),
    Suite(
        "websockets",
        "debian:trixie/python-websockets",  # its sdist has no tests of connections
        ["websockets==15.0.1"],
        ["asyncio/test_client.py", "legacy/test_client_server.py"],
        environment={"WEBSOCKETS_TESTS_TIMEOUT_FACTOR": "20", "STANDIN_TRUST": "tests.utils:CLIENT_CONTEXT"},
    ),
]
