"""Sends back whatever comes:  pip install websockets; python echo.py"""

import asyncio

from websockets.asyncio.server import serve


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def main():
    async with serve(echo, "localhost", 8765) as server:
        print("echo.py listens on ws://localhost:8765")
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
