"""Links between the Markdown files of the repository, which lead to their pages in the site, too.

A page links any file as it does on GitHub, by its path from where the page's source is: `../../PROTOCOL.md`. What is a
page of the site by an `include` becomes a link to that page; another file is one to download; what is no page of the
site, or a folder, is only named.
"""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\((?![a-z]+:|#|/)([^)\s#]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
INCLUDE = re.compile(r"^```\{include\} (\S+)", re.MULTILINE)


def included(docs):
    """{file: page}: what stands in the site by an `include`."""
    return {
        (page.parent / name).resolve(): page
        for page in docs.rglob("*.md")
        for name in INCLUDE.findall(page.read_text())
    }


def relink(text, folder, docs, pages):
    """The text of a file in that folder, with links from the top of the site."""

    def replace(match):
        words, path, anchor = match[1], match[2], match[3] or ""
        file = Path(os.path.normpath(folder / path))
        if file.is_dir():
            return f"`{file.relative_to(ROOT)}/`"
        file = pages.get(file, file)
        if file.suffix == ".md" and not file.is_relative_to(docs):
            return words
        return f"[{words}](/{os.path.relpath(file, docs)}{anchor})"

    parts, end = [], 0
    for fence in FENCE.finditer(text):
        parts += [LINK.sub(replace, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, LINK.sub(replace, text[end:])])


def setup(app):
    docs = Path(app.srcdir)
    pages = included(docs)
    pages[ROOT / "README.md"] = docs / "index.md"

    def read_page(app, name, content):
        content[0] = relink(content[0], (docs / name).parent, docs, pages)

    def read_included(app, path, name, content):
        content[0] = relink(content[0], (docs / path).resolve().parent, docs, pages)

    app.connect("source-read", read_page)
    app.connect("include-read", read_included)
    return {"parallel_read_safe": True}
