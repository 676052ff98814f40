"""aiohttp: its WebSockets, and plain HTTP by way of `fetch`."""

import asyncio
import os
import ssl

import browserws.dropin

browserws.dropin.install()

import aiohttp
from browserws.dropin.errors import NotInPages
from tools import raised, server, url


async def messages_go_both_ways():
    """`ws_connect`: text, binary and JSON messages"""
    async with aiohttp.ClientSession() as session, session.ws_connect(url("/echo"), max_msg_size=0) as ws:
        for message in ("text ☃", "", "x" * 70_000):
            await ws.send_str(message)
            assert await ws.receive_str() == message
        for message in (b"\0\xff", os.urandom(1 << 20)):
            await ws.send_bytes(message)
            assert await ws.receive_bytes() == message
        await ws.send_json({"a": [1]})
        assert await ws.receive_json() == {"a": [1]}


async def a_flood_comes_in_order():
    """a flood of messages"""
    async with aiohttp.ClientSession() as session, session.ws_connect(url("/flood/5000")) as ws:
        await ws.send_str("go")
        for number in range(5000):
            assert await ws.receive_str() == str(number)


async def aiohttps_server_and_subprotocols():
    """a server of aiohttp, subprotocols, compression that is asked for"""
    async with aiohttp.ClientSession() as session:
        address = server("http", "/echo")
        async with session.ws_connect(address, protocols=["first", "second"], compress=15) as ws:
            assert ws.protocol == "second" and ws.compress == 0
            await ws.send_str("x")
            assert await ws.receive_str() == "x"
        assert ws.close_code == 1000


async def the_servers_close_ends_the_loop():
    """the server's close code, and `async for`"""
    async with aiohttp.ClientSession() as session, session.ws_connect(url("/close-after/4002")) as ws:
        await ws.send_str("x")
        assert [message.data async for message in ws] == ["x"] * 3
        assert ws.close_code == 4002


async def a_heartbeat_is_answered():
    """`heartbeat`, answered in the page"""
    async with aiohttp.ClientSession() as session, session.ws_connect(url("/echo"), heartbeat=0.02) as ws:
        await asyncio.sleep(0.1)  # five heartbeats: one without an answer would end the connection
        await ws.send_str("still there")
        assert await ws.receive_str() == "still there"


async def a_lost_connection_is_1006():
    """a lost connection"""
    async with aiohttp.ClientSession() as session, session.ws_connect(url("/drop")) as ws:
        await ws.send_str("x")
        message = await ws.receive()
        assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR) and ws.close_code == 1006


async def a_refused_handshake_is_a_502():
    """a refused handshake, which is a 502"""
    async with aiohttp.ClientSession() as session:
        error = await raised(aiohttp.WSServerHandshakeError, session.ws_connect(url("/refuse")))
        assert error.status == 502


async def requests_are_fetched():
    """`get`, `post` and others, headers and bodies"""
    async with aiohttp.ClientSession(headers={"X-Always": "1"}) as session:
        async with session.get(server("http", "/answer?a=b")) as response:
            answer = await response.json()
            assert response.status == 200 and answer["headers"]["X-Always"] == "1"
        async with session.post(server("http", "/answer"), json={"a": 1}) as response:
            assert (await response.json())["body"] == '{"a": 1}'
        async with session.put(server("http", "/answer"), data=b"x" * 1_000_000) as response:
            assert len((await response.json())["body"]) == 1_000_000
        async with session.get(server("http", "/missing")) as response:
            assert (response.status, await response.text()) == (404, "no such thing")


async def an_answer_can_be_streamed():
    """an answer that comes in parts"""
    async with aiohttp.ClientSession() as session, session.get(server("http", "/stream")) as response:
        assert [line async for line in response.content] == [b"%d\n" % number for number in range(5)]


async def many_requests_at_once():
    """many requests at once, over one session"""
    async with aiohttp.ClientSession() as session:

        async def one(number):
            async with session.post(server("http", "/answer"), data=str(number)) as response:
                assert (await response.json())["body"] == str(number)

        await asyncio.gather(*map(one, range(30)))


async def redirects_are_the_browsers():
    """redirects, which the browser follows: `history` is empty"""
    async with aiohttp.ClientSession() as session, session.get(server("http", "/redirect")) as response:
        assert (await response.json())["method"] == "GET" and response.history == ()


async def what_cannot_be_fetched_is_a_client_error():
    """no server, or one that does not allow this page to (CORS): `ClientError`"""
    async with aiohttp.ClientSession() as session:
        for address in (server("http", "/private"), "http://localhost:9/"):
            await raised(aiohttp.ClientError, session.get(address).__aenter__())


async def a_timeout_ends_a_request():
    """timeouts"""
    timeout = aiohttp.ClientTimeout(sock_read=0.1)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        await raised(TimeoutError, session.ws_connect(url("/hold")))


async def headers_can_be_rewritten():
    """headers that `rewrite` puts into the URL"""

    def rewrite(url, headers, subprotocols):
        return url.replace("/refuse", "/" + headers.pop("x-path")), subprotocols

    with browserws.dropin.install(rewrite=rewrite):
        address, headers = url("/refuse"), {"X-Path": "greet"}
        async with aiohttp.ClientSession() as session, session.ws_connect(address, headers=headers) as ws:
            assert await ws.receive_str() == "welcome"


async def refuses_headers_of_a_websocket():
    """headers of a WebSocket: they are named"""
    async with aiohttp.ClientSession() as session:
        error = await raised(NotInPages, session.ws_connect(url("/echo"), headers={"Authorization": "x"}))
        assert "Authorization" in str(error)


async def refuses_proxies_and_ssl_contexts():
    """proxies, SSL contexts, `ssl=False`"""
    async with aiohttp.ClientSession() as session:
        await raised(NotInPages, session.get(server("http", "/answer"), proxy="http://localhost:1").__aenter__())
        for own in (ssl.create_default_context(), False):
            await raised(NotInPages, session.ws_connect(url("/echo", "wss"), ssl=own))


async def refuses_what_chooses_addresses():
    """`local_addr`, `resolver`"""
    for name, value in (("local_addr", ("127.0.0.1", 0)), ("resolver", aiohttp.ThreadedResolver())):
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(**{name: value})) as session:
            error = await raised(NotInPages, session.ws_connect(url("/echo")))
            assert name in str(error)


async def http_can_be_left_alone():
    """`install(http=False)`: only WebSockets"""
    with browserws.dropin.install(http=False):
        async with aiohttp.ClientSession() as session, session.ws_connect(url("/greet")) as ws:
            assert await ws.receive_str() == "welcome"
