"""The demos, used as a person uses them, in all four contexts."""

import json
import re

import pytest
from websockets.asyncio.client import connect

from tests.browser.engines import on_exception
from tools.demo import DemoSite

CONTEXTS = ["?type=py", "?type=py&worker", "?type=mpy", "?type=mpy&worker"]


def lines(page):
    return page.page.locator("#log li").all_text_contents()


def wait_for_line(page, text):
    page.page.locator("#log li", has_text=text).first.wait_for()


@pytest.mark.parametrize("query", CONTEXTS)
def test_echo(open_page, site, query):
    page = open_page(site.url("/echo/" + query))
    page.page.locator('#state[data-state="READY"]').wait_for(timeout=60_000)
    page.page.click("#connect")
    page.page.locator('#state[data-state="OPEN"]').wait_for()
    page.page.fill("#text", "grüße 😀")
    page.page.click("#send")
    wait_for_line(page, "grüße 😀")
    page.page.locator("#log .received", has_text="grüße 😀").wait_for()
    data = {"name": "three.bin", "mimeType": "application/octet-stream", "buffer": bytes([0, 127, 255])}
    page.page.set_input_files("#file", data)
    page.page.locator("#log .received", has_text="3 bytes: 00 7f ff").wait_for()
    page.page.click("#close")
    page.page.locator('#state[data-state="CLOSED"]').wait_for()
    assert lines(page)[0] == "closed: 1000 clean"
    page.page.fill("#url", "ftp://example.org")
    page.page.click("#connect")
    wait_for_line(page, "the scheme 'ftp'")


def test_the_switch_opens_the_page_with_the_other_interpreter(open_page, site):
    page = open_page(site.url("/echo/?type=mpy"))
    page.page.locator('#state[data-state="READY"]').wait_for(timeout=60_000)
    page.page.select_option("#interpreter", "mpy-worker")
    page.page.wait_for_url("**/echo/?type=mpy&worker")
    page.page.locator('#state[data-state="READY"]').wait_for(timeout=60_000)
    assert page.page.locator("#interpreter").input_value() == "mpy-worker"


@pytest.fixture
def demo():
    with DemoSite() as site:
        yield site


@pytest.mark.parametrize("query", CONTEXTS)
def test_reliable(open_page, demo, query):
    page = open_page(demo.url("/reliable/" + query))

    def state(name):
        page.page.locator(f'#state[data-state="{name}"]').wait_for(timeout=60_000)
        page.page.locator(f'#states g.lit[data-state="{name}"]').wait_for()

    state("OPEN")
    page.page.click("#send")
    page.page.locator("#log .received", has_text="message 1").wait_for()
    page.page.click('[data-fault="!cut"]')
    wait_for_line(page, "the connection was lost, or none came about (1006")
    wait_for_line(page, "(retry 1), and keeps what you send meanwhile")
    state("OPEN")
    page.page.locator("#latency", has_text="ms").wait_for()
    page.page.click('[data-fault="!close 4403"]')
    wait_for_line(page, "gave up: the server closed with 4403")
    state("CLOSED")
    page.page.click("#reconnect")
    state("OPEN")
    page.page.locator("#timeline i").nth(4).wait_for()
    page.page.click("#close")
    state("CLOSED")


# --- two people ---


@pytest.fixture
def people(browser, demo):
    """Opens a demo for one more person, in a browser context of their own."""
    contexts = []

    def person(path):
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.errors = []
        on_exception(page, page.errors.append)
        page.goto(demo.url(path))
        return page

    yield person
    errors = [error for context in contexts for page in context.pages for error in page.errors]
    for context in contexts:
        context.close()
    assert errors == []


def cut(demo, seconds=0):
    """All lines to the hub break, and for so long there are no others."""
    demo.run(demo.cut(seconds))


def enter(page, name):
    page.locator("#enter:enabled").wait_for(timeout=60_000)
    page.fill("#name", name)
    page.press("#name", "Enter")
    page.locator('#state[data-state="OPEN"]').wait_for()


def now(page, name, text):
    """What the list of demos shows of one."""
    page.locator(f'[data-now="{name}"]', has_text=re.compile(text)).wait_for()


def test_the_list_of_demos_shows_what_goes_on_in_each(people, demo):
    page = people("/")
    page.locator('#state[data-state="OPEN"]').wait_for(timeout=60_000)
    now(page, "hub", "^1 connection$")
    now(page, "chat", "^nobody in the lobby$")
    now(page, "live", r"^[1-9][\d,]* prices a second$")
    now(page, "echo", r"^round trip \d+\.\d ms$")
    now(page, "reliable", "^connected$")
    now(page, "graphql", "^no votes yet$")
    now(page, "socketio", "^nobody here$")
    now(page, "game", "^0 players$")
    now(page, "dashboard", r"^\d\d\.\d °C$")
    ada, bob = people("/chat/?type=mpy"), people("/editor/?type=mpy")
    enter(ada, "ada")
    now(page, "chat", "^1 person in the lobby$")
    bob.locator("#text:enabled").wait_for(timeout=60_000)
    now(page, "editor", "^1 person writing$")
    bob.goto(demo.url("/examples/game/"))
    now(page, "game", "^1 player$")

    cut(demo, seconds=2)
    now(page, "reliable", "^reconnects$")
    assert page.locator("[data-now]:not([data-now=reliable])").all_text_contents() == [""] * 9
    now(page, "chat", "^1 person in the lobby$")
    now(page, "reliable", "^connected$")
    ada.click("text=All demos")
    ada.locator("h1", has_text="browserws").wait_for()
    now(page, "chat", "^nobody in the lobby$")


