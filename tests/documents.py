"""What the documentation shows, as it stands there."""

import re

from tools.paths import ROOT

README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "browserws").glob("*/README.md"))]


def blocks(language, *pages):
    """The blocks in that language, in these pages or in all of them."""
    text = "".join(page.read_text() for page in pages or PAGES)
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def block(mark, language="python"):
    """The one block in which that stands."""
    (found,) = [block for block in blocks(language) if mark in block]
    return found
