"""What the README shows runs as it stands there."""

import json
import re
import shutil

from tools.paths import BUILD, DIST, NPM, PYODIDE, ROOT

README = (ROOT / "README.md").read_text()
CDN = re.compile(
    r"https://cdn\.jsdelivr\.net/(?:npm/@pyscript/core@[^/]+/dist|pyodide/[^/]+/full|npm/pyodide@[^/]+)/(.*)"
)


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def answer(route):
    """The addresses that the page names, from the packages that are here."""
    url = route.request.url.split("?")[0]
    name = CDN.fullmatch(url)[1]
    folder = NPM / "@pyscript/core/dist" if "@pyscript" in url else PYODIDE
    types = {"js": "text/javascript", "mjs": "text/javascript", "wasm": "application/wasm"}
    kind = types.get(name.rsplit(".", 1)[1], "application/octet-stream")
    return route.fulfill(path=folder / name, content_type=kind, headers={"Access-Control-Allow-Origin": "*"})


def test_the_complete_page(browser, site):
    context = browser.new_context()
    page = context.new_page()
    page.route(CDN, answer)
    folder = BUILD / "readme"
    folder.mkdir(exist_ok=True)
    (folder / "page.html").write_text(blocks("html")[0])
    shutil.copy(next(DIST.glob("browserws-*.whl")), folder)
    page.goto(site.url("/plain/readme/page.html"))
    page.get_by_text("hello", exact=True).wait_for(timeout=60_000)
    context.close()


def test_the_python_snippets(open_page, site, wheel):
    """The first one, in a page: its address is replaced by that of the echo server, nothing else."""
    source = blocks("python")[0].replace("wss://example.org/chat", "/echo")
    page = open_page(site.url("/tests/install.html?" + f"type=mpy&script=empty.py&config={config(wheel)}"))
    page.wait_for_console("empty")
    page.page.evaluate("source => import('/pyscript/core.js').then(() => runSource(source))", source)
    page.wait_for_console("hello")


def config(wheel):
    return json.dumps({"interpreter": "/micropython/micropython.mjs", "packages": [wheel]})
