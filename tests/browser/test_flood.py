"""What a flood does to the interpreter: MicroPython's collector runs less often, and as before when it is over."""

import pytest

KIB = 1024


@pytest.fixture
def micropython(remotes):
    return remotes("mpy")


READ = """
import asyncio, gc, json
from browserws import connect

COUNT = 2000

async def read():
    async with connect("ws" + js.location.origin[4:] + "/flood/%d" % COUNT) as ws:
        await ws.send("go")
        for number in range(COUNT):
            assert await ws.recv() == str(number)
            seen.add(gc.threshold())
            if number == 1000 and {in_between} is not None:
                gc.threshold({in_between})

async def main():
    await asyncio.gather(read(), read())
    js.done = json.dumps([sorted(seen), gc.threshold()])

seen = set()
gc.threshold({usual})
running = asyncio.create_task(main())
"""


@pytest.mark.parametrize(
    ("usual", "in_between", "seen", "last"),
    [
        (16 * KIB, None, [16 * KIB, 256 * KIB], 16 * KIB),
        (64 * KIB, None, [64 * KIB, 256 * KIB], 64 * KIB),
        (256 * KIB, None, [256 * KIB], 256 * KIB),
        (1024 * KIB, None, [1024 * KIB], 1024 * KIB),
        (-1, None, [-1], -1),  # never
        (16 * KIB, 512 * KIB, [16 * KIB, 256 * KIB, 512 * KIB], 512 * KIB),
    ],
)
def test_collector_runs_less_often_in_a_flood_unless_the_page_says_how_often(
    micropython, usual, in_between, seen, last
):
    micropython.page.evaluate("globalThis.done = null")
    micropython.run(READ.replace("{usual}", str(usual)).replace("{in_between}", str(in_between)))
    micropython.page.wait_for_function("globalThis.done !== null", polling=100, timeout=20_000)
    found = micropython.page.evaluate("JSON.parse(globalThis.done)")
    micropython.run(f"gc.threshold({16 * KIB})")
    assert found == [seen, last]
