"""`ChatClient` in a program, on a hub as the command starts it, through a network that fails."""

import asyncio
import contextlib

import suite

from browserws import ChatClient
from tests.faults.proxy import FaultProxy
from tests.native.program import run
from tests.server.process import HubProcess

QUICK = {"reconnect_interval": 20, "max_reconnect_interval": 200}


@contextlib.contextmanager
def hub_behind_proxy():
    process = HubProcess()
    try:
        with FaultProxy(process.port) as proxy:
            yield proxy
    finally:
        process.kill()


async def entered(port, name):
    chat = ChatClient(f"ws://localhost:{port}/", name, QUICK)
    log = suite.EventLog(chat)
    chat.connect()
    await chat.join_room("lobby")
    return chat, log


def texts(log):
    return [event.text for event in log.of("message")]


def test_what_is_said_comes_once_and_in_order_through_cut_connections():
    async def main(proxy):
        ada, heard = await entered(proxy.port, "ada")
        bob, _ = await entered(proxy.port, "bob")
        loop = asyncio.get_running_loop()
        for number in range(40):
            answer = bob.send_message(str(number))
            if number % 10 == 5:
                await loop.run_in_executor(None, proxy.cut)
            await answer
        await heard.has("message", 40)
        assert texts(heard) == [str(number) for number in range(40)]
        assert not heard.of("gap") and not heard.of("error")
        await bob.send_private("ada", "psst")
        assert (await heard.has("private")).text == "psst"
        assert [message.text for message in await ada.history("lobby")][-1] == "39"
        assert sorted(ada.members("lobby")) == ["ada", "bob"]
        for chat in (ada, bob):
            chat.disconnect()
        while {ada.state, bob.state} != {"CLOSED"}:
            await asyncio.sleep(0.01)
        await suite.turns()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with hub_behind_proxy() as proxy:
        run(main(proxy))


def test_what_was_said_without_a_hub_is_delivered_when_there_is_one():
    async def main(proxy):
        loop = asyncio.get_running_loop()
        bob, log = await entered(proxy.port, "bob")
        await loop.run_in_executor(None, proxy.refuse)
        await loop.run_in_executor(None, proxy.cut)
        while bob.state == "OPEN":
            await asyncio.sleep(0.01)
        answer = bob.send_message("into the void")
        assert bob.pending == 1
        await loop.run_in_executor(None, proxy.accept)
        assert await answer == 1
        await log.has("message")
        assert texts(log) == ["into the void"]
        bob.disconnect()

    with hub_behind_proxy() as proxy:
        run(main(proxy))
