"""Runs source that a test hands in."""

import js
from pyscript.ffi import create_proxy

js.runSource = create_proxy(lambda source: exec(source, {}))
print("empty")
