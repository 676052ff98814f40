"""demo/fastapi/: the demos in an application of FastAPI, which keeps the editor's texts."""

import contextlib
import json
import os
import signal
import subprocess
import urllib.request

import pytest

from tools.frameworks import PYTHON
from tools.paths import ROOT
from tools.ports import free_port


class Application:
    def __init__(self, folder):
        self._texts = folder / "texts.db"
        self._port = free_port()

    @contextlib.contextmanager
    def running(self):
        """It ends as if somebody pressed Ctrl-C."""
        command = [PYTHON, "-m", "demo.fastapi.app", str(self._port)]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "TEXTS": str(self._texts)}
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        try:
            while "Uvicorn running" not in (line := process.stderr.readline()):
                assert line, process.wait()
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)

    def url(self, path):
        return f"http://localhost:{self._port}{path}"

    def ask(self, path, method="GET"):
        with urllib.request.urlopen(urllib.request.Request(self.url(path), method=method), timeout=30) as answer:
            return json.load(answer)


@pytest.fixture
def application(tmp_path):
    return Application(tmp_path)


def open_editor(open_page, application):
    page = open_page(application.url("/editor/?type=mpy")).page
    page.locator("#text:enabled").wait_for(timeout=60_000)
    return page


def wait_for_text(page, text):
    page.wait_for_function("text => document.querySelector('#text').value === text", arg=text)


def test_editor_keeps_its_text_across_a_restart(open_page, application):
    with application.running():
        ada = open_editor(open_page, application)
        ada.locator("#text").press_sequentially("kept 😀")
        ada.wait_for_function("document.querySelector('#pending').textContent === ''")
    ada.locator('#state:not([data-state="OPEN"])').wait_for()
    ada.locator("#text").press_sequentially(" while away")
    with application.running():
        ada.locator('#state[data-state="OPEN"]').wait_for()
        wait_for_text(open_editor(open_page, application), "kept 😀 while away")
        ada.locator("#text").press_sequentially(", and after")
        wait_for_text(open_editor(open_page, application), "kept 😀 while away, and after")
    with application.running():  # nobody is there who would send it
        pass


def test_chat_is_seen_and_spoken_to_by_the_routes_of_the_application(open_page, application):
    with application.running():
        page = open_page(application.url("/chat/?type=mpy")).page
        page.locator("#enter:enabled").wait_for(timeout=60_000)
        page.fill("#name", "Ada")
        page.press("#name", "Enter")
        page.locator("#members", has_text="Ada").wait_for()
        assert application.ask("/rooms/lobby") == {"members": ["Ada"]}
        application.ask("/rooms/lobby?text=closing%20soon", "POST")
        page.locator("#log li", has_text="the serverclosing soon").wait_for()


def test_prices_move(open_page, application):
    with application.running():
        page = open_page(application.url("/live/")).page
        page.locator('#state[data-state="OPEN"]').wait_for(timeout=60_000)
        page.locator("#all:enabled").click()
        page.wait_for_function("Number(document.querySelector('#rate').textContent.replace(/\\D/g, '')) > 100")