def test_the_list_of_demos_needs_no_python(browser, demo):
    """(Firefox's driver cannot turn JavaScript off: so PyScript does not come, either.)"""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.route("**/pyscript/core.js", lambda route: route.abort())
    page.goto(demo.url("/"))
    assert page.locator("#state").is_hidden()
    assert set(page.locator("[data-now]").all_text_contents()) == {""}
    page.click("text=Echo")
    page.wait_for_url("**/echo/")
    context.close()


@pytest.mark.parametrize("query", CONTEXTS)
def test_chat(people, demo, query):
    ada, bob = people("/chat/" + query), people("/chat/?type=mpy")
    enter(ada, "ada")
    enter(bob, "<b>bob</b>")
    ada.locator("#members", has_text="<b>bob</b>").wait_for()
    ada.fill("#text", "<script>document.title = 'gone'</script> \u202eabc")
    ada.press("#text", "Enter")
    bob.locator("#log .text", has_text="<script>").wait_for()
    assert bob.locator("#log script, #log b").count() == 0 and "chat" in bob.title()

    cut(demo, seconds=2)
    ada.fill("#text", "said without a line")
    ada.press("#text", "Enter")
    ada.locator("#pending", has_text="1 waiting").wait_for()
    bob.locator("#log .text", has_text="said without a line").wait_for()
    ada.locator("#log .waiting").wait_for(state="detached")
    assert bob.locator("#log .text", has_text="said without a line").count() == 1

    bob.click('[data-user="ada"]')
    bob.fill("#text", "psst")
    bob.press("#text", "Enter")
    ada.locator("#log .private", has_text="psst").wait_for()
    ada.fill("#room", "second")
    ada.press("#room", "Enter")
    ada.locator('[data-room="second"]').wait_for()
    bob.click("#to")
    bob.fill("#text", "in the lobby")
    bob.press("#text", "Enter")
    ada.locator("#rooms .unread", has_text="1").wait_for()
    ada.click('[data-leave="second"]')
    ada.locator("#log .text", has_text="in the lobby").wait_for()
    eve = people("/chat/?type=mpy")
    enter(eve, "eve")
    eve.locator("#log .text", has_text="in the lobby").wait_for()  # what was said before


@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_live(people, demo, type_):
    page, other = people(f"/live/?type={type_}"), people("/live/?type=mpy")
    for each in (page, other):
        each.locator("#row-ACME .up, #row-ACME .down").first.wait_for(timeout=60_000)
    page.click("#none")
    page.locator("#rows tr").first.wait_for(state="detached")
    page.click("#all")
    page.wait_for_function("() => document.querySelector('#row-WREN')?.textContent.includes('%')")
    page.wait_for_function("() => Number(document.querySelector('#rate').textContent.replace(/\\D/g, '')) > 0")
    assert other.locator("#rows tr").count() == 40
    page.click("#none")
    page.locator("#rows tr").first.wait_for(state="detached")
    page.locator("#symbols span", has_text="BOLT").click()
    page.locator("#row-BOLT td", has_text="%").wait_for()
    page.click('[data-symbol="BOLT"]')
    page.locator("#chart .u-legend", has_text="BOLT").wait_for()
    page.locator("#chart canvas").wait_for()
    cut(demo, seconds=1)
    page.locator('#state:not([data-state="OPEN"])').wait_for()
    page.locator('#state[data-state="OPEN"]').wait_for()
    before = page.text_content("#row-BOLT td:nth-of-type(3)")
    page.wait_for_function(
        "before => document.querySelector('#row-BOLT td:nth-of-type(3)').textContent > before", arg=before
    )


async def look_in(demo, name):
    """Somebody with that name is in the document, and at its beginning."""
    client = await connect(demo.url("/hub").replace("http", "ws"))
    for message in (
        {"type": "hello", "v": 1, "user": name},
        {"type": "join", "id": 1, "channel": "doc.notes", "presence": True},
    ):
        await client.send(json.dumps(message))
    demo.visitor = client  # until the demo ends


