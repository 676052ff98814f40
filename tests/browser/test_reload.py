"""A page that is loaded again at random, while numbers flow both ways, loses none of them and gets none twice.

Its script is pages/reloaded.py. A hub runs in a thread of the test.
"""

import asyncio
import json
import random
import threading
import time
from urllib.parse import urlencode

import pytest

from browserws.server import Hub, Settings, serve

pytestmark = pytest.mark.timeout(400)  # fifty pages take a minute, and more on a busy machine
SECONDS = 120  # that it may take until all is there
EACH = 0.005  # s between the numbers of the hub


class Numbers:
    """A hub that publishes `count` numbers in "down", and knows what a page has published in "up"."""

    def __init__(self, count):
        self.count = count
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._publishing = None
        self._next = self._wanted = 0
        self._call(self._start())

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(SECONDS)

    async def _start(self):
        self.hub = Hub(settings=Settings(rate=100_000, history=10_000, history_bytes=10_000_000, origins=("*",)))
        self._serving = serve(self.hub, "localhost", 0)
        server = await self._serving.__aenter__()
        self.port = server.sockets[0].getsockname()[1]

    def publish(self, up_to):
        """Publish the next numbers, while the test goes on."""
        self._wanted = up_to
        if self._publishing is None or self._publishing.done():
            self._publishing = asyncio.run_coroutine_threadsafe(self._publish(), self.loop)

    async def _publish(self):
        while self._next < self._wanted:
            await self.hub.publish("down", self._next)
            self._next += 1
            await asyncio.sleep(EACH)

    def published(self):
        """What the page has published."""

        async def read():
            _, entries = await self.hub.store.history("up", 10_000, None)
            return [json.loads(entry.data) for entry in entries]

        return self._call(read())

    def close(self):
        self._call(self._serving.__aexit__(None, None, None))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@pytest.fixture
def numbers(request):
    numbers = Numbers(request.param)
    yield numbers
    numbers.close()


def open_page(context, site, wheel, numbers, type_, worker=False):
    interpreter = "/pyodide/pyodide.mjs" if type_ == "py" else "/micropython/micropython.mjs"
    hub = f"ws://localhost:{numbers.port}/"
    config = {"interpreter": interpreter, "packages": [wheel], "hub": hub, "count": numbers.count}
    query = {"type": type_, "script": "reloaded.py", "config": json.dumps(config), **({"worker": ""} if worker else {})}
    page = context.new_page()
    console = []
    page.on("console", lambda message: console.append(message.text))
    page.on("pageerror", lambda error: console.append(str(error)))
    page.goto(site.url("/tests/install.html?" + urlencode(query)))
    return page, console


def load_again(page, console, chance, told):
    """Load the page again, at any time: while it starts, or after it has begun."""
    if chance.random() < 0.75:
        before = len(told())
        end = time.monotonic() + 20
        while len(told()) < before + 2:
            assert time.monotonic() < end, ("the page does nothing", told()[-3:], console[-10:])
            page.wait_for_timeout(20)
    page.wait_for_timeout(chance.uniform(0, 400))
    page.reload(wait_until="commit")


def wait_until_joined(page, told):
    while not told():
        page.wait_for_timeout(20)


def wait_until_all_is_there(page, numbers, told):
    end = time.monotonic() + SECONDS
    numbers.publish(numbers.count)
    while str(numbers.count - 1) not in told() or len(numbers.published()) < numbers.count:
        assert time.monotonic() < end, (told()[-5:], numbers.published()[-5:])
        page.wait_for_timeout(100)


def told_by(page):
    """What a page on the main thread has written down, in all its lives."""
    return page.evaluate("sessionStorage.told ?? ''").split()


# Only ours: PyScript does not start without its own.
FORBID_INDEXED_DB = """
const open = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (name, version) {
  if (name.startsWith("browserws:")) throw new DOMException("forbidden", "SecurityError");
  return open.call(this, name, version);
};
"""


