"""No link of the documentation is dead, and its pages load the PyScript that is tested."""

import base64
import hashlib
import json
import re

import pytest

from tests.documents import PAGES, blocks
from tools.paths import NPM, ROOT

OTHERS = ("PROTOCOL.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "examples/README.md")
PAGES_AND_MORE = [*PAGES, *(ROOT / name for name in OTHERS)]


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


def linked(page):
    """The pages to which a page leads: by a link, by the site's navigation, or by having their text in it."""
    text = page.read_text()
    targets = re.findall(r"\]\((?!https?:)([^)\s#]+\.md)", text)
    targets += re.findall(r"^```\{include\} (\S+)", text, re.MULTILINE)
    for entries in re.findall(r"^```\{toctree\}\n(.*?)```", text, re.MULTILINE | re.DOTALL):
        targets += [f"{entry}.md" for entry in entries.splitlines() if entry and not entry.startswith(":")]
    return {(page.parent / target).resolve() for target in targets}


def test_the_front_page_leads_to_each_page_and_is_short():
    front = PAGES[0]
    assert len(front.read_text().splitlines()) <= 180
    found, new = set(), {front}
    while new:
        found |= new
        new = {target for page in new for target in linked(page) if target.suffix == ".md"} - found
    assert set(PAGES) - found == set(), "nobody would find it"


def test_pages_name_the_pyscript_that_is_tested_with_its_hash():
    core = NPM / "@pyscript/core"
    version = json.loads((core / "package.json").read_text())["version"]
    digest = base64.b64encode(hashlib.sha384((core / "dist" / "core.js").read_bytes()).digest()).decode()
    text = "".join(page.read_text() for page in [*PAGES, *(ROOT / "docs").rglob("*.html")])
    assert set(re.findall(r"@pyscript/core@([\d.]+)/", text)) == {version}
    assert set(re.findall(r'integrity="sha384-([^"]+)"', text)) == {digest}


def test_pages_name_the_pyodide_that_is_tested():
    version = json.loads((NPM / "pyodide" / "package.json").read_text())["version"]
    text = "".join(page.read_text() for page in [*PAGES, *(ROOT / "docs").rglob("*.html")])
    assert set(re.findall(r"pyodide/v([\d.]+)/full", text)) == {version}


def test_each_page_of_html_that_is_shown_is_opened_by_a_test():
    """By its title, or the folder or name of its file."""
    tests = "".join(file.read_text() for file in (ROOT / "tests" / "browser").glob("test_*.py"))
    titles = [re.search(r"<title>[\w ]+|/echo", block)[0] for block in blocks("html")]
    files = [file for file in (ROOT / "docs").rglob("*.html") if file.is_relative_to(ROOT / "docs" / "start")]
    steps = [f"{int(file.parent.name[-1])}" for file in (ROOT / "docs" / "tutorial").rglob("*.html")]
    assert len(titles) >= 5 and len(files) == 3 and len(steps) == 6
    for mark in [*titles, *(file.name for file in files), *(f"test_step_{step}" for step in steps)]:
        assert mark in tests, mark
