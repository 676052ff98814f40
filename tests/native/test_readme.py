"""The READMEs' programs run as they stand there."""

import asyncio
import re
import signal

import suite
from websockets.asyncio.server import serve

from browserws import ChatClient
from tests.documents import block
from tests.native.program import program, run
from tests.native.test_endpoint import authority, tls
from tests.server.process import HubProcess


async def enter(port, name):
    chat = ChatClient(f"ws://localhost:{port}/", name, {"reconnect_interval": 50, "max_reconnect_interval": 200})
    log = suite.EventLog(chat)
    chat.connect()
    await chat.join_room("lobby")
    return chat, log


async def ask(chat, log, question):
    """What the bot says to that."""
    said = len(log.of("message"))
    await chat.send_message(question)
    return (await log.has("message", said + 2)).text


def test_the_bot():
    source = block("!time")
    assert len(source.splitlines()) <= 30
    hub = HubProcess()
    source = source.replace("localhost:8000/hub", f"localhost:{hub.port}/")

    async def main(bot):
        loop = asyncio.get_running_loop()
        ada, log = await enter(hub.port, "ada")
        while sorted(ada.members("lobby")) != ["ada", "bot"]:
            await asyncio.sleep(0.01)
        bob, _ = await enter(hub.port, "bob")
        while not any("Hello bob!" in event.text for event in log.of("message")):
            await asyncio.sleep(0.01)
        bob.disconnect()
        while sorted(ada.members("lobby")) != ["ada", "bot"]:
            await asyncio.sleep(0.01)
        assert re.fullmatch(r"It is \d\d:\d\d\.", await ask(ada, log, "!time"))
        assert await ask(ada, log, "!who") == "Here are ada and bot"
        await loop.run_in_executor(None, hub.kill)
        await loop.run_in_executor(None, hub.start)
        said = len(log.of("message"))
        while "bot" not in [event.user for event in log.of("message")[said:]]:
            await ada.send_message("!time")  # what comes before the bot is back, it does not hear from a new hub
            await asyncio.sleep(0.1)
        ada.disconnect()

    try:
        with program(source) as bot:
            try:
                run(main(bot))
            finally:
                bot.send_signal(signal.SIGINT)
                _, errors = bot.communicate(timeout=10)
        assert errors.strip().endswith("KeyboardInterrupt") and "pending" not in errors and "Warning" not in errors
    finally:
        hub.kill()


def test_headers_and_tls(tmp_path):
    source = block("our-authority.pem")
    certificate = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(certificate))
    authorized = asyncio.Queue()

    async def accept(connection):
        authorized.put_nowait(connection.request.headers.get("Authorization"))
        await connection.wait_closed()

    async def fresh_token():
        return "secret"

    async def main():
        async with serve(accept, "localhost", 0, ssl=tls()["ssl"]) as server:
            url = f"localhost:{server.sockets[0].getsockname()[1]}"
            names = {"fresh_token": fresh_token}
            exec(
                source.replace("example.org", url)
                .replace("our-authority.pem", str(certificate))
                .replace("...", "await came()"),
                names,
            )
            names["came"] = came
            await names["main"]()

    async def came():
        assert {await authorized.get(), await authorized.get()} == {"Bearer secret", None}

    run(main())
