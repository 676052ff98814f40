"""`pip install "browserws[server]"`, then `python -m browserws.server --demo`: two people chat, without a checkout."""

import contextlib
import os
import re
import subprocess
import sys

import pytest

from browserws.server.demo import CDN, NPM
from tests.browser.engines import on_exception
from tests.browser.test_demos import CONTEXTS, enter
from tests.native.test_install import lend, run
from tools import paths

REQUIRED = ["hiredis", "prometheus-client", "redis", "uvloop", "websockets"]


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """That of an environment with nothing but the wheels, which are built from the sdists, and what they need."""
    wheels, folder = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("env")
    for source in (paths.ROOT, paths.ROOT / "browserws" / "server"):
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", wheels, source)
    run(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    for name in REQUIRED:
        lend(python, name)
    run(python, "-I", "-m", "pip", "install", "--no-index", "--find-links", wheels, "browserws[server]")
    return python


@contextlib.contextmanager
def demo(python, *options):
    """The URL that it prints."""
    command = [python, "-I", "-m", "browserws.server", "--demo", "--port", "0", *options]
    env = {name: value for name, value in os.environ.items() if not name.startswith("BROWSERWS_")}
    process = subprocess.Popen(command, cwd=python.parent, env=env, stdout=subprocess.PIPE, text=True)
    try:
        lines = [process.stdout.readline() for _ in range(2)]
        yield re.search(r"http://localhost:\d+/", lines[1])[0]
    finally:
        process.kill()
        process.communicate()


def answer(route):
    """What the CDN would, from the packages of npm that are here."""
    address = route.request.url.removeprefix(CDN)
    for package, version, _ in NPM.values():
        name = address.removeprefix(f"{package}@{version}/")
        if name != address:
            headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
            return route.fulfill(path=paths.NPM / package / name, headers=headers)
    return route.abort()


@pytest.fixture
def people(browser):
    """Opens the page for one more person; nothing but localhost can be reached, and what a test says."""
    contexts = []

    def person(url, cdn=None):
        contexts.append(browser.new_context())
        contexts[-1].route(lambda url: not url.startswith("http://localhost:"), cdn or (lambda route: route.abort()))
        page = contexts[-1].new_page()
        page.errors = []
        on_exception(page, page.errors.append)
        page.goto(url)
        return page

    yield person
    errors = [error for context in contexts for page in context.pages for error in page.errors]
    for context in contexts:
        context.close()
    assert errors == []


def chat(ada, bob, text):
    enter(ada, "ada")
    enter(bob, "bob")
    ada.locator("#members", has_text="bob").wait_for()
    ada.fill("#text", text)
    ada.press("#text", "Enter")
    bob.locator("#log .text", has_text=text).wait_for()
    ada.locator("#log .own .text", has_text=text).wait_for()
    assert ada.locator("#demos").is_hidden()  # there are none to go to


def test_two_people_chat_with_what_pip_installs(python, people):
    with demo(python, "--demo-runtimes", paths.NPM) as url:
        chat(*[people(url + "chat/" + query) for query in CONTEXTS[:2]], "from Pyodide")
        chat(*[people(url + "chat/" + query) for query in CONTEXTS[2:]], "from MicroPython")


def test_the_runtimes_come_from_the_cdn_that_is_named(python, people):
    with demo(python) as url:
        chat(people(url, answer), people(url + "chat/?type=mpy&worker", answer), "hello")
