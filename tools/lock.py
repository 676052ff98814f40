"""Writes a Pyodide folder from which `loadPackage("browserws")` works, with no other server.

    python -m tools.lock FOLDER
    python -m tools.lock --if-changed    .build/pyodide, for the demos and tests, if the package has changed

It holds the pinned Pyodide's files, micropip, our wheel, and a `pyodide-lock.json` that names both.
"""

import email.parser
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from .paths import BUILD, DIST, NPM, PYODIDE, ROOT
from .wheel import build_part, build_wheel


def micropip_wheels(lock):
    """micropip and what it depends on, as the lock of a Pyodide names them, from PyPI."""
    return download(lock, ["micropip", *lock["packages"]["micropip"]["depends"]])


def download(lock, names, others=()):
    """The wheels of packages of a lock, and of `others`, as `name==version`, from PyPI.

    (The files that a lock names are not in the npm package, and their hashes are not PyPI's.)
    """
    wanted = [f"{name}=={lock['packages'][name]['version']}" for name in names] + list(others)
    folder = BUILD / "wheels"
    missing = [one for one in wanted if not _found(folder, one)]
    if missing:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
        python = ".".join(lock["info"]["python"].split(".")[:2])
        command += ["--python-version", python, "--only-binary=:all:", *missing]
        subprocess.run(command, check=True)
    return [_found(folder, one)[0] for one in wanted]


def _found(folder, requirement):
    name, version = requirement.split("==")
    return list(folder.glob(f"{name.replace('-', '_')}-{version}-*.whl"))


def lock_entry(wheel, depends=()):
    """What pyodide-lock writes of a pure wheel. (Its release for Python 3.11 cannot read a lock of Pyodide 314.)"""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        fields = email.parser.Parser().parsestr(archive.read(metadata).decode())
    return {
        "name": fields["Name"],
        "version": fields["Version"],
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": sorted({name.split("/")[0] for name in names if ".dist-info/" not in name}),
        "depends": list(depends),
        "unvendored_tests": False,
    }


def write(folder, pyodide=NPM / "pyodide", ours=None):
    """`pyodide` is its folder of npm, `ours` our wheel, which is built if it is not given."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for file in pyodide.iterdir():
        if file.is_file():
            shutil.copy(file, folder / file.name)
    lock = json.loads((pyodide / "pyodide-lock.json").read_text())
    micropip, *others = micropip_wheels(lock)
    needed = lock["packages"]["micropip"]["depends"]
    entries = {micropip: lock_entry(micropip, needed)}
    entries.update({wheel: lock_entry(wheel) for wheel in (*others, ours or build_wheel())})
    for old in folder.glob("*.whl"):
        old.unlink()
    for wheel in entries:
        shutil.copy(wheel, folder / wheel.name)
    lock["packages"] = {
        entry["name"]: entry for entry in entries.values()
    }  # the others' files are not in npm's package
    (folder / "pyodide-lock.json").write_text(json.dumps(lock, indent=1))
    return folder


def write_if_changed():
    """The demos' and tests' folder, and the wheels that few pages need, anew when a source of them is younger."""
    sources = [*(ROOT / "browserws").rglob("*.py"), ROOT / "pyproject.toml", ROOT / "README.md"]
    newest = max(file.stat().st_mtime for file in sources)
    lock = PYODIDE / "pyodide-lock.json"
    parts = ("dropin", "protocols", "server", "testing")
    built = all(list(DIST.glob(f"{name}-*.whl")) for name in ("browserws", *(f"browserws_{part}" for part in parts)))
    if not built or not lock.exists() or lock.stat().st_mtime < newest:
        print("Building the wheels and the Pyodide folder ...", flush=True)
        for part in parts:
            build_part(part)
        write(PYODIDE)


if __name__ == "__main__":
    if sys.argv[1:] == ["--if-changed"]:
        write_if_changed()
    else:
        print(write(*sys.argv[1:]))
