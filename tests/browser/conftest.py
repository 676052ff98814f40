"""One browser, one server, and one page for each context.

    pytest tests/browser --engine firefox        playwright.config.py says which engine runs which tests

What a page writes to its console is kept as data; page errors and unhandled rejections that no test
asked for fail the test in which they came.
"""

import contextlib
import time
from pathlib import Path

import pytest
import scenarios
from playwright.sync_api import TimeoutError as NotYet

from tests.browser.engines import launch, on_exception, settings
from tests.browser.remote import open_remote
from tests.faults.proxy import FaultProxy
from tools.paths import BUILD, DEMOS, DIST, ROOT, RUNTIMES
from tools.runtimes import runtimes
from tools.server import Site

HERE = Path(__file__).parent


def pytest_addoption(parser):
    parser.addoption("--engine", choices=["chromium", *settings["TESTS"]], default="chromium")


def pytest_report_header(config):
    return "engine: " + config.getoption("engine")


def pytest_ignore_collect(collection_path, config):
    """What the engine does not run. (None: whether the rest is, is left to pytest and its `--ignore`.)"""
    tests = settings["TESTS"].get(config.getoption("engine"))
    is_test = collection_path.parent == HERE and collection_path.name.startswith("test_")
    return True if tests is not None and is_test and collection_path.name not in tests else None


class Page:
    """A page with its console as data."""

    def __init__(self, page):
        self.page = page
        self.console = []
        self.errors = []
        page.on("console", lambda message: self.console.append((message.type, message.text)))
        on_exception(page, lambda text: self.errors.append(text))

    def wait_for_console(self, text, timeout=settings["PAGE_READY_MS"]):
        """(Of two messages that come together, the second may be written down only after it was waited for.)"""
        end = time.monotonic() + timeout / 1000
        while not any(text in line for _, line in self.console):
            if time.monotonic() > end:
                raise AssertionError(f"{text!r} never came: {self.console[-40:]} {self.errors}")
            with contextlib.suppress(NotYet):
                self.page.wait_for_event("console", timeout=250)

    def take_errors(self):
        errors, self.errors = self.errors, []
        return errors


@pytest.fixture(scope="session")
def engine(request):
    """The name of the engine."""
    return request.config.getoption("engine")


@pytest.fixture(scope="session")
def browser(engine):
    with launch(engine) as browser:
        yield browser


@pytest.fixture(scope="session")
def site():
    mounts = {
        **RUNTIMES,
        "/conformance/": ROOT / "tests" / "conformance",
        "/readme/": BUILD / "readme",
        "/made/": BUILD / "made",
        "/foreign/": BUILD / "foreign",
        "/tests/browserws/": ROOT / "browserws",
        "/tests/": ROOT / "tests" / "browser" / "pages",
        **DEMOS,
    }
    with Site(
        mounts,
        scenarios.serve,
        **scenarios.OPTIONS,
        values={"/runtimes.json": runtimes()},
    ) as site:
        yield site


@pytest.fixture(scope="session")
def wheel():
    """The wheel's address, relative to a page in /tests/: PyScript resolves it in a worker, too."""
    return "../dist/" + next(DIST.glob("browserws-*.whl")).name


@pytest.fixture(scope="session")
def wheels(wheel):
    """That of the package, and that of its protocols."""
    return [wheel, "../dist/" + next(DIST.glob("browserws_protocols-*.whl")).name]


@pytest.fixture
def open_page(browser):
    """Opens pages in a context of their own; their errors fail the test."""
    context = browser.new_context()
    pages = []

    def open_page(url):
        page = Page(context.new_page())
        pages.append(page)
        page.page.goto(url)
        return page

    yield open_page
    errors = [error for page in pages for error in page.errors]
    context.close()
    assert errors == []


class Runner:
    """A context (interpreter, main or worker) that runs tests of the suite by name."""

    def __init__(self, page, url):
        self.page = page
        page.page.goto(url)
        said = page.page.evaluate("limit => isReady(limit)", settings["PAGE_READY_MS"])
        assert said == "ready for tests", (said, page.console[-10:], page.take_errors())

    def run(self, name):
        failure = self.page.page.evaluate("name => runTest(name)", name)
        assert self.page.take_errors() == []
        return failure


@pytest.fixture(scope="session")
def runners(browser, site, wheel):
    """The runner of a context by its name; its page is there until another one is asked for."""
    opened = {}

    def close():
        while opened:
            opened.popitem()[1].page.page.close()

    def runner(name, type_, worker, isolated, interpreter=None):
        if name not in opened:
            close()
            path = f"/tests/conformance.html?type={type_}&wheel={wheel}{'&worker' if worker else ''}"
            path += f"&interpreter={interpreter}" if interpreter else ""
            page = browser.new_page()
            opened[name] = Runner(Page(page), site.url(path if isolated else "/plain" + path))
        return opened[name]

    yield runner
    close()


@pytest.fixture(scope="module")
def remotes(browser, site, wheel):
    pages = {}

    def remote(type_):
        if type_ not in pages:
            pages[type_] = open_remote(browser.new_context(), site, wheel, type_)
        return pages[type_]

    yield remote
    for page in pages.values():
        page.page.context.close()


@pytest.fixture(params=["py", "mpy"])
def remote(request, remotes):
    return remotes(request.param)


@pytest.fixture
def proxy(site):
    with FaultProxy(site.port) as proxy:
        yield proxy
