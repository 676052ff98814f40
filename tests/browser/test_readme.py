"""The pages of the documentation run as they stand there."""

import json
import re
import shutil
import subprocess
import sys

from tests.documents import README, block, blocks
from tests.server.process import HubProcess
from tools.paths import BUILD, DIST, NPM, PYODIDE, ROOT, RUNTIMES
from tools.ports import free_port

CDN = re.compile(
    r"https://cdn\.jsdelivr\.net/(npm/@pyscript/core@[^/]+/dist|pyodide/[^/]+/full|npm/pyodide@[^/]+"
    r"|npm/@micropython/micropython-webassembly-pyscript@[^/]+)/(.*)"
)
FOLDERS = {"core": NPM / "@pyscript/core/dist", "micropython": RUNTIMES["/micropython/"]}


def answer(route):
    """The addresses that the page names, from the packages that are here."""
    url = route.request.url.split("?")[0]
    package, name = CDN.fullmatch(url).groups()
    folder = next((folder for part, folder in FOLDERS.items() if part in package), PYODIDE)
    types = {"js": "text/javascript", "mjs": "text/javascript", "wasm": "application/wasm"}
    kind = types.get(name.rsplit(".", 1)[1], "application/octet-stream")
    return route.fulfill(path=folder / name, content_type=kind, headers={"Access-Control-Allow-Origin": "*"})


def open_copy(page, site, name, source, isolated=False):
    """A page of the documentation, served as it stands there; cross-origin isolated if its worker needs that."""
    page.route(CDN, answer)
    folder = BUILD / "readme"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(source)
    shutil.copy(next(DIST.glob("browserws-*.whl")), folder)
    page.goto(site.url(("/readme/" if isolated else "/plain/readme/") + name))


def test_the_complete_page(browser, site):
    context = browser.new_context()
    page = context.new_page()
    open_copy(page, site, "page.html", block('WebSocket("/echo")', "html"))
    page.get_by_text("hello", exact=True).wait_for(timeout=60_000)
    context.close()


def test_the_python_snippets(open_page, site, wheel):
    """The first one, in a page: its address is replaced by that of the echo server, nothing else."""
    source = blocks("python", README)[0].replace("wss://example.org/chat", "/echo")
    page = open_page(site.url("/tests/install.html?" + f"type=mpy&script=empty.py&config={config(wheel)}"))
    page.wait_for_console("empty")
    page.page.evaluate("source => import('/pyscript/core.js').then(() => runSource(source))", source)
    page.wait_for_console("hello")


def config(wheel):
    return json.dumps({"interpreter": "/micropython/micropython.mjs", "packages": [wheel]})


def test_the_chat(browser, site):
    """Two people on a hub as the command starts it."""
    hub = HubProcess()
    source = block("<title>Chat", "html").replace("localhost:8765", f"localhost:{hub.port}")
    assert len(source.splitlines()) <= 48
    contexts = [browser.new_context() for _ in range(2)]
    try:
        ada, bob = [context.new_page() for context in contexts]
        for page, name in ((ada, "ada"), (bob, "bob")):
            page.on("dialog", lambda dialog, name=name: dialog.accept(name))
            open_copy(page, site, "chat.html", source)
            page.locator("#state", has_text="open").wait_for(timeout=60_000)
        ada.locator("#members", has_text="ada, bob").wait_for()
        ada.fill("#text", "hello <b>")
        ada.press("#text", "Enter")
        for page in (ada, bob):
            page.get_by_text("ada: hello <b>", exact=True).wait_for()
        bob.reload()
        bob.get_by_text("ada: hello <b>", exact=True).wait_for(timeout=60_000)  # from the history
    finally:
        for context in contexts:
            context.close()
        hub.kill()


def test_the_ticker(browser, site):
    port = free_port()
    program = block("random.gauss").replace("8765", str(port))
    source = block("<title>Ticker", "html")
    assert len(source.splitlines()) <= 30
    context = browser.new_context()
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) as process:
        try:
            page = context.new_page()
            open_copy(page, site, "ticker.html", source.replace("8765", str(port)))
            page.wait_for_function("() => Number(document.querySelector('#seen').value) > 5", timeout=60_000)
            page.wait_for_function("() => Number(document.querySelector('#price').value) > 50")
        finally:
            context.close()
            process.kill()
