"""One server for all versions; pages are opened as in tests/browser."""

import json

import pytest
import scenarios

from tests.browser.conftest import browser, open_page  # noqa: F401  (fixtures)
from tests.versions import compatibility, runtimes
from tools.paths import DIST, ROOT
from tools.server import Site


def pytest_configure(config):
    runtimes.get()


@pytest.fixture(scope="session")
def engine():
    return "chromium"


@pytest.fixture(scope="session")
def site():
    mounts = {
        "/npm/": runtimes.NPM,
        "/pyodides/": runtimes.PYODIDES,
        "/dist/": DIST,
        "/versions/": ROOT / "tests" / "versions" / "pages",
        "/tests/": ROOT / "tests" / "browser" / "pages",
    }
    with Site(mounts, scenarios.serve) as site:
        yield site


@pytest.fixture
def outcome(open_page, site, request):  # noqa: F811
    """What every_api.py says of itself on the page of that path: {"apis": {name: "works" or why not}, ...}."""

    def outcome(path):
        page = open_page(site.url(path))
        page.wait_for_console("done {")
        line = next(text for _, text in page.console if text.startswith("done {"))
        result = json.loads(line[len("done ") :])
        request.config.stash.setdefault(compatibility.OUTCOMES, {})[request.node.name] = result
        return result

    return outcome


def pytest_sessionfinish(session):
    outcomes = session.config.stash.get(compatibility.OUTCOMES, {})
    all_ran = not session.config.option.keyword and not session.testsfailed
    if outcomes and all_ran:
        compatibility.write(outcomes)
