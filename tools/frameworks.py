"""Gets the frameworks that the hub is tested in, into a Python of their own:  python -m tools.frameworks"""

import shutil
import subprocess
import venv

from .paths import BUILD

FRAMEWORKS = BUILD / "frameworks"
PYTHON = FRAMEWORKS / "bin" / "python"
PACKAGES = [
    "aiohttp==3.14.5",
    "django==5.2.19",
    "fastapi==0.165.0",
    "litestar==2.25.0",
    "pycrdt==0.14.13",
    "quart==0.22.0",
    "robyn==0.88.0",
    "starlette==1.10.0",
    "uvicorn==0.54.0",
]
OLD_ROBYN = FRAMEWORKS / "robyn-0.79"  # a folder for PYTHONPATH: the last with its old API for WebSockets
OF_THE_HUB = ["websockets>=17,<18", "redis>=5", "prometheus-client"]


def main():
    shutil.rmtree(FRAMEWORKS, ignore_errors=True)
    venv.create(FRAMEWORKS, with_pip=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", *PACKAGES, *OF_THE_HUB], check=True)
    old = ["--no-deps", "--target", OLD_ROBYN, "robyn==0.79.0"]
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", *old], check=True)


if __name__ == "__main__":
    main()
