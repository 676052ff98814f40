"""Packages of Debian, where that is what this is and we may."""

import os
import shutil
import subprocess
import sys


def install(*packages):
    """Whether they are installed now. Each command is shown before it runs."""
    if not shutil.which("apt-get"):
        return False
    apt = [*([] if os.geteuid() == 0 else ["sudo", "-n"]), "apt-get"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    return _run(install) or (_run([*apt, "update"]) and _run(install))


def ensure(program):
    """The package that is called as its program, if it is not here."""
    if shutil.which(program) is None:
        print(f"  no {program} found: installing one", flush=True)
        install(program)
    if shutil.which(program) is None:
        sys.exit(f"{program} could not be installed. Install it (Debian: apt-get install {program}).")


def _run(command):
    print(" ", *command, flush=True)
    try:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(command, stdout=subprocess.DEVNULL, env=environment).returncode == 0
    except OSError:
        return False  # no sudo
