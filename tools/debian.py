"""Packages of Debian, where that is what this is and we may."""

import os
import shutil
import subprocess
import sys


def install(*packages):
    """Whether they are installed now. Each command is shown before it runs."""
    if not shutil.which("apt-get"):
        return False
    install = [*apt(), "install", "-y", "--no-install-recommends", *packages]
    return run(install) or (run([*apt(), "update"]) and run(install))


def apt():
    """The beginning of a command that changes the system."""
    return [*([] if os.geteuid() == 0 else ["sudo", "-n"]), "apt-get"]


def ensure(program):
    """The package that is called as its program, if it is not here."""
    if shutil.which(program) is None:
        print(f"  no {program} found: installing one", flush=True)
        install(program)
    if shutil.which(program) is None:
        sys.exit(f"{program} could not be installed. Install it (Debian: apt-get install {program}).")


def run(command, **options):
    """Whether it succeeds."""
    print(" ", *command, flush=True)
    try:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, **options).returncode == 0
    except OSError:
        return False  # no sudo, or no Debian
