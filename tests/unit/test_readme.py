"""The documentation's examples that need no page."""

import ast
import asyncio
import inspect
import itertools
import json
import types

import pytest

from browserws import WebSocket
from browserws.server import Hub
from browserws.testing import FakeNetwork
from tests.documents import README, block, blocks


@pytest.mark.parametrize("source", blocks("python", README))
def test_the_readmes_examples(source, capsys):
    """Each as it stands there, with a server that greets and repeats, or with the hub."""

    async def greet_and_repeat(connection):
        await connection.send("welcome")
        async for message in connection:
            await connection.send(message)
            await connection.close()

    async def main():
        hub = Hub()
        await hub.start()
        with FakeNetwork(hub.handle if "Client" in source else greet_and_repeat):
            result = eval(compile(source, "README.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), {})
            if inspect.isawaitable(result):
                await result
            printed = ""
            while "hello" not in printed:
                await asyncio.sleep(0.001)
                printed += capsys.readouterr().out
        await hub.stop()

    asyncio.run(asyncio.wait_for(main(), 10))


def test_the_example_of_a_test():
    source = block("test_my_page")
    received = []

    async def main():
        done = asyncio.Event()
        socket = WebSocket("/chat", onopen=lambda event: event.target.send("hello"))
        socket.onmessage = lambda event: (received.append(event.data), done.set())
        await done.wait()

    names = {"my_page": types.SimpleNamespace(main=main)}
    exec(source, names)
    asyncio.run(names["test_my_page"]())
    assert received == ["hello"]


# --- servers as tutorials have them ---

chatting = set()


async def chat_server(connection):
    chatting.add(connection)
    try:
        async for message in connection:
            for other in chatting:
                await other.send(message)
    finally:
        chatting.remove(connection)


async def stock_ticker(connection):
    symbols = set()

    async def send_quotes():
        for number in itertools.count():
            for symbol in sorted(symbols):
                await connection.send(json.dumps({"symbol": symbol, "price": 100 + number}))
            await asyncio.sleep(0.001)

    sending = asyncio.create_task(send_quotes())
    try:
        async for message in connection:
            request = json.loads(message)
            if request["action"] == "subscribe":
                symbols.add(request["symbol"])
            else:
                symbols.discard(request["symbol"])
    finally:
        sending.cancel()


def test_the_codec_of_a_tutorials_chat_server():
    async def main():
        with FakeNetwork(chat_server):
            names = {}
            exec(block("class TutorialChat"), names)
            chat, said = names["chat"], asyncio.Queue()
            chat.bind("message", said.put_nowait)
            chat.connect()
            await chat.join_room("lobby")
            await chat.send_message("hello")
            event = await said.get()
            assert (event.room, event.user, event.text, event.own) == ("lobby", "ada", "hello", True)
            chat.disconnect()

    asyncio.run(asyncio.wait_for(main(), 10))


def test_the_codec_of_a_tutorials_ticker():
    async def main():
        with FakeNetwork(stock_ticker):
            names = {}
            exec(block("class TutorialTicker"), names)
            live, prices = names["live"], []
            live.subscribe("ACME", lambda update: prices.append(update.data))
            async for update in live.updates("ACME"):
                if update.data >= 105:
                    live.unsubscribe("ACME")
            assert prices == sorted(prices) and prices[-1] == 105
            live.close()

    asyncio.run(asyncio.wait_for(main(), 10))


def test_the_hooks_can_be_read():
    compile(block("import jwt"), "the hub's README", "exec")
