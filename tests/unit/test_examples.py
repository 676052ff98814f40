"""The programs of examples/: short, and their servers take nothing for granted. (Their pages: tests/browser.)"""

import asyncio

import pytest

from browserws import CallError, Channels, NotAllowed
from browserws.server import Hub
from browserws.testing import FakeNetwork
from tools.example import EXAMPLES, programs
from tools.paths import ROOT

FOLDER = ROOT / "examples"


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_short_and_its_command_is_told(name):
    assert sum(len(file.read_text().splitlines()) for file in (FOLDER / name).glob("*.py")) < 200
    assert f"`make example NAME={name}`" in (FOLDER / "README.md").read_text()


def play(name, scenario):
    """`scenario(channels)`, the channels of a page, with the example on a hub."""

    async def main():
        hub = Hub()
        program = programs(hub, [name])[name]
        async with hub:
            running = asyncio.create_task(program.run())
            with FakeNetwork(hub.handle):
                channels = Channels("/hub", {"user": "ada"})
                await scenario(channels)
                channels.close()
            running.cancel()

    asyncio.run(asyncio.wait_for(main(), 20))


def test_the_game_moves_who_says_where_to_go():
    async def scenario(channels):
        game = await channels.join("game", conflate=True)
        async with game.reader(conflate=True) as states:
            first = await anext(states)
            ((name, x, _, points),) = first.data["players"]
            assert (name, points, len(first.data["dots"])) == ("ada", 0, 7)
            step = 1 if x < 600 else -1
            assert await game.publish([step, 0]) is None
            async for state in states:
                if abs(state.data["players"][0][1] - x) > 50:
                    break
        for wrong in ("right", [1], [2, 0], [1, "0"], [None, 1], {"x": 1}, b"12"):
            with pytest.raises(NotAllowed, match="two numbers"):
                await game.publish(wrong)
        assert await (await channels.join("elsewhere")).publish("as it likes") == 1

    play("game", scenario)


def test_nobody_begins_the_game_on_a_dot():
    async def scenario(channels):
        others = [Channels("/hub", {"user": "player-%d" % number}) for number in range(99)]
        for other in others:
            await other.join("game")
        game = await channels.join("game")
        first = await anext(game.reader(conflate=True))
        assert len(first.data["players"]) == 100
        assert {points for _, _, _, points in first.data["players"]} == {0}
        for other in others:
            other.close()

    play("game", scenario)


def test_the_dashboard_has_cells_for_all():
    async def scenario(channels):
        cells = await channels.call("dashboard.cells")
        assert list(cells.values()) == [["temperature", "mean"], ["visitors", "latest"]]
        shared = (await channels.join("dashboard.cells")).reader()
        await channels.call("dashboard.set", {"sensor": "humidity", "shows": "spread"})
        changed = (await anext(shared)).data
        (added,) = set(changed) - set(cells)
        await channels.call("dashboard.set", {"sensor": "humidity", "shows": "mean", "cell": added})
        await channels.call("dashboard.remove", {"cell": "1"})
        changed = [(await anext(shared)).data for _ in range(2)][-1]
        assert changed == {"2": ["visitors", "latest"], added: ["humidity", "mean"]}
        for wrong in ({"sensor": "x"}, {"shows": "x"}, {"sensor": ["humidity"]}, {"cell": "1"}, {"cell": {}}):
            with pytest.raises((CallError, NotAllowed), match="no such cell"):
                await channels.call("dashboard.set", {"sensor": "humidity", "shows": "mean", **wrong})
        with pytest.raises((CallError, NotAllowed), match="enough"):
            for _ in range(12):
                await channels.call("dashboard.set", {"sensor": "humidity", "shows": "mean"})
        readings = await channels.join("sensor.humidity")
        assert isinstance((await anext(readings.reader())).data, float)

    play("dashboard", scenario)
