"""Hubs, Redis, clients on CPython and four pages, and all that can go wrong between them: tests/faults/chaos.py.

Both runs together take two minutes, and print their seeds: `make chaos SEED=...` plays one again.
"""

import asyncio
import json
import random
import threading
import time

import pytest

from tests.browser.remote import open_remote
from tests.faults import chaos

SECONDS = 60
LIMIT = 300  # s that a run may take, with pages that open and what is mended at its end
PAGES = ["py", "mpy", "py", "mpy"]


class Page:
    """A page that runs pages/chaotic.py, as `chaos.Client` on CPython."""

    def __init__(self, page, call):
        self._page = page
        self._call = call

    async def _evaluate(self, source):
        return await self._call(self._page.evaluate, source)

    async def stop(self):
        await self._evaluate("stop()")

    async def publish_all(self):
        await self._evaluate("publish_all()")

    async def members(self):
        return json.loads(await self._evaluate("members()"))

    async def state(self):
        return json.loads(await self._evaluate("state()"))

    async def report(self):
        return json.loads(await self._evaluate("report()"))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("losses", [False, True], ids=["nothing lost", "data lost"])
def test_whatever_goes_wrong_each_message_comes_once_or_is_missed_in_words(browser, site, wheel, losses):
    calls = []  # (function, arguments, answer) for this thread, to which the pages belong
    wake = threading.Condition()
    contexts = [browser.new_context() for _ in PAGES]

    async def call(function, *arguments):
        answer = asyncio.get_running_loop().create_future()
        with wake:
            calls.append((function, arguments, answer, asyncio.get_running_loop()))
            wake.notify()
        return await answer

    def open_page(context, number, type_, urls):
        page = open_remote(context, site, wheel, type_, "chaotic.py").page
        arguments = [urls, f"page {number}", chaos.TOKENS, int(time.time())]
        page.evaluate("([urls, name, life, now]) => start(urls, name, life, now)", arguments)
        return Page(page, call)

    async def open_pages(ports):
        urls = json.dumps([f"ws://localhost:{port}/" for port in ports])
        return [await call(open_page, context, n, PAGES[n], urls) for n, context in enumerate(contexts)]

    result = []

    async def play_in_time(seed):
        async with asyncio.timeout(LIMIT):
            return await chaos.play(SECONDS, seed, losses, site.url(), open_pages)

    def play():
        seed = random.randrange(10**6)
        try:
            result.append(asyncio.run(play_in_time(seed)))
        except BaseException as error:
            result.append(error)
        with wake:
            wake.notify()

    thread = threading.Thread(target=play, daemon=True)
    thread.start()
    while not result:
        with wake:
            wake.wait_for(lambda: calls or result)
            todo, calls[:] = list(calls), []
        for function, arguments, answer, loop in todo:
            try:
                value, error = function(*arguments), None
            except Exception as raised:
                value, error = None, raised
            loop.call_soon_threadsafe(_settle, answer, value, error)
    thread.join()
    for context in contexts:
        context.close()
    (run,) = result
    if isinstance(run, BaseException):
        raise run
    print(run)
    assert not run.problems, str(run)


def _settle(answer, value, error):
    if answer.done():
        return
    if error is None:
        answer.set_result(value)
    else:
        answer.set_exception(error)
