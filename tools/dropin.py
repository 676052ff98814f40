"""Writes the table of docs/how-to/dropin.md from what tests of libraries promise:  python -m tools.dropin

Each entry is the docstring of a function of tests/browser/pages/dropin/, which tests/browser/test_dropin.py runs.
"""

import ast
import re

from .foreign import version
from .paths import ROOT

PAGES = ROOT / "tests" / "browser" / "pages" / "dropin"
DOCS = ROOT / "docs" / "how-to" / "dropin.md"
BLOCK = re.compile(r"(<!-- python -m tools.dropin writes this -->\n\n).*?(<!-- to here -->)", re.DOTALL)

# The library, the folder of tools/foreign.py that has it, and the file that says what works and what is refused.
SUITES = [
    ("websockets", "older", "lib_websockets"),
    ("websockets", "newest", "lib_websockets"),
    ("websockets.sync", "older", "lib_websockets_sync"),
    ("websockets.sync", "newest", "lib_websockets_sync"),
    ("aiohttp", "newest", "lib_aiohttp"),
    ("python-socketio", "newest", "lib_socketio"),
    ("python-socketio", "newest", "lib_flask_socketio"),
    ("gql", "newest", "lib_gql"),
    ("httpx-ws", "newest", "lib_httpx_ws"),
    ("nats-py", "newest", "lib_nats"),
    ("websocket-client", "newest", "lib_websocket_client"),
    ("centrifuge-python", "newest", "lib_centrifuge"),
    ("paho-mqtt", "newest", "lib_paho"),
    ("aiomqtt", "newest", "lib_aiomqtt"),
    ("openai", "services", "lib_openai"),
    ("realtime", "services", "lib_realtime"),
    ("deepgram-sdk", "services", "lib_deepgram"),
    ("httpx2", "services", "lib_httpx2"),
    ("web3", "web3", "lib_web3"),
    ("signalrcore", "threads", "lib_signalrcore"),
    ("slack-sdk", "threads", "lib_slack"),
    ("ably", "threads", "lib_ably"),
    ("python-socketio", "threads", "lib_socketio_sync"),
    ("simple-websocket", "threads", "lib_threads"),
]


def promises(file):
    """Name and docstring of each function that says something works, or, as its name begins with it, refuses it."""
    for node in ast.parse((PAGES / f"{file}.py").read_text()).body:
        if isinstance(node, ast.AsyncFunctionDef) and ast.get_docstring(node):
            yield node.name, ast.get_docstring(node)


def table():
    lines = ["| library | works | is refused |", "|---|---|---|"]
    for file in dict.fromkeys(file for _, _, file in SUITES):
        names = [f"{library} {version(folder, library)}" for library, folder, other in SUITES if other == file]
        works, refused = [], []
        for name, text in promises(file):
            (refused if name.startswith("refuses") else works).append(text)
        lines.append(f"| {', '.join(names)} | {' · '.join(works)} | {' · '.join(refused)} |")
    return "\n".join(lines) + "\n"


def docs_text():
    """docs/how-to/dropin.md as it should be."""
    text, count = BLOCK.subn(lambda match: match[1] + table() + "\n" + match[2], DOCS.read_text())
    assert count == 1, "docs/how-to/dropin.md has lost the mark of its table"
    return text


if __name__ == "__main__":
    DOCS.write_text(docs_text())
