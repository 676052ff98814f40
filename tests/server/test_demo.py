"""`--demo`: what it serves beside the hub, and what it refuses before anything starts. (The chat itself, in a browser:
tests/browser/test_first_look.py.)
"""

import io
import json
import re
import subprocess
import sys
import zipfile

import pytest

import browserws
from browserws.server.demo import CDN, NPM, OTHERS, Demo, page_wheel
from tests.server.process import HubProcess
from tests.server.talk import Running, run, running
from tools import paths
from tools.paths import ROOT
from tools.wheel import PARTS


@pytest.fixture(scope="module")
def hub():
    hub = HubProcess("--demo", "--demo-runtimes", str(paths.NPM))
    yield Running(None, hub.port)
    hub.terminate()


def status(hub, path):
    async def main():
        return await hub.get(path)

    return run(main())


def test_page_and_its_files_are_on_the_port_of_the_hub(hub):
    assert status(hub, "/")[0] == 302
    found, page = status(hub, "/chat/?type=mpy")
    assert found == 200 and "<h1>Chat</h1>" in page
    for name in re.findall(r'<(?:link|script)[^>]* (?:href|src)="(?!data:)([^"]+)"', page):
        assert status(hub, "/chat/" + name if not name.startswith("../") else name[2:])[0] == 200, name
    assert status(hub, "/chat/main.py")[0] == 200
    assert status(hub, "/healthz") == (200, "ok\n")
    assert "browserws_connections" in status(hub, "/metrics")[1]


def test_runtimes_come_from_the_folder(hub):
    config = json.loads(status(hub, "/runtimes.json")[1])
    assert status(hub, config["pyscript"])[0] == status(hub, config["mpy"]["interpreter"])[0] == 200
    assert config["py"]["interpreter"] == "/npm/pyodide/pyodide.mjs"


@pytest.mark.parametrize(
    "path",
    [
        "/npm/../package.json",
        "/npm/pyodide/../../package.json",
        "/npm//etc/passwd",
        "/npm/yjs/package.json",
        "/npm/pyodide/",
        "/npm/pyodide",
        "/npm/pyodide/a\0b",
        "/npm/pyodide/" + "a" * 1000,
        "/chat/../style.css",
        "/chat",
        "/chat/__pycache__/main.cpython-311.pyc",
        "/demo.py",
    ],
)
def test_nothing_else_is_served(hub, path):
    assert status(hub, path)[0] in (400, 404)


def test_hub_without_it_serves_no_page():
    async def main():
        async with running() as hub:
            assert (await hub.get("/"))[0] == (await hub.get("/chat/"))[0] == 404

    run(main())


def test_addresses_of_the_cdn_are_those_of_the_versions_that_are_tested():
    config = json.loads(Demo()("/runtimes.json").body)
    pinned = json.loads((ROOT / "tools" / "package.json").read_text())["dependencies"]
    assert {package: version for package, version, _ in NPM.values()}.items() <= pinned.items()
    assert config["py"]["interpreter"] == f"{CDN}pyodide@{pinned['pyodide']}/pyodide.mjs"
    assert Demo()("/npm/pyodide/pyodide.mjs") is None


def test_wheel_has_the_package_and_no_other_distribution():
    assert sorted(OTHERS) == sorted(PARTS)
    with zipfile.ZipFile(io.BytesIO(page_wheel())) as archive:
        names = set(archive.namelist())
        record = archive.read(f"browserws-{browserws.__version__}.dist-info/RECORD").decode()
    assert {line.split(",")[0] for line in record.splitlines()} == names
    assert {"browserws/chat.py", "browserws/_pure/protocol.py"} <= names
    assert not [name for name in names if name.split("/")[1] in PARTS]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--demo", "--demo-runtimes", str(ROOT)], "npm install @pyscript/core@"),
        (["--demo-runtimes", str(paths.NPM)], "--demo-runtimes is for --demo"),
        (["--demo", "--auth", "json:loads"], "the chat page has no token"),
    ],
)
def test_what_cannot_work_is_said_before_anything_starts(options, says):
    command = [sys.executable, "-m", "browserws.server", "--port", "0", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and says in done.stderr and done.stdout == ""
