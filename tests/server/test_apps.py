"""The demos' port: what is for an application of aiohttp gets there, all else to the server of `websockets`."""

import asyncio

import pytest
from aiohttp import ClientSession, ServerDisconnectedError, web
from websockets.asyncio.client import connect

from tools.apps import Apps
from tools.server import Site


def attach(app):
    async def answer(request):
        return web.Response(text=f"{request.method} {request.path_qs} {await request.text()}")

    async def shout(request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for message in ws:
            await ws.send_str(message.data.upper())
        return ws

    app.router.add_route("*", "/app/answer", answer)
    app.router.add_get("/app/shout", shout)


async def echo(connection):
    async for message in connection:
        await connection.send(message)


class Port(Site):
    """A page `index.html`, an echo, and the application at /app/."""

    def __init__(self, folder):
        (folder / "index.html").write_text("the page")
        self.is_cut = False
        self.apps = Apps({"/app/": attach}, lambda: self.is_cut)
        super().__init__({"/": folder}, echo, create_connection=self.apps.connection)

    async def __aenter__(self):
        await self.apps.start()
        await self.start()
        return self

    async def __aexit__(self, *exception):
        await self.apps.stop()
        await self.stop()


@pytest.fixture
def port(tmp_path):
    return Port(tmp_path)


def run(coroutine):
    asyncio.run(asyncio.wait_for(coroutine, 20))


async def say(url, text):
    async with connect(url.replace("http", "ws")) as ws:
        await ws.send(text)
        return await ws.recv()


def test_one_port_has_pages_websockets_and_an_application(port):
    async def main():
        async with port, ClientSession() as session:  # which uses connections again, as browsers do
            for _ in range(2):
                async with session.post(port.url("/app/answer?a=1"), data="☃" * 100_000) as response:
                    assert await response.text() == "POST /app/answer?a=1 " + "☃" * 100_000
                    assert response.headers["Connection"] == "close"
                async with session.get(port.url("/")) as response:
                    assert await response.text() == "the page"
            assert await say(port.url("/app/shout"), "hello") == "HELLO"
            assert await say(port.url("/any"), "hello") == "hello"

    run(main())


def test_a_request_may_come_byte_by_byte(port):
    async def main():
        async with port:
            for path, there in (("/app/answer", b"GET /app/answer"), ("/", b"the page")):
                reader, writer = await asyncio.open_connection("localhost", port.port)
                for byte in f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode():
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0)
                assert there in await reader.read()
                writer.close()

    run(main())


def test_a_line_without_an_end_ends(port):
    async def main():
        async with port:
            reader, writer = await asyncio.open_connection("localhost", port.port)
            writer.write(b"GET /" + b"a" * 100_000)
            assert b" 414 " in await reader.readline()
            writer.close()

    run(main())


def test_the_network_of_an_application_can_be_cut(port):
    async def main():
        async with port, ClientSession() as session:
            ws = await session.ws_connect(port.url("/app/shout"))
            port.is_cut = True
            port.apps.cut()
            assert (await ws.receive()).type.name in ("CLOSE", "CLOSED", "ERROR")
            with pytest.raises((ServerDisconnectedError, OSError)):
                await session.get(port.url("/app/answer"))
            port.is_cut = False
            async with session.get(port.url("/app/answer")) as response:
                assert response.status == 200

    run(main())
