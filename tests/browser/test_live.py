"""The live examples of the documentation, as their readers use them: from a static host, without its headers."""

import json
import re
from urllib.parse import urlsplit

import pytest

from tests.browser.engines import on_exception
from tools import docs, live
from tools.paths import BUILD, NPM
from tools.server import Site

AXE = NPM / "axe-core" / "axe.min.js"
LOADED_MS = 90_000
TICKS = """
import asyncio

async def tick():
    while True:
        print("tick")
        await asyncio.sleep(0)

asyncio.create_task(tick())
await asyncio.sleep(0)
"""
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
FOCUSED = """() => {
    const focused = document.activeElement.shadowRoot.activeElement;
    return focused.ariaLabel ?? focused.textContent;
}"""


async def refuse(connection):
    await connection.close()


@pytest.fixture(scope="module")
def host():
    folder = live.write(BUILD / "live")
    with Site({"/": folder}, refuse) as site:
        yield site


class Reader:
    """One page with the examples, and all that it has asked for."""

    def __init__(self, page, url, examples=5):
        self.page = page
        self.url = url
        self.requests = []
        self.console = []
        self.errors = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("console", lambda message: self.console.append(message.text))
        on_exception(page, self.errors.append)
        page.goto(url)
        page.locator("live-example.ready").nth(examples - 1).wait_for()

    def example(self, label):
        return Example(self.page.locator(f'live-example[label="{label}"]'))

    def requested(self, part):
        return [url for url in self.requests if part in url]


class Example:
    def __init__(self, element):
        self.element = element
        self.output = element.locator(".output")

    def edit(self, name, old, new):
        editor = self.element.get_by_label(name, exact=True)
        text = editor.input_value()
        assert old in text
        editor.fill(text.replace(old, new))

    def press(self, button):
        self.element.get_by_role("button", name=button, exact=True).click()

    def run(self):
        self.press("Run")

    def says(self, text, timeout=10_000):
        self.element.get_by_role("status").filter(has_text=text).wait_for(timeout=timeout)

    def pane(self, title):
        return self.element.locator(f'.pane[aria-label="{title}"]')

    def wait_for_line(self, title, text):
        self.pane(title).locator("li", has_text=text).first.wait_for()

    def send(self, title, text):
        field = self.pane(title).locator("input")
        field.fill(text)
        field.press("Enter")


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context()
    yield context
    context.close()


def megabytes(interpreter):
    """Of all that a page loads for it."""
    sizes = json.loads((BUILD / "live" / "sizes.json").read_text())
    return f"{sizes[interpreter]['size'] / 1e6:.1f} MB"


def allow_eval(route):
    """As Playwright needs it to work Firefox, and then only. (What is clicked and no more, runs under the policy.)"""
    response = route.fetch()
    assert "'wasm-unsafe-eval'" in response.text()
    body = response.text().replace("'wasm-unsafe-eval'", "'wasm-unsafe-eval' 'unsafe-eval'")
    route.fulfill(response=response, body=body)


def load(context, host, engine):
    """A page in which Python is loaded."""
    page = context.new_page()
    if engine == "firefox":
        page.route("**/index.html", allow_eval)
    reader = Reader(page, host.url("/plain/index.html"))
    example = reader.example("A chat")
    example.run()
    example.says("Running.", LOADED_MS)
    example.press("Stop")
    example.says("Stopped.")
    return reader


@pytest.fixture(scope="module")
def opened(context, host, engine):
    return load(context, host, engine)


@pytest.fixture
def reader(opened):
    """A page in which Python is loaded; nothing but it was asked for anything, and no policy was violated."""
    yield opened
    origin = urlsplit(opened.url).netloc
    assert [url for url in opened.requests if urlsplit(url).netloc not in (origin, "") or "ws:" in url] == []
    console, opened.console[:] = list(opened.console), []
    errors, opened.errors[:] = list(opened.errors), []
    assert (console, errors) == ([], [])


