"""Pyodide in other places than a page or its worker."""

import pytest

from tests.browser.conftest import Page, settings
from tools.browser import find_chromium

# A frame of no origin is not of this machine to Chromium, which then keeps it from servers that are.
ANY_SERVER = "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets"
DONE = "echoed, closed with 1000"


@pytest.mark.parametrize("place", ["blob", "shared", "service"])
def test_workers_of_other_kinds(open_page, site, place):
    open_page(site.url(f"/plain/tests/places.html?place={place}")).wait_for_console(DONE)


def test_kernel_of_a_notebook(open_page, site):
    """A worker without a page, that runs cell after cell and says by messages what came of each."""
    page = open_page(site.url("/plain/tests/kernel.html"))
    page.wait_for_console("closed: the value of the last cell")
    said = [text for _, text in page.console]
    assert said == [
        "result: undefined",
        "result: undefined",
        "stream: later",
        "result: closed: the value of the last cell",
    ]


def test_frame_of_no_origin(browser, site):
    def allow(route):
        """Such a frame reads files only where the server allows it to anybody."""
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "access-control-allow-origin": "*"})

    options = {"args": [*settings["CHROMIUM"]["args"], ANY_SERVER]}
    another = browser.browser_type.launch(executable_path=find_chromium(), **options)
    try:
        page = Page(another.new_page())
        page.page.route("**/*", allow)
        page.page.goto(site.url("/plain/tests/places.html?place=frame"))
        page.wait_for_console(DONE)
        assert page.errors == []
    finally:
        another.close()
