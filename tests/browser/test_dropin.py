"""Libraries written for CPython, in a page: what pages/dropin/lib_*.py promise, over the drop-in."""

import json
import subprocess
from subprocess import PIPE
from urllib.parse import urlencode

import pytest

from tests.browser.conftest import settings
from tests.browser.test_install import FILES, MICROPYTHON
from tools.dropin import SUITES, promises
from tools.foreign import SERVERS, version, wheels
from tools.nats import NatsServer
from tools.paths import DIST, ROOT

CASES = [
    pytest.param(folder, file, name, id=f"{library}-{version(folder, library)}-{name}")
    for library, folder, file in SUITES
    for name, _ in promises(file)
]


@pytest.fixture(scope="module")
def servers():
    """The ports of the servers of these libraries."""
    command = [SERVERS / "bin" / "python", ROOT / "tests" / "browser" / "dropin_servers.py"]
    with NatsServer() as nats, subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        yield {**json.loads(process.stdout.readline()), "nats": nats.port}
        process.stdin.close()


@pytest.fixture(scope="module")
def run(browser, site, servers):
    """Runs a function in the page of a folder, which is there until another one is asked for."""
    opened = {}

    def run(folder, file, name):
        if folder not in opened:
            while opened:
                opened.popitem()[1].close()
            needed = [f"/foreign/{folder}/{wheel.name}" for wheel in wheels(folder)]
            ours = [f"/dist/{next(DIST.glob(f'{name}-*.whl')).name}" for name in ("browserws", "browserws_dropin")]
            page = opened[folder] = browser.new_page()
            page.set_default_timeout(settings["PAGE_READY_MS"])
            page.goto(site.url("/plain/tests/dropin.html?wheels=" + ",".join(needed + ours)))
        text = json.dumps({"port": site.port, "servers": servers})
        return opened[folder].evaluate("arguments => run(...arguments)", [file, name, text])

    yield run
    for page in opened.values():
        page.close()


@pytest.mark.parametrize(("folder", "file", "name"), CASES)
def test_a_library_in_a_page(run, folder, file, name):
    trouble = run(folder, file, name)
    assert trouble == "", trouble


def test_micropython_is_told_why_not(open_page, site):
    name = "browserws/dropin/__init__.py"
    config = json.dumps({**MICROPYTHON, "files": {**FILES, f"/tests/{name}": f"./{name}"}})
    query = urlencode({"type": "mpy", "script": "dropin_refused.py", "config": config})
    page = open_page(site.url("/tests/install.html?" + query))
    page.wait_for_console("refused: browserws.dropin needs Pyodide")
    page.wait_for_console("and nothing to take back")
