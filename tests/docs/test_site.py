"""The site is whole, and needs nobody else's server."""

import re
from html.parser import HTMLParser

from tools.paths import ROOT

DOCS = ROOT / "docs"
LOADS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
}


class Resources(HTMLParser):
    """What a browser loads for a page; `href` of `<a>` is what a reader follows."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "link" and attributes.get("rel") not in ("canonical", "search", "index", "next", "prev"):
            self.found.append(attributes.get("href"))
        elif tag in LOADS:
            self.found.append(attributes.get(LOADS[tag]))
        self.found += re.findall(r"url\(([^)]*)\)", attributes.get("style") or "")


def pages(built):
    """Not the files that a reader downloads: they are read elsewhere."""
    found = [page for page in built.rglob("*.html") if "_downloads" not in page.parts]
    assert found
    return found


def test_each_page_is_there(built):
    for page in DOCS.rglob("*.md"):
        assert (built / page.relative_to(DOCS).with_suffix(".html")).is_file(), page


def test_no_page_loads_anything_from_elsewhere(built):
    """No font, no script, no picture: the site works offline, and tells nobody who reads it."""
    loaded = [(page, found) for page in pages(built) for found in Resources(page.read_text()).found if found]
    assert any("furo.css" in found for _, found in loaded)
    elsewhere = re.compile(r"\s*['\"]?(?:[a-z]+:)?//", re.IGNORECASE)
    assert [(page, found) for page, found in loaded if elsewhere.match(found)] == []
    for sheet in built.rglob("*.css"):
        assert not re.search(r"@import|url\(\s*['\"]?(?:https?:)?//", sheet.read_text()), sheet


def test_what_a_page_loads_is_there(built):
    for page in pages(built):
        for found in Resources(page.read_text()).found:
            if found and not found.startswith("data:"):
                assert (page.parent / re.split("[?#]", found)[0]).resolve().is_file(), (page, found)


def test_no_page_names_the_machine_that_built_it(built):
    for page in pages(built):
        assert str(ROOT) not in page.read_text(), page
    assert "+    from browserws import ChannelError" in (built / "tutorial" / "4-rules.html").read_text().replace(
        '<span class="gi">', ""
    )
