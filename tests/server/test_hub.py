"""The hub with real sockets: what it does, and what looks after it."""

import asyncio
import dataclasses
import json
import logging
import socket
import subprocess
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve as websockets_serve

from browserws.server import Hub, Settings
from browserws.server import hub as hub_module
from browserws.server.__main__ import OPTIONS, JsonLines, hub_from, main, parser
from tests.server.process import HubProcess
from tests.server.talk import Client, run, running
from tools.paths import ROOT


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
            for data in (b"\0", bytearray(b"\0"), memoryview(b"\0")):
                await hub.hub.publish("c", data)
                assert (await ada.receive("message"))["data"] == b"\0"
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
    monkeypatch.setenv("BROWSERWS_RATE", "7")
    monkeypatch.setenv("BROWSERWS_ORIGIN", "https://a.example,https://b.example")
    hub = hub_from(parser().parse_args(["--max-message", "1000"]))
    assert hub.settings == Settings(rate=7, max_message=1000, origins=("https://a.example", "https://b.example"))


@pytest.mark.parametrize(
    ("text", "is_on"), [("1", True), ("true", True), ("0", False), ("False", False), ("no", False), ("", False)]
)
def test_demo_is_turned_on_and_off_by_the_environment(text, is_on, monkeypatch):
    monkeypatch.setenv("BROWSERWS_DEMO", text)
    assert parser().parse_args([]).demo is is_on


def test_options_are_of_the_type_of_their_setting():
    hub = hub_from(parser().parse_args(["--presence-grace", "0.5", "--rate", "2.5", "--own-host", "app.example"]))
    assert (hub.settings.presence_grace, hub.settings.rate, hub.settings.hosts) == (0.5, 2.5, ("app.example",))


@pytest.mark.parametrize(("option", "value"), [("--rate", "0"), ("--history", "1.5"), ("--session-ttl", "-1")])
def test_option_that_cannot_be_is_refused_before_anything_happens(option, value, capsys):
    with pytest.raises(SystemExit) as refused:
        main([option, value])
    assert refused.value.code == 2
    assert option.lstrip("-").replace("-", "_") in capsys.readouterr().err.replace("--", "").replace("-", "_")


def test_help_shows_no_value_of_the_environment(monkeypatch, capsys):
    monkeypatch.setenv("BROWSERWS_REDIS", "redis://:s3cret%@host")
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    assert "s3cret" not in capsys.readouterr().out


def test_unreachable_redis_is_named_without_its_password():
    process = subprocess.run(
        [sys.executable, "-m", "browserws.server", "--redis", "redis://:s3cret@localhost:1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 1
    assert "Redis cannot be reached" in process.stderr and "s3cret" not in process.stderr + process.stdout


def test_metrics_can_have_a_port_of_their_own():
    hub = HubProcess("--metrics-port", "0")
    try:
        line = hub.read_line()
        assert "browserws_connections 0.0" in urlopen(line.split()[-1]).read().decode()
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"http://localhost:{hub.port}/metrics")
    finally:
        hub.kill()


def test_port_of_the_metrics_that_cannot_be_used_is_named():
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "browserws.server", "--port", "0", "--metrics-port", str(port)]
        process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert process.returncode == 1 and f"localhost:{port} cannot be used" in process.stderr


@pytest.mark.parametrize("option", ["--port", "--metrics-port"])
def test_port_that_is_none_is_refused(option, capsys):
    with pytest.raises(SystemExit) as refused:
        main([option, "99999"])
    assert refused.value.code == 2 and "port must be from 0 to 65535, not 99999" in capsys.readouterr().err


def test_hook_that_cannot_be_called_is_refused():
    with pytest.raises(SystemExit, match="'os:name' is not a function"):
        main(["--auth", "os:name"])


def test_help_shows_large_numbers_whole(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    shown = capsys.readouterr().out
    assert "e+0" not in shown and "(1048576)" in shown


def test_help_says_how_to_install_and_to_serve_a_page(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    shown = capsys.readouterr().out
    for what in (
        "browserws[server]",
        "browserws[native]",
        "micropip.install(",
        '"packages"',
        'type="mpy"',
        "http.server",
    ):
        assert what in shown


def test_many_clients_may_wait_to_be_accepted():
    """While the hub is busy, here for as long as it takes to connect all of them."""

    async def main():
        async with running() as hub:
            waiting = [socket.create_connection(("127.0.0.1", hub.port), timeout=5) for _ in range(500)]
            for one in waiting:
                one.close()

    run(main())


def test_session_is_kept_while_it_has_a_connection_however_short_its_life(monkeypatch):
    monkeypatch.setattr(hub_module, "TICK", 0.05)

    async def main():
        async with running(session_ttl=1) as hub, hub.client() as ada:
            began = hub.hub.now()
            kept = hub.hub.store.keep_sessions
            times = []

            async def keep_sessions(sessions):
                times.append(hub.hub.now() - began)
                await kept(sessions)

            hub.hub.store.keep_sessions = keep_sessions
            while not times or times[-1] < 2:
                await ada.ask("leave", channel="c")
            assert len(times) >= 4
            async with hub.client(session=ada.welcome["session"]) as ada:
                assert ada.welcome["resumed"] is True

    run(main())


def test_what_a_client_published_is_forgotten_when_it_knows_the_answer():
    """An active client costs no more than a quiet one."""

    async def main():
        async with running(rate=1e6) as hub, hub.client() as ada:
            await ada.ask("join", channel="c")
            for number in range(10, 3000):
                await ada.send("publish", id=number, channel="c", data=1, floor=number)
                await ada.receive("ack")
            (known,) = hub.hub.store._logs["c"]._recent.values()
            assert len(known.made) == 1

    run(main())


def test_log_lines_are_json_with_their_fields():
    record = logging.makeLogRecord({"msg": "close", "user": "ada", "code": 4408, "levelname": "INFO"})
    line = json.loads(JsonLines().format(record))
    assert (line["message"], line["user"], line["code"], line["level"]) == ("close", "ada", 4408, "INFO")


def test_every_setting_has_an_option_that_is_explained(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    shown = capsys.readouterr().out
    for field in dataclasses.fields(Settings):
        option = OPTIONS.get(field.name, field.name).replace("_", "-")
        assert f"--{option} " in shown, option
        assert field.metadata["says"].split()[0] in shown
