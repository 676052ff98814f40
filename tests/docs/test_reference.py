"""Each public name is explained, and has its place in the reference."""

import html
import inspect
import re
from importlib import import_module

import pytest
from sphinx.util.inventory import InventoryFile

import browserws
from browserws.server.__main__ import parser
from browserws.server.metrics import Metrics
from browserws.server.settings import Settings
from tools.paths import ROOT

MODULES = [
    "browserws",
    "browserws.client",
    "browserws.codecs",
    "browserws.dropin",
    "browserws.native",
    "browserws.protocols.robyn",
    "browserws.protocols.socketio",
    "browserws.server",
    "browserws.server.robyn",
    "browserws.sync",
    "browserws.testing",
    "browserws.websocket",
]


def public(module):
    """Its `__all__`; where there is none, its own functions and classes."""
    own = [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__ and callable(thing)
    ]
    return getattr(module, "__all__", own)


NAMES = [(name, word) for name in MODULES for word in public(import_module(name))]

each_name = pytest.mark.parametrize(("module", "name"), NAMES, ids=[".".join(pair) for pair in NAMES])


def found(name):
    """What a dotted name of the inventory names; None if it is no Python object that can be had."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing = import_module(".".join(parts[:length]))
            for part in parts[length:]:
                thing = getattr(thing, part)
            return thing
        except (ImportError, AttributeError):
            continue
    return None


@pytest.fixture(scope="module")
def documented(built):
    inventory = InventoryFile.loads((built / "objects.inv").read_bytes(), uri="").data
    return {name: found(name) for kind, names in inventory.items() if kind.startswith("py:") for name in names}


def test_there_are_names():
    assert len(NAMES) > 60
    assert ("browserws.codecs", "PlainCodec") in NAMES


@each_name
def test_each_public_name_stands_in_the_reference(documented, module, name):
    thing = getattr(import_module(module), name)
    assert f"{module}.{name}" in documented or any(thing is other for other in documented.values())


@each_name
def test_each_public_name_is_explained(module, name):
    thing = getattr(import_module(module), name)
    if inspect.isclass(thing) or inspect.isroutine(thing) or inspect.ismodule(thing):
        assert vars(thing).get("__doc__") or thing.__doc__


def words(page):
    """The text of a page, without tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page.read_text())).split())


def test_annotations_in_quotes_read_as_annotations(built):
    """Modules of a page quote what only type checkers import."""
    text = words(built / "reference" / "testing.html")
    assert "server: Callable[[FakeConnection], Awaitable[None]]" in text
    text = words(built / "reference" / "reliable.html")
    assert "send(data: Data, *, volatile: bool = False) → bool" in text
    for page in (built / "reference").glob("*.html"):
        for signature in re.findall(r'<dt class="sig.*?</dt>', page.read_text(), re.DOTALL):
            assert not re.search(r"object at 0x|&lt;function|: &#39;|→ &#39;", signature), (page, signature)


def test_tables_of_docstrings_are_tables(built):
    text = (built / "reference" / "reliable.html").read_text()
    assert re.search(r"<td><p>reconnect_decay</p></td>\s*<td><p>2.0</p></td>", text)


def test_the_options_of_the_hub_are_those_of_its_command(built):
    text = words(built / "reference" / "hub-options.html")
    for action in parser()._actions:
        assert action.option_strings[-1] in text or action.dest == "help"
    assert f"then 1013 ({Settings().max_connections})" in text


def test_the_metrics_are_those_of_the_hub(built):
    text = words(built / "reference" / "metrics.html")
    metrics = Metrics({"frames": 1})
    metrics.refused["too_many"] = metrics.closes["1012"] = 1
    names = re.findall(r"^(browserws_\w+)", metrics.text(), re.MULTILINE)
    assert len(names) > 10
    for name in names:
        assert name in text


def test_the_close_codes_are_those_of_the_code(built):
    text = words(built / "reference" / "close-codes.html")
    constants = [name for name, code in vars(browserws.codes).items() if name.isupper() and isinstance(code, int)]
    assert len(constants) > 20
    for name in constants:
        assert f"{getattr(browserws.codes, name)} {name}" in text


def test_each_option_of_the_types_is_explained():
    """In the docstring of what takes it."""
    explained = " ".join(
        inspect.getdoc(getattr(browserws, name)) for name in ("ReliableWebSocket", "Channels", "LiveDataClient")
    )
    source = (ROOT / "browserws" / "types.py").read_text()
    for name in ("ReliableOptions", "ChannelsOptions", "LiveOptions"):
        body = re.search(rf"class {name}\(.*?\n\n\n?    class|class {name}\(.*", source, re.DOTALL)[0]
        for option in re.findall(r"^        (\w+):", body, re.MULTILINE):
            assert option in explained, option
