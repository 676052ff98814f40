"""What of `ReliableWebSocket` needs a look behind the page: what waits in the browser, listens, or still runs."""

import asyncio

from suite import EventLog

from browserws import ReliableWebSocket
from browserws.testing import FakeNetwork

QUICK = {"reconnect_interval": 20, "max_reconnect_interval": 100, "close_timeout": 100}


def run(server, test, **network):
    """`test(network)` against `server`."""

    async def main():
        with FakeNetwork(server, **network) as fake:
            await test(fake)

    asyncio.run(main())


async def echo(connection):
    async for message in connection:
        await connection.send(message)


def test_an_answer_that_waits_in_the_browser_at_the_end_still_shows_what_arrived():
    """The last messages of a connection are handed out before it is told what is undelivered."""
    sockets = []

    async def server(connection):
        async for message in connection:
            if message == "ping":
                sockets[0].send("after the ping")
                connection._link.deliver("pong")  # it waits in the browser ...
                sockets[0].reconnect()  # ... when the connection ends

    async def test(network):
        ws = ReliableWebSocket("/", QUICK)
        sockets.append(ws)
        log = EventLog(ws)
        ws.set_heartbeat(10)
        for connection in (1, 2):
            await log.has("open", connection)
            for number in range(3 * connection):
                ws.send(str(number))
            event = await log.has("undelivered", connection)
            assert (event.messages, event.forgotten) == (["after the ping"], 0)
        ws.close()

    run(server, test)
