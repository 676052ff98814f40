"""Serves a program of examples/, its page and the hub, on one port:  python -m tools.example NAME [PORT]"""

import asyncio
import contextlib
import importlib
import sys

from browserws.server import Hub

from .paths import DEMOS, ROOT, RUNTIMES
from .server import Site

EXAMPLES = sorted(file.parent.name for file in (ROOT / "examples").glob("*/server.py"))


def programs(hub, names=EXAMPLES):
    """Those of the examples on a hub, by name; each has a `run` that goes on for ever."""
    return {name: importlib.import_module(f"examples.{name}.server").Program(hub) for name in names}


async def serve(name, port):
    hub = Hub()
    site = Site({**RUNTIMES, "/examples/": ROOT / "examples", **DEMOS}, hub.handle, port=port)
    program = programs(hub, [name])[name]
    async with hub:
        await site.start()
        print(f"The example is at {site.url(f'/examples/{name}/')}   (Ctrl-C ends)", flush=True)
        await program.run()


if __name__ == "__main__":
    if sys.argv[1:2] not in [[name] for name in EXAMPLES]:
        sys.exit(f"Which example? There are {' and '.join(EXAMPLES)}.")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else 8000))
