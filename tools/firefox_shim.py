#!/usr/bin/env python
"""Stands between Playwright and a Firefox that is older than Playwright expects, as the Firefox of Debian is.

Playwright 1.64.1 speaks WebDriver BiDi with a Firefox as it comes, and begins with commands that Firefox 140 ESR does
not know yet; it gives up at the first of them. So it starts this program instead of the Firefox that is named in
BROWSERWS_FIREFOX; where that one says "unknown command" to one of `HARMLESS`, Playwright hears that it is done.
"""

import asyncio
import json
import os
import re
import signal
import sys

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

# What no test needs, with the answer that Playwright gets.
HARMLESS = {
    "browser.setDownloadBehavior": {},
    "emulation.setMediaFeaturesOverride": {},  # asked for by Playwright 1.65
    "emulation.setScreenOrientationOverride": {},
    "emulation.setScreenSettingsOverride": {},
    "network.addDataCollector": {"collector": "none"},
}
OPTIONS = {"max_size": None, "compression": None, "ping_interval": None}
LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")


async def relay(playwright, address):
    """One connection of Playwright's, until either side ends it."""
    asked = {}  # the harmless commands that are not answered yet: id and name

    async def to_firefox():
        async for text in playwright:
            command = json.loads(text)
            if command["method"] in HARMLESS:
                asked[command["id"]] = command["method"]
            await firefox.send(text)

    async def to_playwright():
        async for text in firefox:
            await playwright.send(answer(text, asked) if asked else text)

    async with connect(address + playwright.request.path, **OPTIONS) as firefox:
        ways = [asyncio.create_task(to_firefox()), asyncio.create_task(to_playwright())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
    await playwright.close()


def answer(text, asked):
    """What Playwright gets for this message of Firefox."""
    message = json.loads(text)
    method = asked.pop(message.get("id"), None)
    if method is None or message.get("error") != "unknown command":
        return text
    return json.dumps({"type": "success", "id": message["id"], "result": HARMLESS[method]})


async def main():
    """Run Firefox, and say to Playwright that it listens where this program does."""
    firefox = await asyncio.create_subprocess_exec(
        os.environ["BROWSERWS_FIREFOX"], *sys.argv[1:], stderr=asyncio.subprocess.PIPE
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, firefox.terminate)
    async for line in firefox.stderr:
        found = LISTENING.search(line)
        if found:
            address = found[1].decode()
            server = await serve(lambda playwright, to=address: relay(playwright, to), "127.0.0.1", 0, **OPTIONS)
            port = server.sockets[0].getsockname()[1]
            line = line.replace(found[1], f"ws://127.0.0.1:{port}".encode())
        sys.stderr.buffer.write(line)
        sys.stderr.flush()
    return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