@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_editor(people, demo, type_):
    pages = [people(f"/editor/?type={type_}"), people("/editor/?type=mpy")]
    ada, bob = pages
    for page in pages:
        page.locator("#text:enabled").wait_for(timeout=60_000)

    def end_with_the_same(*parts):
        ready = "parts => parts.every((part) => document.querySelector('#text').value.includes(part))"
        for page in pages:
            page.wait_for_function(ready, arg=list(parts))
        assert ada.input_value("#text") == bob.input_value("#text")

    ada.locator("#text").press_sequentially("Hello 😀 world")
    end_with_the_same("Hello 😀 world")
    ada.locator("#mirror i").wait_for()  # the other one's cursor

    cut(demo, seconds=2)
    ada.locator('#state:not([data-state="OPEN"])').wait_for()
    ada.locator("#text").press("Control+Home")
    ada.locator("#text").press_sequentially("[ada] ")
    bob.locator("#text").press("Control+End")
    bob.locator("#text").press_sequentially(" [bob]")
    assert ada.input_value("#text") != bob.input_value("#text")
    end_with_the_same("[ada] Hello 😀 world [bob]")

    demo.run(look_in(demo, "<img src=x onerror=alert(1)>"))
    ada.locator("#people", has_text="<img src=x").wait_for()
    assert ada.locator("#people img, #mirror img").count() == 0

    late = people("/editor/?type=mpy")
    late.locator("#text:enabled").wait_for(timeout=60_000)
    assert late.input_value("#text") == ada.input_value("#text")


# --- libraries written for CPython ---

PYODIDES = ["?type=py", "?type=py&worker"]


@pytest.mark.parametrize("query", PYODIDES)
def test_socketio(people, demo, query):
    ada, bob = people("/socketio/" + query), people("/socketio/")
    enter(ada, "ada")
    ada.locator("#log .note", has_text="You are in lobby: nobody else is here.").wait_for()
    enter(bob, "<b>bob</b>")
    assert [page.text_content("#transport") for page in (ada, bob)] == ["by websocket"] * 2
    ada.locator("#members", has_text="<b>bob</b>").wait_for()
    ada.locator("#log .note", has_text="<b>bob</b>has come").wait_for()
    bob.locator("#text").press_sequentially("h")
    ada.locator("#typing", has_text="<b>bob</b> is typing").wait_for()
    ada.fill("#text", "grüße 😀")
    ada.press("#text", "Enter")
    bob.locator("#log li", has_text="adagrüße 😀").wait_for()
    ada.locator("#log .own", has_text="grüße 😀").wait_for()
    assert ada.locator("#members b, #log b").count() == 0

    cut(demo, seconds=2)
    for page in (ada, bob):
        page.locator('#state:not([data-state="OPEN"])').wait_for()
    for page in (ada, bob):
        page.locator('#state[data-state="OPEN"]').wait_for()
        page.wait_for_function("() => document.querySelectorAll('#members bdi').length == 2")
    bob.fill("#text", "again")
    bob.press("#text", "Enter")
    ada.locator("#log li", has_text="again").wait_for()

    bob.fill("#room", "second")
    bob.press("#room", "Enter")
    ada.locator("#log .note", has_text="has gone").wait_for()
    bob.fill("#text", "is anybody here?")
    bob.press("#text", "Enter")
    bob.locator("#log .own", has_text="anybody").wait_for()
    ada.fill("#room", "second")
    ada.press("#room", "Enter")
    bob.locator("#log .note", has_text="adahas come").wait_for()
    assert ada.locator("#log", has_text="anybody").count() == 0
    bob.close()
    ada.locator("#log .note", has_text="<b>bob</b>has gone").wait_for()


def test_socketio_shows_why_the_server_refuses(people, demo):
    page = people("/socketio/")
    page.locator("#enter:enabled").wait_for(timeout=60_000)
    page.evaluate("document.querySelector('#name').maxLength = 100")
    page.fill("#name", "a" * 31)
    page.press("#name", "Enter")
    page.locator("#trouble", has_text="a name of 1 to 30 characters is needed").wait_for()
    enter(page, "a" * 30)


@pytest.mark.parametrize("query", PYODIDES)
def test_graphql(people, demo, query):
    pages = []
    for path in ("/graphql/" + query, "/graphql/"):
        pages.append(people(path))
        pages[-1].locator('#state[data-state="OPEN"]').wait_for(timeout=60_000)
        pages[-1].locator("#question", has_text="How do you learn best?").wait_for()
    ada, bob = pages

    def both_show(name, votes):
        for page in pages:
            page.locator(f'[data-name="{name}"] b', has_text=votes).wait_for()

    ada.click('[data-name="Asking"]')
    both_show("Asking", "1")
    bob.click('[data-name="Asking"]')
    both_show("Asking", "2")
    bob.fill("#name", "<i>Walking</i>")
    bob.press("#name", "Enter")
    both_show("<i>Walking</i>", "1")
    ada.fill("#name", "x" * 31)
    ada.press("#name", "Enter")
    ada.locator("#trouble", has_text="an option has 1 to 30 characters").wait_for()

    cut(demo, seconds=2)
    for page in pages:
        page.locator('#state:not([data-state="OPEN"])').wait_for()
    for page in pages:
        page.locator('#state[data-state="OPEN"]').wait_for()
    ada.click('[data-name="Asking"]')
    both_show("Asking", "3")
