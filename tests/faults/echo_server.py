"""An echo server as a process of its own, to be killed and restarted:  python -m tests.faults.echo_server PORT

Says "ready PORT" when it listens.
"""

import asyncio
import sys

from websockets.asyncio.server import serve


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main():
    async with serve(echo, "localhost", int(sys.argv[1])) as server:
        print("ready", server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
