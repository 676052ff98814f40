"""What a message of a channel costs: CPU time of the page's main thread, with a real hub that publishes all at once.

Raw JavaScript, and a `WebSocket` in Python, speak the hub's protocol themselves: they parse the JSON, and count.
"""

import asyncio

from browserws.server import Hub, Settings

PYTHON = ["WebSocket, json.loads", "Channels", "LiveDataClient"]
CONTENDERS = ["raw JavaScript", *PYTHON]
TITLE = "channel, 100 B of JSON"
MIB = 1024 * 1024
AT_ONCE = 100  # publishes in one iteration of the server's event loop


def new_hub():
    """One that waits for a page, however slow it is."""
    return Hub(settings=Settings(max_queue=256 * MIB))


async def publish(hub, count):
    for number in range(count):
        await hub.publish("bench", {"symbol": "ACME", "bid": 101.25, "number": number})
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)


def measure(open_page, site, hub, type_, rounds, count):
    """{contender: [µs of each round]}"""
    page = open_page(type_, "channels.py")
    page.wait_for_function("names => names.every((name) => name in bench.readers)", arg=PYTHON)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    times = {contender: [] for contender in CONTENDERS}
    for number in range(rounds + 1):
        for contender in CONTENDERS:
            page.evaluate("([name, count]) => bench.read(name, count)", [contender, count])
            before = cpu_time(devtools)
            site.run(publish(hub, count))
            page.evaluate("bench.finished()")
            if number:  # the first round warms up
                times[contender].append((cpu_time(devtools) - before) / count * 1e6)
    page.close()
    return times


def cpu_time(devtools):
    """Seconds of the main thread."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")
