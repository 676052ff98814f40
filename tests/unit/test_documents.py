"""No link of the documentation is dead."""

import re

import pytest

from tests.documents import PAGES
from tools.paths import ROOT

PAGES_AND_MORE = [*PAGES, *(ROOT / name for name in ("PROTOCOL.md", "CONTRIBUTING.md", "CHANGELOG.md"))]


def anchors(page):
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES_AND_MORE, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_the_front_page_leads_to_each_page_and_is_short():
    text = PAGES[0].read_text()
    assert len(text.splitlines()) <= 180
    for page in PAGES[1:]:
        assert f"({page.relative_to(ROOT)}" in text, "nobody would find it"
