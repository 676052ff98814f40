"""An echo server as a process of its own, to be killed and restarted:  python -m tests.faults.echo_server PORT

Says "ready PORT" when it listens.
"""

import asyncio
import sys

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


async def echo(connection):
    try:
        async for message in connection:
            await connection.send(message)
    except ConnectionClosed:
        pass  # the page has gone, as it may at any time


async def main():
    async with serve(echo, "localhost", int(sys.argv[1])) as server:
        print("ready", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
