"""CPython as a host: what a page runs, runs in a program, too (`pip install "browserws[native]"`).

    import asyncio
    from browserws import connect
    from browserws.native import Endpoint

    async def main():
        async with connect(Endpoint("wss://example.org/chat", additional_headers={"Authorization": "Bearer x"})) as ws:
            await ws.send("hello")

    asyncio.run(main())

There is nothing to be switched on: where this is installed, `browserws` connects by way of the `websockets` library.
`Endpoint` is a URL with what only a program can do. `NoEventLoop` is raised where no event loop is running.
"""

from .endpoint import Endpoint
from .loops import NoEventLoop

__all__ = ["Endpoint", "NoEventLoop"]
