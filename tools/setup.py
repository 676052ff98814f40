"""Gets what a target of the Makefile needs: .venv, the runtimes from npm, browsers, a Redis, proxies.

    python3 tools/setup.py [NAME...]     the names of `STEPS`; all if none is named

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


def build():
    print("What builds wheels into .venv ...", flush=True)
    pip_install("build", "hatchling", "zopfli")


def python():
    print("Python packages into .venv (about a minute) ...", flush=True)
    pip_install("pip>=25.1")  # the first that knows dependency groups
    pip_install("--editable", ROOT, "--group", f"{ROOT / 'pyproject.toml'}:dev")


def pip_install(*what):
    if not (VENV / "bin" / "pip").exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
        need(made.returncode == 0, "no virtual environment could be made: apt-get install python3-venv\n" + made.stdout)
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    run(VENV / "bin" / "python", "-m", "pip", "install", "--quiet", *what, env=quiet)


def runtimes():
    print("Pyodide, MicroPython and PyScript from npm ...", flush=True)
    need(shutil.which("npm"), "npm is missing: install node and npm (Debian: apt-get install nodejs npm)")
    run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=ROOT / "tools")


def notebook():
    print("JupyterLite ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.notebook", cwd=ROOT)


def live():
    print("What the live examples of the documentation load ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.live", BUILD / "live", cwd=ROOT)


def browser():
    print("A Chromium ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.browser", cwd=ROOT)


def firefox():
    print("A Firefox ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.browser", "firefox", cwd=ROOT)


def webkit():
    print("WebKitGTK with its driver ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.browser", "webkit", cwd=ROOT)


def redis():
    print("redis-server ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.redis", cwd=ROOT)


def proxies():
    print("nginx and Caddy ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.proxies", cwd=ROOT)


def libraries():
    print("Libraries that the demos show ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.foreign", "socketio", "gql", cwd=ROOT)


def foreign():
    print("Libraries that the drop-in is tested with ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.foreign", cwd=ROOT)


def frameworks():
    print("Frameworks that the hub is tested in ...", flush=True)
    run(VENV / "bin" / "python", "-m", "tools.frameworks", cwd=ROOT)


# The step, and the files that say what it gets.
STEPS = {
    build: [ROOT / "pyproject.toml"],
    python: [ROOT / "pyproject.toml"],
    runtimes: [ROOT / "tools" / "package-lock.json"],
    notebook: [ROOT / "tools" / "notebook.py", ROOT / "tools" / "package-lock.json"],
    live: [ROOT / "tools" / "live.py", ROOT / "tools" / "package-lock.json"],
    browser: [ROOT / "tools" / "browser.py"],
    firefox: [ROOT / "tools" / "browser.py"],
    webkit: [ROOT / "tools" / "browser.py"],
    redis: [ROOT / "tools" / "redis.py"],
    proxies: [ROOT / "tools" / "proxies.py"],
    libraries: [ROOT / "tools" / "foreign.py"],
    foreign: [ROOT / "tools" / "foreign.py"],
    frameworks: [ROOT / "tools" / "frameworks.py"],
}


def main(names):
    need(sys.version_info >= (3, 11), f"Python 3.11 or later is needed, this is {sys.version.split()[0]} (PYTHON=...)")
    for step, files in STEPS.items():
        if step.__name__ in names or not names:
            once(step.__name__, files, step)


if __name__ == "__main__":
    main(sys.argv[1:])
