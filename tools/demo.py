"""Serves the demos and their servers on one port:  python -m tools.demo [PORT]"""

import asyncio
import signal
import sys

from .moody import Moody
from .paths import DIST, ROOT, RUNTIMES
from .server import Site


def runtimes():
    """What demo/switch.js starts PyScript with, by script type."""
    wheel = next(DIST.glob("browserws-*.whl")).name
    return {
        "py": {"interpreter": "/pyodide/pyodide.mjs", "packages": ["browserws"]},
        "mpy": {"interpreter": "/micropython/micropython.mjs", "packages": [f"/dist/{wheel}"]},
    }


def demo_site(port=0):
    moody = Moody()
    mounts = {**RUNTIMES, "/": ROOT / "demo"}
    return Site(mounts, moody.serve, port=port, refuses=moody.refuses, values={"/runtimes.json": runtimes()})


async def main(port):
    site = demo_site(port)
    try:
        await site.start()
    except OSError as error:
        sys.exit(f"Port {port} cannot be used ({error.strerror}): try another, as in  make demo PORT=8123")
    print(f"The demos are at {site.url('/')}   (Ctrl-C ends)", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    site.server.close()
    await site.server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if sys.argv[1:] else 8000))
