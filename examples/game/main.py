"""The page of the game, in MicroPython: it says where it wants to go, and draws what the server says."""

import asyncio
import math

import js
from pyscript import document, when

from browserws import ChannelError, Channels

KEYS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, -1), "ArrowDown": (0, 1)}

name = js.decodeURIComponent(js.location.hash[1:]) or "player-%d" % int(js.Math.random() * 10000)
channels = Channels("/hub", {"user": name, "max_reconnect_interval": 5000})
game = channels.join("game", conflate=True)
field = document.getElementById("field")
pen = field.getContext("2d")
pressed = set()  # keys
direction, here, listed, shown = (0, 0), (0, 0), None, 0  # shown: states in this second


def element(name):
    return document.getElementById(name)


def hue(user):
    return "hsl(%d 65%% 45%%)" % (sum([ord(c) for c in user]) * 47 % 360)


async def play():
    global here, shown
    async for event in game.reader(conflate=True):  # of those that come while one is drawn, only the newest waits
        shown += 1
        pen.clearRect(0, 0, field.width, field.height)
        for x, y in event.data["dots"]:
            disc(x, y, 13, "#e0a100")
        for user, x, y, _ in event.data["players"]:
            disc(x, y, 30, hue(user))
            if user == name:
                here = (x, y)
                disc(x, y, 10, "#fff")
        show_players([(user, points) for user, _, _, points in event.data["players"]])


def disc(x, y, radius, color):
    pen.beginPath()
    pen.arc(x, y, radius, 0, 2 * math.pi)
    pen.fillStyle = color
    pen.fill()


def show_players(players):
    global listed
    if players != listed:
        listed = players
        element("players").replaceChildren()
        for user, points in sorted(players, key=lambda player: -player[1]):
            item = document.createElement("li")
            item.setAttribute("style", "--hue: " + hue(user))
            item.textContent = "%s%s: %d" % (user, " (you)" if user == name else "", points)
            element("players").append(item)


async def each_second():
    global shown
    while True:
        shown = 0
        await asyncio.sleep(1)
        element("rate").textContent = str(shown)
        if channels.state == "OPEN":
            await steer()


async def steer():
    """The answer shows the latency: from here to the server and back."""
    began = js.performance.now()
    try:
        await game.publish(list(direction), timeout=5)
        element("latency").textContent = "%.1f ms" % (js.performance.now() - began)
    except (ChannelError, asyncio.TimeoutError):
        element("latency").textContent = "lost"  # in a second we say it again


def go(*where):
    global direction
    if where != direction:
        direction = where
        asyncio.create_task(steer())


@when("keydown", "body")
def key(event):
    pressed.discard(event.key)
    if event.key in KEYS and event.type == "keydown":
        event.preventDefault()  # they scroll, too
        pressed.add(event.key)
    go(*[sum([KEYS[key][axis] for key in pressed]) for axis in (0, 1)])


@when("pointermove", "#field")
def point(event):
    x = event.offsetX * field.width / field.clientWidth - here[0]
    y = event.offsetY * field.height / field.clientHeight - here[1]
    far = math.sqrt(x * x + y * y)
    if event.buttons:
        go(*((round(x / far, 2), round(y / far, 2)) if far > 30 else (0, 0)))


when("keyup", "body")(key)
when("pointerdown", "#field")(point)
when("pointerup", "#field")(lambda event: go(0, 0))


@channels.bind("statechange")
def show_state(event):
    element("state").textContent = event.state.lower()
    element("state").setAttribute("data-state", event.state)


playing = [asyncio.create_task(play()), asyncio.create_task(each_second())]