def test_the_policy_allows_what_pyodide_needs_and_no_more(context, host):
    """(That it is kept to, each test says whose console stays empty.)"""
    reader = Reader(context.new_page(), host.url("/plain/index.html"))
    policy = reader.page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
    allowed = {part.split()[0]: part.split()[1:] for part in policy.split(";")}
    assert allowed["default-src"] == ["'none'"] and allowed["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert allowed["style-src"] == allowed["connect-src"] == ["'self'"]
    reader.page.close()


def test_nothing_but_the_examples_is_loaded_before_run(context, host):
    reader = Reader(context.new_page(), host.url("/plain/index.html"))
    assert reader.requested("page.py") and not reader.requested("/runtime/")
    example = reader.example("How fast, in MicroPython")
    example.says(f"Run loads MicroPython, {megabytes('mpy')}, once.")
    reader.example("A chat").says(f"Run loads Python, {megabytes('py')}, once.")
    example.run()
    example.says("Finished.", 30_000)
    assert reader.requested("/runtime/micropython/") and not reader.requested("/runtime/pyodide/")
    reader.page.close()


def test_what_has_come_is_shown_while_python_is_loaded(context, host):
    page = context.new_page()
    held = []
    page.route("**/browserws_testing-*.whl", lambda route: held.append(route))
    example = Reader(page, host.url("/plain/index.html")).example("A chat")
    example.run()
    example.says(f"Loading Python, {megabytes('py')}: 99 %", LOADED_MS)
    assert example.element.get_by_label("Loading").is_visible()
    assert example.element.get_by_role("button", name="Run").is_disabled()
    held[0].continue_()
    example.says("Running.", LOADED_MS)
    page.close()


def test_chat(reader):
    chat = reader.example("A chat")
    chat.edit("page.py", "Hello, Bob!", "Grüße 😀")
    chat.run()
    chat.wait_for_line("bob", "ada: Grüße 😀")
    chat.pane("ada").locator(".state", has_text="here: ada, bob").wait_for()
    chat.send("bob", "Hello, Ada!")
    chat.wait_for_line("ada", "bob: Hello, Ada!")
    chat.send("bob", "spam, spam")
    chat.wait_for_line("bob", "no spam, please")

    chat.edit("server.py", '"spam"', '"eggs"')
    chat.run()
    chat.wait_for_line("bob", "Grüße 😀")
    chat.send("ada", "spam")
    chat.wait_for_line("bob", "ada: spam")


def test_live_data(reader):
    example = reader.example("Live data")
    example.edit("server.py", "random.gauss(0, 0.5)", "1")
    example.edit("page.py", "    price.add", "    print(update.data)\n    price.add")
    example.run()
    example.output.get_by_text("102\n").first.wait_for()
    example.pane("ACME").locator(".title", has_text="ACME: 1").wait_for()
    example.pane("ACME").locator("canvas").wait_for()
    example.run()
    example.output.get_by_text("102\n").first.wait_for()  # again from the beginning


def test_reconnection(reader):
    example = reader.example("Reconnection")
    example.edit("server.py", '"echo of "', '"heard: "')
    example.run()
    title = "ReliableWebSocket"
    example.wait_for_line(title, "heard: hello")
    example.press("Cut")
    example.wait_for_line(title, "attempt 1 in")
    example.send(title, "said without a network")
    example.wait_for_line(title, "waits: said without a network")
    example.pane(title).locator(".state", has_text="22 bytes wait").wait_for()
    example.press("Mend")
    example.wait_for_line(title, "heard: said without a network")
    example.pane(title).locator(".state", has_text="OPEN, 0 bytes wait").wait_for()


@pytest.mark.parametrize("label", ["How fast, in Pyodide", "How fast, in MicroPython"])
def test_how_fast(reader, label):
    example = reader.example(label)
    example.edit("page.py", "10_000", "1_000")
    example.edit("page.py", '"async for"', '"a loop"')
    example.run()
    example.says("Finished.", 60_000)
    rows = example.element.locator("table tr")
    rows.nth(2).wait_for()
    assert rows.locator("th").all_text_contents() == ["raw JavaScript", "onmessage", "a loop"]
    rates = [float(text.split(" ")[0].replace(",", "")) for text in rows.locator("td:last-child").all_text_contents()]
    assert all(rate > 100 for rate in rates), rates


def test_exceptions_are_shown_from_the_readers_line_on(reader):
    chat = reader.example("A chat")
    chat.press("Reset")
    chat.edit("page.py", 'ada = enter("ada")', 'ada = enter("")')
    chat.run()
    chat.says("Ended by an exception.")
    shown = chat.output.text_content()
    assert shown.startswith('Traceback (most recent call last):\n  File "page.py", line 32, in <module>\n'), shown
    assert 'ada = enter("")' in shown and "player.py" not in shown
    chat.press("Reset")
    chat.edit("page.py", "pane.add(f", "pane.add(1 / 0, f")
    chat.run()
    chat.output.get_by_text("ZeroDivisionError").first.wait_for()
    assert 'File "page.py", line 11, in on_message' in chat.output.text_content()
    chat.press("Reset")
    chat.edit("server.py", "hub = Hub()", "")
    chat.run()
    chat.output.get_by_text("NameError").first.wait_for()
    chat.press("Reset")
    chat.edit("page.py", 'bob = enter("bob")', TICKS + "raise ValueError('no more')")
    chat.run()
    chat.says("Ended by an exception.")
    before = chat.output.text_content()
    reader.page.evaluate(TWO_FRAMES)
    assert before.endswith("ValueError: no more\n") and chat.output.text_content() == before
    chat.press("Reset")
    assert chat.output.is_hidden() and "hub = Hub()" in chat.element.get_by_label("server.py").input_value()


def test_exceptions_of_buttons_and_of_what_runs_beside_the_server_are_shown(reader):
    example = reader.example("Reconnection")
    example.press("Reset")
    example.edit("server.py", "    connections.clear()", "    connections.wipe()")
    example.run()
    example.wait_for_line("ReliableWebSocket", "echo of hello")
    example.press("Cut")
    example.output.get_by_text("has no attribute 'wipe'").first.wait_for()
    example.press("Reset")
    prices = reader.example("Live data")
    prices.press("Reset")
    prices.edit("server.py", "random.gauss(0, 0.5)", "'much'")
    prices.run()
    prices.output.get_by_text("TypeError").first.wait_for()
    prices.press("Reset")


def test_one_example_runs_at_a_time_and_what_it_began_ends(reader):
    prices = reader.example("Live data")
    prices.press("Reset")
    prices.edit("page.py", "live = ", TICKS + "live = ")
    prices.run()
    prices.output.get_by_text("tick").first.wait_for()
    chat = reader.example("A chat")
    chat.press("Reset")
    chat.run()
    chat.wait_for_line("bob", "ada: Hello, Bob!")
    prices.says("Stopped.")
    before = prices.output.text_content()
    chat.send("ada", "and then?")
    chat.wait_for_line("bob", "and then?")
    assert prices.output.text_content() == before and "tick" not in (chat.output.text_content() or "")
    prices.press("Reset")


def test_much_output_is_bounded(reader):
    chat = reader.example("A chat")
    chat.press("Reset")
    chat.edit("page.py", 'ada = enter("ada")', "for number in range(10_000):\n    print(number)\nada = enter('ada')")
    chat.run()
    chat.output.get_by_text("9999").first.wait_for()
    assert chat.output.locator("span").count() <= 2000
    chat.press("Reset")


def test_without_a_network_it_runs_on(context, host, engine):
    with Site({"/": BUILD / "live"}, refuse) as host_that_goes:
        reader = load(context, host_that_goes, engine)
    prices = reader.example("Live data")
    prices.edit("server.py", "price = 100", "price = 10_000")
    prices.run()
    prices.pane("ACME").locator(".title", has_text="ACME: 1000").or_(
        prices.pane("ACME").locator(".title", has_text="ACME: 999")
    ).wait_for()
    prices.pane("ACME").locator("canvas").wait_for()
    assert (reader.console, reader.errors) == ([], [])
    reader.page.close()


def test_the_keyboard_is_enough(reader):
    chat, keyboard = reader.example("A chat"), reader.page.keyboard
    chat.press("Reset")
    editor = chat.element.get_by_label("page.py", exact=True)
    editor.focus()
    keyboard.press("Control+End")
    keyboard.press("Enter")
    keyboard.type("for word in ['one', 'two']:")
    keyboard.press("Enter")
    keyboard.type("ada.send_message(word)")
    assert editor.input_value().endswith("for word in ['one', 'two']:\n    ada.send_message(word)")
    keyboard.press("Control+Enter")
    chat.wait_for_line("bob", "ada: two")
    names = []
    for _ in range(4):
        keyboard.press("Tab")
        names.append(reader.page.evaluate(FOCUSED))
    assert names == ["Run", "Stop", "Reset", "ada: messages"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_accessibility(reader, scheme, width):
    """axe-core finds nothing: names, roles, landmarks, contrast; with all panes, and an exception shown."""
    page = reader.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    prices = reader.example("Live data")
    prices.press("Reset")
    prices.edit("page.py", "price.add(update", "print(f'{1:.1f}')  # a comment\n    price.add(update")
    prices.run()
    prices.pane("ACME").locator("canvas").wait_for()
    chat = reader.example("A chat")
    chat.press("Reset")
    chat.edit("page.py", "pane.add(f", "pane.add(1 / 0, f")
    chat.run()
    chat.output.get_by_text("ZeroDivisionError").first.wait_for()
    page.evaluate(AXE.read_text())
    assert reader.console == []
    found = page.evaluate("axe.run().then(result => result.violations)")
    reader.console.clear()  # axe-core sets styles, which the policy forbids
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# --- in the site of the documentation ---


@pytest.fixture(scope="module")
def documentation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documentation")
    docs.build(folder)
    with Site({"/": folder}, refuse) as site:
        yield site


@pytest.mark.timeout(300)
def test_pages_of_the_documentation_have_live_examples(context, documentation):
    page = context.new_page()
    reader = Reader(page, documentation.url("/plain/how-to/channels.html"), examples=1)
    assert not reader.requested("/runtime/")
    chat = reader.example("A chat")
    chat.edit("page.py", "Hello, Bob!", "Hello, reader!")
    chat.run()
    chat.says("Running.", LOADED_MS)
    chat.wait_for_line("bob", "ada: Hello, reader!")
    page.evaluate(AXE.read_text())
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.body.dataset.theme = theme }", theme)
        assert page.evaluate("getComputedStyle(document.querySelector('live-example')).colorScheme") == theme
        assert page.evaluate("axe.run('live-example').then(result => result.violations)") == []
    assert {urlsplit(url).netloc for url in reader.requests} <= {urlsplit(reader.url).netloc, ""}
    assert reader.errors == []
    page.goto(documentation.url("/plain/how-to/hub.html"))
    assert page.locator('script[src*="live.mjs"]').count() == 0
    page.close()


def test_without_javascript_a_page_shows_the_code(browser, documentation):
    """(Firefox's driver cannot turn it off: so no script comes, either.)"""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.route(re.compile(r"\.m?js(\?|$)"), lambda route: route.abort())
    page.goto(documentation.url("/plain/how-to/plotting.html"))
    page.get_by_text("await hub.publish").wait_for()
    context.close()
