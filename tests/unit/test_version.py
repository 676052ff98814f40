"""The version is the same wherever it stands, and the changelog can be read."""

import datetime
import re
import shutil

import pytest

import browserws
from tools import version
from tools.paths import ROOT

KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]  # keepachangelog.com, in this order
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()


def test_the_version_is_the_same_wherever_it_stands():
    others = [(str(file), found) for file, found in version.versions() if found != browserws.__version__]
    assert others == [], f"python -m tools.version {browserws.__version__}"
    assert version.current() == browserws.__version__


def test_a_new_version_is_written_everywhere(tmp_path):
    for file in version.files():
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    version.write("12.34.56", tmp_path)
    written = list(version.versions(tmp_path))
    assert {found for _, found in written} == {"12.34.56"}
    assert len(written) == len(list(version.versions()))
    named = {str(file.relative_to(tmp_path)) for file, _ in written}
    assert {"README.md", "CITATION.cff", "browserws/__init__.py", "browserws/server/pyproject.toml"} <= named


def test_nothing_else_is_taken_for_it():
    text = '@pyscript/core@0.7.31, "websockets>=17", browserws-1.2.3-py3-none-any.whl, browserws_server-1.2.3-py3'
    assert [found for _, found in version.PLACES.findall(text)] == ["1.2.3", "1.2.3"]


def test_a_release_needs_its_tag_and_its_date():
    dated = f"## {browserws.__version__} - 2026-01-31\n"
    assert version.why_not(f"v{browserws.__version__}", dated) is None
    assert "is not" in version.why_not("v0.0.1", dated)
    assert "no date" in version.why_not(f"v{browserws.__version__}", dated.replace("2026-01-31", "unreleased"))
    assert "begins with" in version.why_not(f"v{browserws.__version__}", "## 0.0.1 - 2026-01-31\n" + dated)


def test_the_changelog_begins_with_this_version_and_goes_back_in_time():
    found = version.HEADING.findall(CHANGELOG)
    assert found[0][0] == browserws.__version__
    assert len(found) == CHANGELOG.count("\n## ")
    numbers = [tuple(map(int, number.split("."))) for number, _ in found]
    assert numbers == sorted(numbers, reverse=True)
    dates = [date for _, date in found if date != "unreleased"]
    assert dates == sorted(map(str, map(datetime.date.fromisoformat, dates)), reverse=True)
    assert all(date != "unreleased" for _, date in found[1:])


@pytest.mark.parametrize("part", re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:], ids=lambda part: part[:5])
def test_a_version_of_the_changelog_is_sorted_by_kind(part):
    kinds = re.findall(r"^### (.*)$", part, re.MULTILINE)
    assert kinds and kinds == [kind for kind in KINDS if kind in kinds]
