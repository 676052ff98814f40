"""Where a foreign suite runs: its tests, and a virtual environment with the versions that they are for."""

import hashlib
import json
import os
import shutil
import subprocess
import venv
from pathlib import Path

from tools.paths import BUILD, ROOT

from .sources import get_tests
from .suites import PYTEST

FOLDER = BUILD / "dropin-suites"
INSIDE = Path(__file__).parent / "inside"
TIMEOUT = 20  # seconds for a test
LIMIT = 300  # for a suite


def prepare(suite):
    """Get what is missing."""
    home = FOLDER / suite.name
    stamp = home / "stamp"
    digest = hashlib.sha256(repr((suite.source, PYTEST, suite.packages)).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    print(f"{suite.name}: tests of {suite.source}, and what they need ...", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    get_tests(suite.source, home / "suite")
    venv.create(home / "venv", with_pip=True)
    pip = [home / "venv" / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, *PYTEST, *suite.packages], check=True)
    (home / "suite" / "pytest.ini").touch()
    stamp.write_text(digest)


def run(suite, not_run):
    """What became of each test, by its name (inside/standin_plugin.py); all output goes to a file."""
    home = FOLDER / suite.name
    report = home / "report.json"
    report.unlink(missing_ok=True)
    tests = home / "suite" / "tests"
    files = sorted({file.relative_to(home / "suite") for pattern in suite.tests for file in tests.glob(pattern)})
    plugins = ["pytest_timeout", "standin_plugin", *suite.plugins]
    command = [home / "venv" / "bin" / "python", "-m", "pytest", "-c", "pytest.ini", "--tb=native", "-q"]
    command += [f"--override-ini=timeout={TIMEOUT}", *suite.options]
    command += [part for plugin in plugins for part in ("-p", plugin)]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment.update(
        suite.environment,
        STANDIN_REPORT=str(report),
        STANDIN_NOT_RUN=json.dumps(list(not_run)),
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
        PYTHONPATH=f"{INSIDE}:{ROOT}",
    )
    with (home / "output.txt").open("w") as output:
        subprocess.run(
            [*command, *files], cwd=home / "suite", env=environment, stdout=output, stderr=output, timeout=LIMIT
        )
    if not report.exists():
        raise SystemExit(f"{suite.name}: it has not come to its end, see {home / 'output.txt'}")
    return json.loads(report.read_text())
