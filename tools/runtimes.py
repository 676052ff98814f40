"""What switch.js of the demos starts PyScript with, by script type; and the wheels of the libraries that demos show."""

from .foreign import wheels
from .paths import DIST


def runtimes():
    wheel, dropin = (next(DIST.glob(f"{name}-*.whl")).name for name in ("browserws", "browserws_dropin"))
    return {
        "pyscript": "/pyscript/core.js",
        "py": {"interpreter": "/pyodide/pyodide.mjs", "packages": ["browserws"]},
        "mpy": {"interpreter": "/micropython/micropython.mjs", "packages": [f"/dist/{wheel}"]},
        "libraries": {
            name: [f"/dist/{dropin}", *(f"/foreign/{name}/{file.name}" for file in wheels(name))]
            for name in ("gql", "socketio")
        },
    }
