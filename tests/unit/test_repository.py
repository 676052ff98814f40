"""What is in the repository for those who come to it: workflows, issue forms, settings of tools; checked offline."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tools.paths import ROOT
from tools.wheel import PARTS

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [form for form in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if form.name != "config.yml"]
SCHEMAS = {
    "github-workflows": WORKFLOWS,
    "github-issue-forms": FORMS,
    "github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "dependabot": [GITHUB / "dependabot.yml"],
    "citation-file-format": [ROOT / "CITATION.cff"],
}


def check(program, *arguments):
    """That a program of our .venv finds nothing to say against these files."""
    done = subprocess.run([Path(sys.executable).parent / program, *arguments], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_are_what_their_schema_says(schema):
    assert SCHEMAS[schema]
    check("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *SCHEMAS[schema])


def test_workflows_have_no_more_permissions_and_no_more_trust_than_they_need():
    check("zizmor", "--offline", "--quiet", "--strict-collection", "--persona=pedantic", ".")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_actions_are_pinned_by_commit_and_say_which_version_that_is(workflow):
    """(zizmor sees the commit, and not whether a reader can tell what it is.)"""
    uses = re.findall(r"uses: (.*)", workflow.read_text())
    assert uses and all(re.fullmatch(r"[\w/.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use) for use in uses)


def test_the_release_publishes_each_distribution_after_the_one_that_it_needs():
    publish = yaml.safe_load((GITHUB / "workflows" / "release.yml").read_text())["jobs"]["publish"]
    names = publish["strategy"]["matrix"]["distribution"]
    assert names[0] == "browserws" and set(names[1:]) == {f"browserws_{part}" for part in PARTS}
    assert publish["strategy"]["max-parallel"] == 1 and publish["permissions"] == {"id-token": "write"}


def test_the_hooks_of_a_commit_are_what_make_test_checks_and_come_from_nowhere():
    check("pre-commit", "validate-config", ROOT / ".pre-commit-config.yaml")
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert local["repo"] == "local" and {hook["language"] for hook in local["hooks"]} == {"system"}
    checked = re.findall(r"^\t\$\(RUN\) -m (ruff \w+|mypy)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    commands = [hook["entry"].removeprefix(".venv/bin/python -m ") for hook in local["hooks"]]
    assert checked and all(any(command.startswith(one) for command in commands) for one in checked)
    assert "tools.map" in commands  # tests/unit/test_docs.py asks for it


LOCKS = [file for file in ROOT.glob("t*/**/package-lock.json") if "node_modules" not in file.parts]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda file: str(file.relative_to(ROOT)))
def test_lock_files_name_no_registry_and_have_all_hashes(lock):
    packages = json.loads(lock.read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def dependencies():
    """The names of all that is installed by those who work on it, and with the parts."""
    projects = [ROOT / "pyproject.toml", *(ROOT / "browserws").glob("*/pyproject.toml")]
    for project in (tomllib.loads(file.read_text()) for file in projects):
        groups = [project["project"].get("dependencies", []), *project.get("dependency-groups", {}).values()]
        for requirement in (one for group in groups for one in group if isinstance(one, str)):
            yield re.match(r"[\w-]+", requirement)[0]
    npm = json.loads((ROOT / "tools" / "package.json").read_text())
    yield from (*npm["dependencies"], *npm["devDependencies"])


def test_maintainers_are_told_what_each_dependency_is_for():
    (page,) = (ROOT / "docs").rglob("maintaining.md")
    told = set(re.findall(r"`([@\w/.-]+)`", page.read_text().split("\n## What each")[1].split("\n## ")[0]))
    ours = {"browserws", *(f"browserws-{part}" for part in PARTS)}
    assert set(dependencies()) - ours - told == set()
