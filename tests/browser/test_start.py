"""The first pages of the documentation, and the server that they talk to, as they stand there."""

import re
import subprocess
import sys

import pytest

from tests.browser.test_readme import open_copy
from tools.paths import BUILD, ROOT
from tools.ports import free_port

FILES = ROOT / "docs" / "start" / "files"


@pytest.fixture
def echo_port():
    port = free_port()
    source = (FILES / "echo.py").read_text().replace("8765", str(port))
    with subprocess.Popen([sys.executable, "-u", "-c", source], stdout=subprocess.PIPE, text=True) as process:
        assert "listens" in process.stdout.readline()
        yield port
        process.terminate()


@pytest.fixture
def start(browser, site, echo_port):
    context = browser.new_context()

    def start(name):
        (BUILD / "readme").mkdir(exist_ok=True)
        main = (FILES / "main.py").read_text().replace("8765", str(echo_port))
        (BUILD / "readme" / "main.py").write_text(main)
        page = context.new_page()
        open_copy(page, site, name, (FILES / name).read_text().replace("localhost:8765", f"localhost:{echo_port}"))
        return page

    yield start
    context.close()


def test_pyscript(start):
    page = start("pyscript.html")
    page.get_by_text("connected").wait_for(timeout=60_000)
    page.fill("#text", "grüße")
    page.press("#text", "Enter")
    page.get_by_text("the server says: grüße").wait_for()


def test_pyodide(start):
    page = start("pyodide.html")
    page.locator("#log", has_text=re.compile("the server says: from\nthe server says: Pyodide")).wait_for(
        timeout=60_000
    )


def test_micropython(start):
    page = start("micropython.html")
    page.wait_for_function("() => Number(document.querySelector('#echoes').value) > 1", timeout=60_000)
    assert 0 <= int(page.locator("#time").text_content()) < 10_000
