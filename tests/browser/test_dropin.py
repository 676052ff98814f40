"""Libraries written for CPython, in a page: what pages/dropin/lib_*.py promise, over the drop-in."""

import contextlib
import json
import ssl
import subprocess
from subprocess import PIPE
from urllib.parse import urlencode

import pytest
import scenarios
import trustme

from tests.browser.conftest import settings
from tests.browser.test_install import FILES, MICROPYTHON
from tests.documents import block
from tools.brokers import Mosquitto, NatsServer
from tools.dropin import SUITES, promises
from tools.foreign import SERVERS, version, wheels
from tools.paths import DIST, ROOT
from tools.server import Site

CASES = [
    pytest.param(folder, file, name, id=f"{library}-{version(folder, library)}-{name}")
    for library, folder, file in SUITES
    for name, _ in promises(file)
]


@contextlib.contextmanager
def serving(command):
    """One that serves until its input ends: what it prints when it is ready."""
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.stdin.close()


@pytest.fixture(scope="module")
def servers():
    """The ports of the servers of these libraries."""
    python = SERVERS / "bin" / "python"
    with (
        NatsServer() as nats,
        Mosquitto() as mqtt,
        serving([python, ROOT / "tests" / "browser" / "dropin_servers.py"]) as ports,
        serving([python, ROOT / "tests" / "flask_socketio_server.py"]) as flask,
    ):
        yield {**ports, "nats": nats.port, "mqtt": mqtt.port, "flask": flask}


def open_libraries(context, site, folder):
    """A page with the libraries of a folder."""
    needed = [f"/foreign/{folder}/{wheel.name}" for wheel in wheels(folder)]
    ours = [f"/dist/{next(DIST.glob(f'{name}-*.whl')).name}" for name in ("browserws", "browserws_dropin")]
    page = context.new_page()
    page.set_default_timeout(settings["PAGE_READY_MS"])
    page.goto(site.url("/plain/tests/dropin.html?wheels=" + ",".join(needed + ours)))
    return page


@pytest.fixture(scope="module")
def run(browser, site, servers):
    """Runs a function in the page of a folder, which is there until another one is asked for."""
    opened = {}

    def run(folder, file, name, **more):
        if folder not in opened:
            while opened:
                opened.popitem()[1].close()
            opened[folder] = open_libraries(browser, site, folder)
        text = json.dumps({"port": site.port, "servers": servers, **more})
        return opened[folder].evaluate("arguments => run(...arguments)", [file, name, text])

    yield run
    for page in opened.values():
        page.close()


@pytest.mark.parametrize(("folder", "file", "name"), CASES)
def test_a_library_in_a_page(run, folder, file, name):
    trouble = run(folder, file, name)
    assert trouble == "", trouble


INSTALLING = 'import micropip\n\nawait micropip.install(["browserws[dropin]", "centrifuge-python"])\n'


def test_what_maintainers_can_paste(run, servers):
    """As it stands in the documentation, but for the address: what it installs is there."""
    program = block("centrifuge-python")
    assert INSTALLING in program
    program = program.replace(INSTALLING, "").replace("localhost:8000", f"localhost:{servers['fakes']}")
    assert run("newest", "lib_centrifuge", "pasted", program=program) == ""


def test_the_smallest_program_that_fails_passes(run, site):
    program = block("the library in question").replace("localhost:8765", f"localhost:{site.port}/echo")
    assert run("newest", "lib_centrifuge", "fails_or_not", program=program) == ""


@pytest.mark.parametrize("name", [name for name, _ in promises("lib_tls")])
def test_tls_is_the_browsers(browser, site, name):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    pages = browser.new_context(ignore_https_errors=True)
    with Site({}, scenarios.serve, ssl=context) as secure:
        page = open_libraries(pages, site, "newest")
        trouble = page.evaluate("arguments => run(...arguments)", ["lib_tls", name, json.dumps({"port": secure.port})])
    pages.close()
    assert trouble == "", trouble


def test_a_thousand_connections_leave_nothing_in_memory(run):
    for name in ("warm_up", *["connections"] * 10, "is_flat"):
        trouble = run("newest", "lib_memory", name)
        assert trouble == "", trouble


def test_micropython_is_told_why_not(open_page, site):
    name = "browserws/dropin/__init__.py"
    config = json.dumps({**MICROPYTHON, "files": {**FILES, f"/tests/{name}": f"./{name}"}})
    query = urlencode({"type": "mpy", "script": "dropin_refused.py", "config": config})
    page = open_page(site.url("/tests/install.html?" + query))
    page.wait_for_console("refused: browserws.dropin needs Pyodide")
    page.wait_for_console("and nothing to take back")
