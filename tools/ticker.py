"""What demo/live/ shows: prices that walk at random, published some thousands of times a second."""

import asyncio
import random
import time

NAMES = """
ACME APEX AXON BOLT CALM CORE DAWN ECHO EDEN FERN
FLUX GALE GLOW HALO IRIS JADE KITE LARK LOOM LUNA
MINT NOVA OAKS ONYX OPAL PINE PLUM QUAY REEF RUNE
SAGE SILO TARN TIDE VALE VEGA WAVE WREN YARN ZEST
"""
TURNS = 50  # a second; in each all prices change
PREFIX = "ticker."


class Ticker:
    """Channels `ticker.NAME`; an update is {"price", "open", "volume"}."""

    def __init__(self, hub):
        self._hub = hub
        self._prices = {name: random.uniform(20, 400) for name in NAMES.split()}
        self._opened = dict(self._prices)
        self._volumes = dict.fromkeys(self._prices, 0)
        self._published = 0  # since `now` was asked last
        self._asked = time.monotonic()

    def now(self):
        """For the list of demos."""
        published, self._published = self._published, 0
        asked, self._asked = self._asked, time.monotonic()
        return f"{published / (self._asked - asked):,.0f} prices a second"

    async def run(self):
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            due = max(due + 1 / TURNS, clock())
            await asyncio.sleep(due - clock())
            for name in self._prices:
                self._trade(name)
            if self._hub.connections:
                await asyncio.gather(*(self._publish(name) for name in self._prices))

    def _trade(self, name):
        self._prices[name] = max(1, self._prices[name] * random.gauss(1.000002, 0.0006))
        self._volumes[name] += random.randrange(200)

    async def _publish(self, name):
        price, opened, volume = self._prices[name], self._opened[name], self._volumes[name]
        await self._hub.publish(PREFIX + name, {"price": round(price, 2), "open": round(opened, 2), "volume": volume})
        self._published += 1
