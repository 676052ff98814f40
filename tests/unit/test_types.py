"""The wheel's public types, as a user's type checker sees them: mypy --strict, and pyright in its strict mode."""

import ast
import json
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import websockets

from browserws._pure.options import CHANNELS_DEFAULTS, DEFAULTS
from browserws._pure.unsupported import ARGUMENTS
from browserws.events import CHANNEL_EVENTS, CHANNELS_EVENTS, CHAT_EVENTS, LIVE_EVENTS, RELIABLE_EVENTS, SOCKET_EVENTS
from tools.paths import NPM, ROOT
from tools.wheel import build_part, build_wheel

FILES = ROOT / "tests" / "types"


@pytest.fixture(scope="module")
def user(tmp_path_factory):
    """A user's folder; its virtual environment has the wheels for pages, programs and tests, and nothing else."""
    folder = tmp_path_factory.mktemp("user")
    venv.create(folder / ".venv", symlinks=True)
    packages = next((folder / ".venv").glob("lib/python*/site-packages"))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", packages]
    subprocess.run([*command, build_wheel(), build_part("native"), build_part("testing")], check=True)
    shutil.copytree(Path(websockets.__file__).parent, packages / "websockets")
    for file in FILES.glob("*.py"):
        shutil.copy(file, folder)
    return folder


def lines_of_mypy(folder, file):
    """The lines in which mypy finds something, with what it is."""
    python = folder / ".venv" / "bin" / "python"
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--python-executable", python, file]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode in (0, 1), result.stderr
    found = re.findall(r"^(\S+?):(\d+): error: (.*)", result.stdout, re.MULTILINE)
    assert {name for name, _, _ in found} <= {file}, result.stdout
    return {int(line): text for _, line, text in found}


def lines_of_pyright(folder, file):
    python = str(folder / ".venv" / "bin" / "python")
    config = folder / "pyrightconfig.json"
    config.write_text(json.dumps({"include": [file], "typeCheckingMode": "strict"}))
    command = ["node", NPM / "pyright" / "index.js", "--outputjson", "--pythonpath", python, "--project", config]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert result.returncode in (0, 1), result.stderr
    found = json.loads(result.stdout)["generalDiagnostics"]
    return {each["range"]["start"]["line"] + 1: each["message"] for each in found if each["severity"] == "error"}


CHECKERS = [lines_of_mypy, lines_of_pyright]


@pytest.mark.parametrize("checker", CHECKERS)
def test_right_code_is_accepted(user, checker):
    assert checker(user, "right.py") == {}


@pytest.mark.parametrize("checker", CHECKERS)
def test_each_misuse_is_refused_and_nothing_else(user, checker):
    text = (FILES / "wrong.py").read_text().splitlines()
    expected = {number: line.strip() for number, line in enumerate(text, 1) if line.endswith("# refused")}
    found = checker(user, "wrong.py")
    accepted = {number: line for number, line in expected.items() if number not in found}
    unexpected = {number: message for number, message in found.items() if number not in expected}
    assert (accepted, unexpected) == ({}, {})


# --- what stands twice is the same ---


def typed_names():
    """Of `browserws/types.py`: the fields of each TypedDict with those of its bases, and the names in each Literal."""
    fields, literals = {}, {}
    for node in ast.walk(ast.parse((ROOT / "browserws" / "types.py").read_text())):
        if isinstance(node, ast.ClassDef):
            own = {statement.target.id for statement in node.body if isinstance(statement, ast.AnnAssign)}
            fields[node.name] = own.union(*[fields.get(getattr(base, "id", None), set()) for base in node.bases])
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
            names = {part.value for part in ast.walk(node.value.slice) if isinstance(part, ast.Constant)}
            others = {part.id for part in ast.walk(node.value.slice) if isinstance(part, ast.Name)}
            literals[node.targets[0].id] = names.union(*[literals.get(other, set()) for other in others])
    return fields, literals


FIELDS, LITERALS = typed_names()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ReliableOptions", {*DEFAULTS}),
        ("ChannelsOptions", {*DEFAULTS, *CHANNELS_DEFAULTS}),
        ("LiveOptions", {*DEFAULTS, *CHANNELS_DEFAULTS, "conflate"}),
        ("IgnoredOptions", {name for name, (harmless, _) in ARGUMENTS.items() if harmless}),
    ],
)
def test_options_have_types(name, options):
    assert FIELDS[name] == options


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("Socket", SOCKET_EVENTS),
        ("Reliable", RELIABLE_EVENTS),
        ("Channels", CHANNELS_EVENTS),
        ("Channel", CHANNEL_EVENTS),
        ("Chat", CHAT_EVENTS),
        ("Live", LIVE_EVENTS),
    ],
)
def test_events_have_types(name, events):
    assert LITERALS[f"{name}Name"] == set(events)
    if name != "Channel":  # it is not made by the user
        assert FIELDS[f"{name}Handlers"] == {f"on{event}" for event in events}
