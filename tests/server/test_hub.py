"""The hub with real sockets: what it does, and what looks after it."""

import asyncio
import dataclasses
import json

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve as websockets_serve

from browserws.server import Hub, Settings
from tests.server.talk import Client, run, running


def test_one_message_reaches_all_members_with_the_same_bytes():
    async def main():
        async with running() as hub, hub.client("ada") as ada, hub.client("bob") as bob:
            for client in (ada, bob):
                assert (await client.ask("join", channel="c"))["type"] == "joined"
            await ada.send("publish", id=2, channel="c", data={"text": "ü"})
            got = [await client.receive("message") for client in (ada, bob)]
            assert got[0] == got[1] and got[0]["data"] == {"text": "ü"}

    run(main())


def test_hub_can_be_mounted_in_a_server_of_another_kind():
    async def main():
        hub = Hub()

        async def handler(connection):
            if connection.request.path == "/hub":
                await hub.handle(connection)
            else:
                await connection.send("something else")

        async with hub, websockets_serve(handler, "localhost", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with connect(f"ws://localhost:{port}/other") as other:
                assert await other.recv() == "something else"
            async with connect(f"ws://localhost:{port}/hub") as socket:  # with compression, as it is usual
                client = Client(socket)
                await client.hello(user="ada")
                await client.ask("join", channel="c")
                await hub.publish("c", "x" * 1000)
                await hub.publish("c", b"bytes")
                assert (await client.receive("message"))["data"] == "x" * 1000
                assert (await client.receive("message"))["data"] == b"bytes"

    run(main())


def test_programs_publish_what_json_can_express_and_nothing_else():
    async def main():
        async with running() as hub, hub.client() as ada:
            await ada.ask("join", channel="c")
            assert await hub.hub.publish("c", {"n": 1}, user="robot") == 1
            message = await ada.receive("message")
            assert (message["user"], message["data"], message["offset"]) == ("robot", {"n": 1}, 1)
            with pytest.raises(ValueError):
                await hub.hub.publish("c", float("nan"))
            with pytest.raises(ValueError):
                await hub.hub.publish("c\n", 1)

    run(main())


def test_stopping_hub_sends_its_clients_away_and_says_so():
    async def main():
        async with running() as hub, hub.client() as ada:
            assert await hub.get("/healthz") == (200, "ok\n")
            stopping = asyncio.create_task(hub.hub.stop())
            assert await ada.closed() == 1012
            await stopping
            assert (await hub.get("/healthz"))[0] == 503
            async with hub.socket() as late:
                assert await late.closed() == 1013

    run(main())


def test_metrics_are_those_of_prometheus():
    async def main():
        async with running() as hub, hub.client() as ada:
            await ada.ask("join", channel="c")
            await ada.ask("publish", channel="c", data=1)
            await ada.ask("join", channel="@bob")
            status, text = await hub.get("/metrics")
            assert status == 200
            for line in (
                "browserws_connections 1.0",
                "browserws_published_total 1.0",
                "browserws_delivered_total 1.0",
                'browserws_refused_total{code="forbidden"} 1.0',
            ):
                assert line in text.splitlines()
            assert (await hub.get("/other"))[0] == 404

    run(main())


def test_page_that_does_not_keep_up_gets_the_newest_of_what_it_wants_conflated():
    async def main():
        async with running(max_queue=64 * 1024) as hub, hub.client() as ada:
            await ada.ask("join", channel="ticker", conflate=True)
            ada.socket.transport.pause_reading()
            for number in range(3000):
                await hub.hub.publish("ticker", {"number": number, "text": "x" * 5000})
                await asyncio.sleep(0)
            ada.socket.transport.resume_reading()
            numbers = []
            while 2999 not in numbers:
                numbers.append((await ada.receive("message"))["data"]["number"])
            assert numbers == sorted(numbers) and len(numbers) < 3000

    run(main())


def test_page_that_does_not_keep_up_is_sent_away_and_misses_nothing():
    async def main():
        async with running(max_queue=256 * 1024, history=5000, history_bytes=50_000_000) as hub:
            async with hub.client() as ada, hub.client("bob") as bob:
                joined = await ada.ask("join", channel="c")
                await bob.ask("join", channel="c")
                ada.socket.transport.pause_reading()
                for number in range(3000):
                    await hub.hub.publish("c", {"number": number, "text": "x" * 5000})
                    assert (await bob.receive("message"))["data"]["number"] == number  # the other one is served
                ada.socket.transport.resume_reading()
                assert await ada.closed() in (4408, 1006)
            since = {"epoch": joined["epoch"], "offset": 0}
            async with hub.client("ada", session=ada.welcome["session"]) as ada:
                assert ada.welcome["resumed"] is True
                await ada.send("join", id=1, channel="c", since=since)
                assert "gap" not in await ada.receive("joined")
                for number in range(3000):
                    assert (await ada.receive("message"))["data"]["number"] == number

    run(main())


def test_silent_clients_are_sent_away():
    async def main():
        settings = {"handshake_timeout": 0.2, "idle_timeout": 0.5}
        async with running(**settings) as hub, hub.socket() as shy, hub.client() as quiet:
            assert await shy.closed() == 4408
            assert await quiet.closed() == 4408

    run(main())


def test_member_that_is_lost_has_gone_after_a_while():
    async def main():
        async with running(presence_grace=0.1) as hub, hub.client("ada") as ada:
            await ada.ask("join", channel="room", presence=True)
            async with hub.client("bob") as bob:
                assert (await ada.receive("presence"))["join"] == ["ada"]
                await bob.ask("join", channel="room", presence=True)
                assert (await ada.receive("presence"))["join"] == ["bob"]
            assert (await ada.receive("presence"))["leave"] == ["bob"]

    run(main())


def test_settings_come_from_the_environment_too(monkeypatch):
    from browserws.server.__main__ import hub_from, parser

    monkeypatch.setenv("BROWSERWS_RATE", "7")
    monkeypatch.setenv("BROWSERWS_ORIGIN", "https://a.example,https://b.example")
    hub = hub_from(parser().parse_args(["--max-message", "1000"]))
    assert hub.settings == Settings(rate=7, max_message=1000, origins=("https://a.example", "https://b.example"))


def test_log_lines_are_json_with_their_fields():
    import logging

    from browserws.server.__main__ import JsonLines

    record = logging.makeLogRecord({"msg": "close", "user": "ada", "code": 4408, "levelname": "INFO"})
    line = json.loads(JsonLines().format(record))
    assert (line["message"], line["user"], line["code"], line["level"]) == ("close", "ada", 4408, "INFO")


def test_every_setting_has_an_option_that_is_explained(capsys):
    from browserws.server.__main__ import OPTIONS, parser

    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    shown = capsys.readouterr().out
    for field in dataclasses.fields(Settings):
        option = OPTIONS.get(field.name, field.name).replace("_", "-")
        assert f"--{option} " in shown, option
        assert field.metadata["says"].split()[0] in shown
