"""One browser, one server, and one page for each context, for the whole session.

What a page writes to its console is kept as data; page errors and unhandled rejections that no test
asked for fail the test in which they came.
"""

import runpy

import pytest
import scenarios
from playwright.sync_api import sync_playwright

from tests.browser.remote import open_remote
from tests.faults.proxy import FaultProxy
from tools.browser import find_chromium
from tools.demo import runtimes
from tools.paths import BUILD, DIST, ROOT, RUNTIMES
from tools.server import Site

settings = runpy.run_path(str(ROOT / "playwright.config.py"))


class Page:
    """A page with its console as data."""

    def __init__(self, page):
        self.page = page
        self.console = []
        self.errors = []
        page.on("console", lambda message: self.console.append((message.type, message.text)))
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def wait_for_console(self, text, timeout=settings["PAGE_READY_MS"]):
        if not any(text in line for _, line in self.console):
            try:
                self.page.wait_for_event("console", lambda message: text in message.text, timeout=timeout)
            except Exception:
                raise AssertionError(f"{text!r} never came: {self.console[-10:]} {self.errors}") from None

    def take_errors(self):
        errors, self.errors = self.errors, []
        return errors


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), **settings["CHROMIUM"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site():
    mounts = {
        **RUNTIMES,
        "/conformance/": ROOT / "tests" / "conformance",
        "/readme/": BUILD / "readme",
        "/made/": BUILD / "made",
        "/tests/browserws/": ROOT / "browserws",
        "/tests/": ROOT / "tests" / "browser" / "pages",
        "/": ROOT / "demo",
    }
    with Site(
        mounts,
        scenarios.serve,
        refuses=scenarios.refuses,
        holds=scenarios.holds,
        select_subprotocol=scenarios.select_subprotocol,
        close_timeout=1,  # of the server: some scenarios leave it without an answer
        values={"/runtimes.json": runtimes()},
    ) as site:
        yield site


@pytest.fixture(scope="session")
def wheel():
    """The wheel's address, relative to a page in /tests/: PyScript resolves it in a worker, too."""
    return "../dist/" + next(DIST.glob("browserws-*.whl")).name


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

    def __init__(self, page, worker):
        self.page = page
        self.worker = worker

    def run(self, name):
        where = self.page.page.workers[0] if self.worker else self.page.page
        failure = where.evaluate("name => new Promise(done => runTest(name, done))", name)
        assert self.page.take_errors() == []
        return failure


@pytest.fixture(scope="session")
def runners(browser, site, wheel):
    """The runner of a context by its name; its page is opened once."""
    opened = {}
    context = browser.new_context()

    def runner(name, type_, worker, isolated, interpreter=None):
        if name not in opened:
            page = Page(context.new_page())
            path = f"/tests/conformance.html?type={type_}&wheel={wheel}{'&worker' if worker else ''}"
            path += f"&interpreter={interpreter}" if interpreter else ""
            page.page.goto(site.url(path if isolated else "/plain" + path))
            page.wait_for_console("ready for tests")
            opened[name] = Runner(page, worker)
        return opened[name]

    yield runner
    context.close()


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
