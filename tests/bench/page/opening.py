"""Imports browserws and opens a connection; driver.js does the same work in raw JavaScript."""

import js

begun = js.performance.now()
from browserws import connect

imported = js.performance.now()
ws = await connect("/idle")
js.bench.opened = js.Array.of(imported - begun, js.performance.now() - begun)
await ws.close()
