"""What the package exports, and what it says where there is no browser."""

import ast
import inspect
import subprocess
import sys

import pytest

import browserws
from tools.paths import ROOT


def test_every_exported_name_is_there_and_explained():
    for name in browserws.__all__:
        thing = getattr(browserws, name)
        if inspect.isclass(thing):
            assert thing.__doc__, name


def test_every_public_member_of_websocket_is_explained():
    for name, member in vars(browserws.WebSocket).items():
        if not name.startswith("_") and not name.startswith("on") and not isinstance(member, int):
            assert member.__doc__, name


def surface(thing):
    return {name: getattr(thing, name) for name in dir(thing) if not name.startswith("_")}


def test_a_reliable_websocket_has_all_that_a_websocket_has():
    """So that it can be put in the other's place; it may have more."""
    ours = surface(browserws.ReliableWebSocket)
    for name, theirs in surface(browserws.WebSocket).items():
        assert type(ours.get(name)) is type(theirs), name
        if isinstance(theirs, property):
            assert (ours[name].fset is None) == (theirs.fset is None), name
        elif callable(theirs):
            parameters = list(inspect.signature(ours[name]).parameters.values())
            expected = list(inspect.signature(theirs).parameters.values())
            names = [(one.name, one.default) for one in parameters]
            assert names[: len(expected)] == [(one.name, one.default) for one in expected], name
            assert all(one.default is not one.empty for one in parameters[len(expected) :]), name
        elif name != "EVENTS":
            assert ours[name] == theirs, name
    assert set(browserws.WebSocket.EVENTS) <= set(browserws.ReliableWebSocket.EVENTS)


def test_what_is_imported_from_pyscript_is_there():
    """`from pyscript.websocket import WebSocket, WebSocketEvent` with the module's name changed."""
    from browserws.websocket import WebSocket, WebSocketEvent

    assert (WebSocket, WebSocketEvent) == (browserws.WebSocket, browserws.WebSocketEvent)


def test_without_a_browser_it_is_not_supported_and_says_why(no_host):
    with pytest.raises(NotImplementedError, match="needs a browser, and this is cpython") as error:
        browserws.WebSocket("ws://localhost/")
    assert 'pip install "browserws[native]"' in str(error.value)


@pytest.mark.parametrize("missing", ["websockets", "browserws.native"])
def test_what_a_program_needs_can_be_missing(missing):
    script = f"import sys; sys.modules[{missing!r}] = None; import browserws; print(browserws.supported)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "False\n", done.stderr


# What an import of one name does not wait for.
UNUSED = {
    "connect": ["answer", "channels", "events", "reconnections", "reliable", "websocket", "_host.refused",
                "_pure.outgoing", "_pure.unsupported", "_runtime.handlers", "_runtime.target"],
    "WebSocket": ["answer", "channels", "client", "connection", "reliable", "state", "_runtime.signal"],
    "ConnectionClosed": ["events", "websocket", "_host"],
}  # fmt: skip


@pytest.mark.parametrize("name", UNUSED)
def test_what_is_not_used_is_not_imported(name):
    script = f"""
import sys
sys.modules["browserws.native"] = None  # as in a page
from browserws import {name}
print([name for name in sys.modules if "browserws" in name])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert {f"browserws.{module}" for module in UNUSED[name]}.isdisjoint(ast.literal_eval(done.stdout))


def test_all_names_can_be_seen_before_they_are_used():
    """As a console completes them."""
    script = "import browserws; print({*browserws.__all__, '__version__'} <= set(dir(browserws)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "True\n", done.stderr
