"""Gets all that the demos and tests need: .venv, the runtimes from npm, a Chromium, a Redis.

    python3 tools/setup.py

Standard library only: this runs before anything is installed. What is there is left as it is, so a
second run takes no time.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BUILD = ROOT / ".build"


def need(condition, message):
    if not condition:
        sys.exit(f"make: {message}")


def once(name, files, work):
    """Do `work` unless it was done for these files as they are."""
    stamp = BUILD / f"{name}.stamp"
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    work()
    BUILD.mkdir(exist_ok=True)
    stamp.write_text(digest)


def run(*command, **options):
    result = subprocess.run([str(part) for part in command], **options)
    need(result.returncode == 0, f"{' '.join(str(part) for part in command)} failed, see above")


def python_packages():
    print("[1/4] Python packages into .venv (about a minute) ...", flush=True)
    if not (VENV / "bin" / "pip").exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
        need(made.returncode == 0, "no virtual environment could be made: apt-get install python3-venv\n" + made.stdout)
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    run(VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "-e", f"{ROOT}[dev]", env=quiet)


def runtimes():
    print("[2/4] Pyodide, MicroPython and PyScript from npm ...", flush=True)
    need(shutil.which("npm"), "npm is missing: install node and npm (Debian: apt-get install nodejs npm)")
    run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=ROOT / "tools")


def browser():
    print("[3/4] A Chromium ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.browser", cwd=ROOT)


def redis():
    print("[4/4] redis-server ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.redis", cwd=ROOT)


need(sys.version_info >= (3, 11), f"Python 3.11 or later is needed, this is {sys.version.split()[0]} (PYTHON=...)")
once("python", [ROOT / "pyproject.toml"], python_packages)
once("npm", [ROOT / "tools" / "package-lock.json"], runtimes)
once("browser", [ROOT / "tools" / "browser.py"], browser)
once("redis", [ROOT / "tools" / "redis.py"], redis)
