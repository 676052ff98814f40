"""Gets the tests of a foreign suite: from the sdist on PyPI, or from the source package of Debian."""

import subprocess
import sys
import tarfile
from pathlib import Path


def get_tests(source, folder):
    """Put what `source` has in its folder `tests` into `folder`."""
    downloads = folder.parent / f"{folder.name}-source"
    downloads.mkdir(parents=True, exist_ok=True)
    if source.startswith("debian:"):
        from_debian(*source.removeprefix("debian:").split("/"), downloads)
    else:
        from_pypi(source, downloads)
    (archive,) = downloads.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            path = Path(*Path(member.name).parts[1:])  # without that of the version
            if path.parts[:1] == ("tests",) and member.isfile():
                member.name = str(path)
                tar.extract(member, folder, filter="data")


def from_pypi(requirement, folder):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*command, "--dest", folder, requirement], check=True)


def from_debian(release, name, folder):
    """With lists of its own: those of the machine stay as they are."""
    for part in ("lists/partial", "archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb-src {mirror()} {release} main\n")
    options = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": folder / "lists",
        "Dir::Cache": folder,
        "APT::Sandbox::User": "root",
    }
    apt = ["apt-get", "--quiet=2", *(f"--option={key}={value}" for key, value in options.items())]
    subprocess.run([*apt, "update"], check=True)
    subprocess.run([*apt, "source", "--download-only", "--tar-only", name], cwd=folder, check=True)


def mirror():
    """From where this machine has its Debian."""
    command = ["apt-get", "indextargets", "--format=$(REPO_URI)", "Created-By: Packages", "Origin: Debian"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return next(line for line in lines if "security" not in line)
