"""Packages of Debian, where that is what this is and we may."""

import os
import shutil
import subprocess


def install(*packages):
    """Whether they are installed now."""
    if not shutil.which("apt-get"):
        return False
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    command = [*sudo, "apt-get", "install", "-y", "--no-install-recommends", *packages]
    quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    try:
        for step in (command, [*sudo, "apt-get", "update"], command):
            if subprocess.run(step, **quiet).returncode == 0 and step is command:
                return True
    except OSError:
        pass  # no sudo
    return False
