"""A TCP proxy between page and server that does to connections what networks and servers do.

    with FaultProxy(port_of_the_server) as proxy:
        proxy.port                          where the page connects to

What becomes of new connections:

    proxy.accept()                          they pass (so it begins)
    proxy.refuse()                          the port is closed: nobody listens
    proxy.hold()                            accepted, and the handshake is never answered
    proxy.answer(403)                       the handshake is answered with this status

What becomes of the connections there are (`proxy.connections`, or all of them by the proxy's own method):

    cut()                                   RST, at once
    close_half()                            FIN towards the page; what the page sends still passes
    swallow()                               nothing passes any more, and nobody is told (half-open)
    slow(delay, jitter, rate)               seconds, seconds, bytes/s, on the way to the page
    corrupt()                               the next frame of the server gets a reserved bit (RFC 6455 §5.2)
    cut_inside_frame()                      the next frame of the server ends in its middle, by RST
    hang_up_on_close()                      the page's close frame is not answered, the line just ends (as Robyn does)

It runs in a thread of its own; the methods may be called from any other.
"""

import asyncio
import random
import socket
import struct
import threading
import weakref
from http import HTTPStatus

CLOSE_FRAME = 0x88  # its first byte (RFC 6455 §5.2)
ONCE_CLOSED = struct.pack("ii", 1, 0)  # SO_LINGER: close() sends RST


class Connection:
    """One connection of a page; `pump` moves what comes from the server."""

    def __init__(self, page_reader, page_writer):
        self.page_reader = page_reader
        self.page = page_writer
        self.server = None
        self.swallows = False
        self.corrupts = False
        self.cuts_inside = False
        self.hangs_up = False
        self.delay = self.jitter = 0.0
        self.rate = None
        self.opened = False  # the handshake has passed

    def cut(self):
        for writer in (self.page, self.server):
            if writer is not None and not writer.is_closing():
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ONCE_CLOSED)
                writer.transport.abort()

    def close_half(self):
        self.page.write_eof()

    def swallow(self):
        self.swallows = True

    def slow(self, delay=0.0, jitter=0.0, rate=None):
        self.delay, self.jitter, self.rate = delay, jitter, rate

    def corrupt(self):
        self.corrupts = True

    def cut_inside_frame(self):
        self.cuts_inside = True

    def hang_up_on_close(self):
        self.hangs_up = True

    async def to_server(self):
        while data := await self.page_reader.read(65536):
            if self.hangs_up and data[0] == CLOSE_FRAME:
                self.page.close()
                return
            if not self.swallows:
                self.server.write(data)
                await self.server.drain()
        if not self.swallows and self.server.can_write_eof():
            self.server.write_eof()

    async def to_page(self, reader):
        while data := await reader.read(65536):
            if self.delay or self.jitter:
                await asyncio.sleep(self.delay + random.random() * self.jitter)
            if self.rate:
                await asyncio.sleep(len(data) / self.rate)
            if self.swallows:
                continue
            if self.opened and self.corrupts:
                data = bytes([data[0] | 0x70]) + data[1:]
            if self.opened and self.cuts_inside:
                self.page.write(data[: max(1, len(data) // 2)])
                await asyncio.sleep(0.02)  # so that the half gets there: RST overtakes what is in the socket
                self.cut()
                return
            self.page.write(data)
            await self.page.drain()
            self.opened = True
        if not self.swallows:
            self.page.write_eof()


class FaultProxy:
    def __init__(self, server_port):
        self.server_port = server_port
        self.port = None
        self.connections = []  # that there are
        self.attempts = []  # times of all that came, by the loop's clock
        self._status = None
        self._holds = False
        self._tasks = set()
        self._transports = weakref.WeakSet()  # of pages and of servers; the event loop keeps those that are not closed

    # --- new connections ---

    def accept(self):
        self._status, self._holds = None, False
        self._run(self._listen())

    def refuse(self):
        self._run(self._stop_listening())

    def hold(self):
        self.accept()
        self._holds = True

    def answer(self, status):
        self.accept()
        self._status = status

    # --- the connections there are ---

    def cut(self):
        self._each("cut")

    def close_half(self):
        self._each("close_half")

    def swallow(self):
        self._each("swallow")

    def slow(self, **arguments):
        self._each("slow", **arguments)

    def corrupt(self):
        self._each("corrupt")

    def cut_inside_frame(self):
        self._each("cut_inside_frame")

    def hang_up_on_close(self):
        self._each("hang_up_on_close")

    def _each(self, method, **arguments):
        async def call():
            for connection in self.connections:
                getattr(connection, method)(**arguments)

        self._run(call())

    def wait_until_empty(self):
        """Until the last connection has gone."""
        self._run(self._empty.wait())

    # --- inside ---

    def _on_connection(self, reader, writer):
        self._transports.add(writer.transport)
        self._start(self._serve(reader, writer))

    def _start(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _serve(self, reader, writer):
        self.attempts.append(asyncio.get_running_loop().time())
        connection = Connection(reader, writer)
        self.connections.append(connection)
        self._empty.clear()
        try:
            if self._holds:
                while await reader.read(65536):
                    pass  # until the page has gone
            elif self._status is not None:
                await reader.readuntil(b"\r\n\r\n")
                line = f"HTTP/1.1 {self._status} {HTTPStatus(self._status).phrase}\r\n"
                writer.write(line.encode() + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
            else:
                server_reader, connection.server = await asyncio.open_connection("localhost", self.server_port)
                self._transports.add(connection.server.transport)
                ways = (connection.to_server(), connection.to_page(server_reader))
                await asyncio.wait([self._start(way) for way in ways])
        except (OSError, asyncio.IncompleteReadError):
            pass  # either side has gone, as it may at any time
        finally:
            self.connections.remove(connection)
            if not self.connections:
                self._empty.set()
            for end in (connection.page, connection.server):
                if end is not None:
                    end.close()

    async def _listen(self):
        if self._server is None:
            self._server = await asyncio.start_server(self._on_connection, "localhost", self.port or 0)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _stop_listening(self):
        """asyncio leaves a connection open that it has accepted and not begun with when the server is closed."""
        if self._server is not None:
            server, self._server = self._server, None
            for listener in server.sockets:
                self._loop.remove_reader(listener.fileno())
            await asyncio.sleep(0)
            server.close()

    async def _drop_all(self):
        """Also connections that asyncio is still accepting, and those that were closed and have not sent all yet."""
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.wait(others)
        for transport in list(self._transports):
            transport.abort()
        await asyncio.sleep(0)  # in the next iteration of the event loop they are closed

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    def __enter__(self):
        self._server = None
        ready = threading.Event()

        async def main():
            self._loop = asyncio.get_running_loop()
            self._loop.set_exception_handler(lambda loop, context: None)  # of connections that were cut
            self._stopped = asyncio.Event()
            self._empty = asyncio.Event()
            await self._listen()
            ready.set()
            await self._stopped.wait()
            await self._stop_listening()
            await self._drop_all()

        self._thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *exception):
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(10)
