"""Pyodide and MicroPython in Node, a process for each version, that runs tests of the conformance suite by name."""

import json
import subprocess
import zipfile

import pytest
import scenarios

from tools.paths import DIST, NPM, ROOT, RUNTIMES
from tools.ports import free_port
from tools.server import Site

HERE = ROOT / "tests" / "node"


class Runner:
    def __init__(self, package, url, interpreter, node, *hidden):
        runtime = RUNTIMES[f"/{interpreter}/"] / f"{interpreter}.mjs"
        command = [NPM / node / "bin" / "node", HERE / "run.mjs", runtime, package, ROOT / "tests" / "conformance"]
        self._process = subprocess.Popen(
            [*command, url, f"ws://localhost:{free_port()}/echo", *hidden],
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

    def runner(*which):
        if which not in runners:
            runners[which] = Runner(package, f"ws://localhost:{site.port}", *which)
        return runners[which]

    yield runner
    for runner in runners.values():
        runner.end()
