"""Pyodide in Node, a process for each version, that runs tests of the conformance suite by name."""

import json
import subprocess
import zipfile

import pytest
import scenarios

from tools.paths import DIST, NPM, PYODIDE, ROOT
from tools.ports import free_port
from tools.server import Site

HERE = ROOT / "tests" / "node"


class Runner:
    def __init__(self, node, package, url):
        command = [NPM / node / "bin" / "node", HERE / "run.mjs", PYODIDE, package, ROOT / "tests" / "conformance"]
        self._process = subprocess.Popen(
            [*command, url, f"ws://localhost:{free_port()}/echo"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._expect("ready")

    def _expect(self, start):
        line = self._process.stdout.readline()
        assert line.startswith(start), f"Node said {line!r}"
        return line[len(start) :]

    def run(self, name):
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        return json.loads(self._expect(f"{name}\t"))

    def end(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@pytest.fixture(scope="session")
def site():
    with Site({}, scenarios.serve, **scenarios.OPTIONS) as site:
        yield site


@pytest.fixture(scope="session")
def runners(site, tmp_path_factory):
    package = tmp_path_factory.mktemp("package")
    with zipfile.ZipFile(next(DIST.glob("browserws-*.whl"))) as wheel:
        wheel.extractall(package)
    runners = {}

    def runner(node):
        if node not in runners:
            runners[node] = Runner(node, package, f"ws://localhost:{site.port}")
        return runners[node]

    yield runner
    for runner in runners.values():
        runner.end()
