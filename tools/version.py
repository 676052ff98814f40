"""The version, which `browserws/__init__.py` holds, wherever else it stands:  python -m tools.version

    python -m tools.version                 prints it
    python -m tools.version 0.3.0           makes it this one, everywhere
    python -m tools.version --release v0.3.0    fails unless this tag is of it, and the changelog has its date

Builds read it from `browserws/__init__.py`. It also stands where no build can put it in: the parts need exactly the
`browserws` of which they are parts, the documentation names wheels, and CITATION.cff is read as it is.
"""

import re
import sys

from .paths import ROOT

HOME = ROOT / "browserws" / "__init__.py"
NUMBER = r"\d+\.\d+\.\d+"
# What stands before it, and it: that of the package, what parts need, CITATION.cff, the name of a wheel.
PLACES = re.compile(rf'(?m)(^__version__ = "|"browserws==|^version: |\bbrowserws(?:_[a-z]+)?-(?=[\d.]+-py3))({NUMBER})')
HEADING = re.compile(rf"^## ({NUMBER}) - (.*)$", re.MULTILINE)  # of CHANGELOG.md


def files(root=ROOT):
    """Those that name the version. (CHANGELOG.md names all that there were.)"""
    folders = [folder for name in ("browserws", "demo", "docs", "examples") for folder in (root / name).rglob("*")]
    texts = [file for file in folders if file.suffix in (".py", ".toml", ".md", ".html", ".js", ".json")]
    return [root / "README.md", root / "CITATION.cff", *texts]


def versions(root=ROOT):
    """Each place: its file, and the version that stands there."""
    for file in files(root):
        for match in PLACES.finditer(file.read_text()):
            yield file, match[2]


def write(version, root=ROOT):
    for file in files(root):
        text = file.read_text()
        changed = PLACES.sub(rf"\g<1>{version}", text)
        if changed != text:
            file.write_text(changed)


def current():
    return PLACES.search(HOME.read_text())[2]


def why_not(tag, changelog=None):
    """What speaks against a release with this tag; None if nothing does."""
    version = current()
    if tag != f"v{version}":
        return f"the tag {tag} is not v{version}"
    headings = HEADING.findall(changelog or (ROOT / "CHANGELOG.md").read_text())
    if headings[0][0] != version:
        return f"CHANGELOG.md begins with {headings[0][0]}"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", headings[0][1]):
        return f"CHANGELOG.md has no date for {version}: it says {headings[0][1]!r}"
    return None


def main(arguments):
    if not arguments:
        print(current())
    elif arguments[0] == "--release" and len(arguments) == 2:
        sys.exit(why_not(arguments[1]))
    elif len(arguments) == 1 and re.fullmatch(NUMBER, arguments[0]):
        write(arguments[0])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
