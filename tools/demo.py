"""Serves the demos and their echo server on one port:  python -m tools.demo [PORT]"""

import asyncio
import signal
import sys

from .paths import ROOT, RUNTIMES
from .server import Site


async def echo(connection):
    """Sends back what comes."""
    async for message in connection:
        await connection.send(message)


async def main(port):
    site = Site({**RUNTIMES, "/": ROOT / "demo"}, echo, port=port)
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
