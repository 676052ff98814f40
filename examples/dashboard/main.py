"""The page of the dashboard: readings, cells and the chat are channels of one connection."""

import asyncio
import json
from collections import deque
from statistics import fmean, pstdev

import js
from pyscript import document, when
from pyscript.ffi import create_proxy
from pyscript.js_modules import uPlot

from browserws import Channels, WebSocketException

SENSORS = ("temperature", "humidity", "visitors")
SHOWS = {"latest": lambda x: x[-1], "mean": fmean, "maximum": max, "minimum": min, "spread": pstdev}
SHOWN = 600  # readings in a plot: a minute
WINDOW = 50  # of which a point shows the mean and the like: five seconds

name = js.decodeURIComponent(js.location.hash[1:]) or f"guest-{int(js.Math.random() * 10000)}"
channels = Channels("/hub", {"user": name, "max_reconnect_interval": 5000})
readings = {sensor: deque(maxlen=SHOWN + WINDOW) for sensor in SENSORS}  # events
cells = {}  # by the name that the server gave


def element(name):
    return document.getElementById(name)


def to_js(value):
    return js.JSON.parse(json.dumps(value))


class Cell:
    def __init__(self, name):
        self.name = name
        self.box = element("cell").content.firstElementChild.cloneNode(True)
        self.sensor, self.shows = self.box.querySelectorAll("select")
        self.plot = self.box.querySelector(".plot")
        element("cells").append(self.box)
        for select, names in ((self.sensor, SENSORS), (self.shows, SHOWS)):
            select.append(*[js.Option.new(name, name) for name in names])
            select.addEventListener("change", create_proxy(self.change))
        self.box.querySelector("button").addEventListener("click", create_proxy(lambda event: ask("remove", cell=name)))
        axis = {"stroke": js.getComputedStyle(self.plot).color, "grid": {"stroke": "#8884", "width": 1}}
        options = {"series": [{}, {"stroke": "#4b7bec", "width": 2}], "axes": [axis, axis], "legend": {"show": False}}
        self.chart = uPlot.default.new(to_js({**options, **self.size()}), to_js([[], []]), self.plot)

    def size(self):
        return {"width": self.plot.clientWidth, "height": 170}

    def change(self, event):
        ask("set", cell=self.name, sensor=self.sensor.value, shows=self.shows.value)

    def draw(self):
        events = list(readings[self.sensor.value])
        values, show = [event.data for event in events], SHOWS[self.shows.value]
        points = [round(show(values[max(0, end - WINDOW) : end]), 2) for end in range(1, len(values) + 1)]
        self.box.querySelector("output").textContent = f"{points[-1]:.1f}" if points else "–"
        self.chart.setSize(to_js(self.size()))
        self.chart.setData(to_js([[event.time / 1000 for event in events[-SHOWN:]], points[-SHOWN:]]))


def ask(what, **arguments):
    """Call a function of the server, and show what goes wrong."""

    async def answered():
        element("trouble").textContent = ""
        try:
            return await channels.call("dashboard." + what, arguments)
        except (WebSocketException, TimeoutError) as error:
            element("trouble").textContent = str(error)

    return asyncio.create_task(answered())


def show_cells(wanted):
    for gone in set(cells) - set(wanted):
        cells.pop(gone).box.remove()
    for name, (sensor, shows) in wanted.items():
        if name not in cells:
            cells[name] = Cell(name)
        cells[name].sensor.value, cells[name].shows.value = sensor, shows


async def talk():
    """What was said before, then what comes: the reader has what came meanwhile, and some of it is in the history."""
    messages, shown = chat.reader(), 0
    for event in await chat.history(50):
        show_line(event.user, event.data)
        shown = event.offset
    async for event in messages:
        if event.offset > shown:
            show_line(event.user, event.data)


def show_line(user, text):
    line, who = document.createElement("li"), document.createElement("b")
    who.textContent = user
    line.append(who, str(text))  # as text, never as HTML: others wrote it
    element("said").append(line)
    element("said").scrollTop = element("said").scrollHeight


async def main():
    for sensor in SENSORS:
        channel = await channels.join("sensor." + sensor, conflate=True)
        readings[sensor].extend(await channel.history(SHOWN))
        channel.bind("message", readings[sensor].append)
    element("add").disabled = False
    while True:
        for cell in list(cells.values()):
            cell.draw()
        await asyncio.sleep(0.25)


@channels.bind("statechange")
def show_state(event):
    element("state").textContent = event.state.lower()
    element("state").setAttribute("data-state", event.state)


chat = channels.join("dashboard.chat", presence=True)
chat.bind("members", lambda event: setattr(element("members"), "textContent", ", ".join(event.members)))
shared = channels.join("dashboard.cells", conflate=True)
shared.bind("message", lambda event: show_cells(event.data))


@shared.bind("joined")  # after each reconnect, too
async def get_cells():
    now = await ask("cells")
    if now is not None:
        show_cells(now)


@when("click", "#add")
def add(event):
    ask("set", sensor="humidity", shows="latest")


@when("submit", "#form")
def say(event):
    if element("text").value:
        chat.publish(element("text").value)
        element("text").value = ""


running = [asyncio.create_task(main()), asyncio.create_task(talk())]
