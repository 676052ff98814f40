"""Imports browserws and opens a connection, and imports some of PyScript's modules, which are about a third as long, to
compare the imports; driver.js opens a connection in raw JavaScript, where there is nothing to import."""

import sys

import js

PEERS = ["pyscript." + name for name in ("fetch", "flatted", "media", "storage", "web", "websocket")]

begun = js.performance.now()
from browserws import connect

imported = js.performance.now()
ws = await connect("/idle")
opened = js.performance.now()
for name in PEERS:
    sys.modules.pop(name, None)  # PyScript has imported some
again = js.performance.now()
for name in PEERS:
    __import__(name)
js.bench.opened = js.Array.of(imported - begun, opened - begun, js.performance.now() - again)
await ws.close()
