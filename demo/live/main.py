"""The live demo: as many subscriptions as you choose, each shown five times a second at most.

Each row has a task that reads the newest update, shows it, and waits a little: what comes meanwhile but the last is
left out by `updates(..., conflate=True)`. Only the rate counts them all.
"""

import asyncio
import json

import js
from pyscript import document, when
from pyscript.js_modules import uPlot

from browserws import LiveDataClient

NAMES = """
ACME APEX AXON BOLT CALM CORE DAWN ECHO EDEN FERN FLUX GALE GLOW HALO IRIS JADE KITE LARK LOOM LUNA
MINT NOVA OAKS ONYX OPAL PINE PLUM QUAY REEF RUNE SAGE SILO TARN TIDE VALE VEGA WAVE WREN YARN ZEST
""".split()
PAUSE = 0.2  # seconds between two looks at a price
SHOWN = 60  # seconds in the chart

live = LiveDataClient("/hub", {"max_reconnect_interval": 5000, "conflate": True})
rows = {}  # symbol -> its task
charted = NAMES[0]
points = ([], [])  # of the chart: seconds, prices
received = 0


def element(name):
    return document.getElementById(name)


def make(tag, text="", kind=""):
    node = document.createElement(tag)
    node.textContent = text
    if kind:
        node.className = kind
    return node


# --- the table ---


def subscribe(symbol):
    if symbol not in rows:
        rows[symbol] = asyncio.create_task(show_prices(symbol))


def unsubscribe(symbol):
    if symbol in rows:
        del rows[symbol]
        live.unsubscribe("ticker." + symbol)  # the loop of its task ends


async def show_prices(symbol):
    row, cells = make_row(symbol)
    before = 0
    async for update in live.updates("ticker." + symbol, conflate=True):
        price = update.data["price"]
        change = 100 * (price / update.data["open"] - 1)
        cells[0].textContent = "%.2f" % price
        cells[0].className = "up" if price > before else "down" if price < before else ""
        cells[1].textContent = ("%+.2f %%" % change).replace("-0.00", "+0.00")
        cells[1].className = "up" if change >= 0 else "down"
        cells[2].textContent = grouped(update.data["volume"])
        before = price
        if symbol == charted:
            add_point(update.time / 1000, price)
        await asyncio.sleep(PAUSE)
    row.remove()


def make_row(symbol):
    row = make("tr")
    row.id = "row-" + symbol
    head = make("th")
    head.setAttribute("scope", "row")
    button = make("button", symbol)
    button.setAttribute("data-symbol", symbol)
    head.append(button)
    cells = [make("td"), make("td"), make("td")]
    row.append(head, cells[0], cells[1], cells[2])
    after = [other for other in sorted(rows) if other > symbol and element("row-" + other)]
    element("rows").insertBefore(row, element("row-" + after[0]) if after else None)
    mark_charted()
    return row, cells


def grouped(number):
    """1234567 as 1 234 567, with thin spaces."""
    text = str(number)
    groups = []
    while text:
        groups.insert(0, text[-3:])
        text = text[:-3]
    return "\u202f".join(groups)


# --- the chart ---


def to_js(value):
    """The same on both interpreters."""
    return js.JSON.parse(json.dumps(value))


def size():
    return {"width": element("chart").clientWidth, "height": 260}


def make_chart():
    element("chart").replaceChildren()
    probe = make("i")  # the colours of the style sheet depend on the scheme
    element("chart").append(probe)

    def resolved(name):
        probe.setAttribute("style", "color: var(%s)" % name)
        return js.getComputedStyle(probe).color

    dim, line, accent = resolved("--dim"), resolved("--line"), resolved("--accent")
    probe.remove()
    axis = {"stroke": dim, "grid": {"stroke": line, "width": 1}, "ticks": {"stroke": line, "width": 1}}
    options = {
        "series": [{}, {"label": charted, "stroke": accent, "width": 2}],
        "axes": [axis, axis],
        "legend": {"live": False},
    }
    options.update(size())
    return uPlot.default.new(to_js(options), to_js(list(points)), element("chart"))


def add_point(time, price):
    points[0].append(time)
    points[1].append(price)
    while points[0][0] < time - SHOWN:
        points[0].pop(0)
        points[1].pop(0)
    if chart.width != element("chart").clientWidth:  # a phone was turned
        chart.setSize(to_js(size()))
    chart.setData(to_js(list(points)))


def chart_of(symbol):
    global charted, chart
    charted = symbol
    points[0].clear()
    points[1].clear()
    chart = make_chart()
    mark_charted()


def mark_charted():
    for row in document.querySelectorAll("#rows tr"):
        row.className = "charted" if row.id == "row-" + charted else ""


# --- what the person does ---


def make_choices():
    for symbol in NAMES:
        label = make("label")
        box = make("input")
        box.type = "checkbox"
        box.value = symbol
        box.checked = True
        label.append(box, make("span", symbol))
        element("symbols").append(label)


@when("change", "#symbols")
def choose(event):
    (subscribe if event.target.checked else unsubscribe)(event.target.value)


@when("click", "#all")
def choose_all(event):
    choose_each(True)


@when("click", "#none")
def choose_none(event):
    choose_each(False)


def choose_each(wanted):
    for box in document.querySelectorAll("#symbols input"):
        box.checked = wanted
        (subscribe if wanted else unsubscribe)(box.value)


@when("click", "#rows")
def choose_chart(event):
    symbol = event.target.getAttribute("data-symbol")
    if symbol:
        chart_of(symbol)


# --- the client's events ---


@live.bind("update")
def count():
    global received
    received += 1


@live.bind("state")
def show_state(event):
    element("state").textContent = event.state.lower()
    element("state").setAttribute("data-state", event.state)


async def show_rate():
    global received
    while True:
        received = 0
        await asyncio.sleep(1)
        element("rate").textContent = grouped(received)


make_choices()
chart = make_chart()
for symbol in NAMES:
    subscribe(symbol)
element("all").disabled = element("none").disabled = False
showing = asyncio.create_task(show_rate())
