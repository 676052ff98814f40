"""The server of the dashboard: readings of sensors, ten times a second, and the cells that all pages see.

A cell is a sensor, and what is to be seen of it. Pages call functions to change the cells, and all of them
get what they are then.
"""

import asyncio
import itertools
import math
import random
import time

from browserws.server import Hub, Refused

SENSORS = {"temperature": (21, 2, 40), "humidity": (48, 9, 65), "visitors": (120, 60, 90)}  # mean, swing, seconds
SHOWS = ("latest", "mean", "maximum", "minimum", "spread")
READINGS = 10  # a second
MOST = 12  # cells


class Program:
    def __init__(self, hub: Hub):
        self._hub = hub
        self._ids = map(str, itertools.count(3))
        self._cells = {"1": ["temperature", "mean"], "2": ["visitors", "latest"]}
        hub.call("dashboard.cells")(lambda: self._cells)
        hub.call("dashboard.set")(self._set)
        hub.call("dashboard.remove")(self._remove)

    async def _set(self, sensor, shows, cell=None):
        """Change a cell, or add one."""
        if sensor not in list(SENSORS) or shows not in SHOWS or cell not in (None, *self._cells):
            raise Refused("there is no such cell")
        if cell is None and len(self._cells) == MOST:
            raise Refused("these are enough cells")
        self._cells[cell or next(self._ids)] = [sensor, shows]
        await self._hub.publish("dashboard.cells", self._cells)

    async def _remove(self, cell):
        if cell in list(self._cells):
            del self._cells[cell]
            await self._hub.publish("dashboard.cells", self._cells)

    async def run(self):
        while True:
            for sensor, (mean, swing, seconds) in SENSORS.items():
                value = mean + swing * (math.sin(time.time() * 2 * math.pi / seconds) + random.gauss(0, 0.15))
                await self._hub.publish("sensor." + sensor, round(value, 1))
            await asyncio.sleep(1 / READINGS)
