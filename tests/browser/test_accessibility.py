"""axe-core finds nothing on the demos and examples: names, roles, landmarks, contrast; and none scrolls sideways."""

import pytest

from tests.browser.conftest import settings
from tools.demo import DemoSite
from tools.paths import NPM

AXE = NPM / "axe-core" / "axe.min.js"
PAGES = [
    "/",
    "/echo/",
    "/reliable/",
    "/chat/",
    "/live/",
    "/editor/",
    "/socketio/",
    "/graphql/",
    "/examples/dashboard/",
    "/examples/game/",
]
IS_LOADED = """
() => document.querySelector("#enter:enabled") || document.querySelector("#state")?.dataset.state != "LOADING"
    && ![...document.querySelectorAll("[data-now]")].some((now) => now.textContent == "")
"""


@pytest.fixture(scope="module")
def demo():
    with DemoSite() as site:
        yield site


@pytest.mark.parametrize("path", PAGES)
def test_demo(open_page, demo, path):
    page = open_page(demo.url(path)).page
    page.wait_for_function(IS_LOADED, timeout=settings["PAGE_READY_MS"])
    page.evaluate(AXE.read_text())
    for width in (390, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("axe.run().then(result => result.violations)")
            assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == [], (width, scheme)