@pytest.mark.parametrize(
    ("type_", "reloads", "script", "numbers"),
    [("mpy", 50, "", 2000), ("py", 5, "", 500), ("mpy", 10, FORBID_INDEXED_DB, 500), ("py", 2, FORBID_INDEXED_DB, 100)],
    indirect=["numbers"],
    ids=["mpy", "py", "mpy-sessionStorage", "py-sessionStorage"],
)
def test_each_number_comes_once_and_in_order_however_often_the_page_is_loaded(
    browser, site, wheel, numbers, type_, reloads, script
):
    context = browser.new_context()
    context.add_init_script(script)
    page, console = open_page(context, site, wheel, numbers, type_)
    chance = random.Random(7)

    def told():
        return told_by(page)

    wait_until_joined(page, told)
    for done in range(reloads):
        numbers.publish(numbers.count * (done + 1) // (reloads + 1))
        load_again(page, console, chance, told)
    wait_until_all_is_there(page, numbers, told)
    lines = told()
    restored = [int(line.split(":")[1]) for line in lines if line.startswith("restored")]
    print(f"{type_}: {reloads} reloads, {len(restored)} times restored, {sum(restored)} publishes sent again")
    assert [line for line in lines if not line.startswith("restored")] == [str(n) for n in range(numbers.count)]
    assert numbers.published() == list(range(numbers.count))
    context.close()


@pytest.mark.parametrize("numbers", [40], indirect=True)
@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_duplicated_tab_has_a_session_of_its_own(browser, site, wheel, numbers, type_):
    """It begins with a copy of the other's sessionStorage."""
    context = browser.new_context()
    page, _ = open_page(context, site, wheel, numbers, type_)
    wait_until_joined(page, lambda: told_by(page))
    wait_until_all_is_there(page, numbers, lambda: told_by(page))
    with context.expect_page() as event:
        page.evaluate("open(location.href)")
    second = event.value

    def wait_for(lines, *pages):
        end = time.monotonic() + SECONDS
        while not all(told_by(each)[-len(lines) :] == lines for each in pages):
            assert time.monotonic() < end, [told_by(each)[-3:] for each in pages]
            second.wait_for_timeout(20)

    wait_for(["39", "restored:0"], second)
    numbers.publish(80)
    wait_for([str(number) for number in range(40, 80)], page, second)
    page.close()
    numbers.publish(120)
    second.reload()
    wait_for(["119"], second)
    lines = [line for line in told_by(second) if not line.startswith("restored")]
    assert lines == [str(number) for number in range(120)]
    assert numbers.published() == list(range(40))
    context.close()


OBSERVER = """() => {
  globalThis.told = [];
  new BroadcastChannel("told").onmessage = (event) => told.push(event.data);
}"""


@pytest.mark.parametrize(
    ("type_", "reloads", "numbers"), [("mpy", 10, 500), ("py", 3, 300)], indirect=["numbers"], ids=["mpy", "py"]
)
def test_worker_loses_nothing_and_may_get_its_last_messages_again(browser, site, wheel, numbers, type_, reloads):
    """Nobody tells a worker that it will end. What it has published, it asks the hub."""
    context = browser.new_context()
    observer = context.new_page()
    observer.goto(site.url("/style.css"))
    observer.evaluate(OBSERVER)
    page, console = open_page(context, site, wheel, numbers, type_, worker=True)
    chance = random.Random(7)

    def told():
        return observer.evaluate("told")

    wait_until_joined(page, told)
    for done in range(reloads):
        numbers.publish(numbers.count * (done + 1) // (reloads + 1))
        load_again(page, console, chance, told)
    wait_until_all_is_there(page, numbers, told)
    lives = [[]]  # of the page: the numbers that each has got
    for line in told():
        lives.append([]) if line.startswith("restored") else lives[-1].append(int(line))
    first = expected = 0
    for got in filter(None, lives):
        assert got == list(range(got[0], got[0] + len(got)))
        assert first <= got[0] <= expected  # it goes on behind what was kept, which is not lost any more
        first, expected = got[0], max(expected, got[-1] + 1)
    again = sum(map(len, lives)) - numbers.count
    print(f"{type_} in a worker: {reloads} reloads, {again} of {numbers.count} numbers came again")
    assert expected == numbers.count
    assert numbers.published() == list(range(numbers.count))
    context.close()
