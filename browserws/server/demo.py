"""The chat page of `--demo`, and the wheel and the runtimes that it needs.

The wheel is made of the package in this environment. Browsers get the runtimes from a CDN, or from a folder with
packages of npm.
"""

from __future__ import annotations

import io
import json
import mimetypes
import zipfile
from http import HTTPStatus
from pathlib import Path

import browserws

from .answers import Answer

PACKAGE = Path(browserws.__file__).parent
OTHERS = ("dropin", "native", "protocols", "server", "testing")  # folders that are other wheels'
FILES = Path(__file__).parent / "pages"
NPM = {  # packages of npm, and what of them a page begins with
    "pyscript": ("@pyscript/core", "0.7.31", "dist/core.js"),
    "py": ("pyodide", "314.0.7", "pyodide.mjs"),
    "mpy": ("@micropython/micropython-webassembly-pyscript", "1.28.0-6", "micropython.mjs"),
}
CDN = "https://cdn.jsdelivr.net/npm/"
TYPES = mimetypes.MimeTypes()  # Python's own: what a system says of them may be wrong
ISOLATION = {  # without which PyScript's workers cannot reach the page
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class Demo:
    """Answers for the paths of the page. `runtimes` is a folder with the packages of npm, None for the CDN.

    Raises `ValueError` if the folder does not have them.
    """

    def __init__(self, runtimes: str | None = None) -> None:
        self._npm = Path(runtimes).resolve() if runtimes is not None else None
        urls = {name: self._url_of(*package) for name, package in NPM.items()}
        wheel = f"/browserws-{browserws.__version__}-py3-none-any.whl"
        config = {
            "pyscript": urls["pyscript"],
            # As it is, without micropip, which would come from the CDN.
            "py": {"interpreter": urls["py"], "packages": [wheel], "packages_cache": "passthrough"},
            "mpy": {"interpreter": urls["mpy"], "packages": [wheel]},
        }
        self._files = {wheel: page_wheel(), "/runtimes.json": json.dumps(config).encode()}
        for file in FILES.rglob("*.*"):
            if file.suffix != ".pyc":
                self._files[f"/{file.relative_to(FILES).as_posix()}"] = file.read_bytes()

    def _url_of(self, package: str, version: str, file: str) -> str:
        if self._npm is None:
            return f"{CDN}{package}@{version}/{file}"
        if not (self._npm / package / file).is_file():
            wanted = " ".join(f"{name}@{version}" for name, version, _ in NPM.values())
            raise ValueError(f"there is no {self._npm / package / file}: get it by `npm install {wanted}`")
        return f"/npm/{package}/{file}"

    def __call__(self, path: str) -> Answer | None:
        if path == "/":
            return Answer(HTTPStatus.FOUND, b"", {"Location": "/chat/"})
        if path.endswith("/"):
            path += "index.html"
        body = self._files.get(path)
        if body is None and self._npm is not None and path.startswith("/npm/"):
            body = _read(self._npm, path.removeprefix("/npm/"))
        if body is None:
            return None
        kind = TYPES.guess_type(path)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        return Answer(HTTPStatus.OK, body, {"Content-Type": kind, "Cache-Control": "no-cache", **ISOLATION})


def _read(folder: Path, name: str) -> bytes | None:
    """A file in one of the packages."""
    if not name.startswith(tuple(f"{package}/" for package, *_ in NPM.values())):
        return None
    try:
        file = (folder / name).resolve()
        return file.read_bytes() if file.is_relative_to(folder) and file.is_file() else None
    except (OSError, ValueError):  # a name that no file can have
        return None


def page_wheel() -> bytes:
    """The wheel that pages download, made of the installed package: it is pure Python."""
    release = browserws.__version__
    info = f"browserws-{release}.dist-info"
    files = {
        f"browserws/{file.relative_to(PACKAGE).as_posix()}": file.read_bytes()
        for file in sorted(PACKAGE.rglob("*.py"))
        if file.relative_to(PACKAGE).parts[0] not in OTHERS
    }
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: browserws\nVersion: {release}\n".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: browserws\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"]).encode()
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return wheel.getvalue()
