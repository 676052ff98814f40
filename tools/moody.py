"""The server of demo/reliable/: it echoes, and misbehaves when it is asked to.

!cut            ends the connection without a word
!swallow        neither reads nor answers any more
!close CODE     closes with that code
!refuse N       cuts, and refuses handshakes for N seconds
"""

import asyncio

from websockets.exceptions import ConnectionClosed


class Moody:
    PATH = "/moody"

    def __init__(self):
        self._refuses_until = 0.0

    def refuses(self, path):
        return path == self.PATH and asyncio.get_running_loop().time() < self._refuses_until

    async def serve(self, connection):
        try:
            async for message in connection:
                if isinstance(message, str) and message.startswith("!"):
                    await self._misbehave(connection, *message[1:].split())
                else:
                    await connection.send(message)
        except ConnectionClosed:
            pass  # the page has gone, as it may at any time

    async def _misbehave(self, connection, what, number="0"):
        if what == "close":
            await connection.close(int(number))
        elif what == "swallow":
            connection.transport.pause_reading()
            await connection.wait_closed()
        elif what in ("cut", "refuse"):
            self._refuses_until = asyncio.get_running_loop().time() + float(number)
            connection.transport.abort()
