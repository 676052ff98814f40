"""As echo_once.py, after installing the wheel with micropip."""

import js
import micropip

from pyscript import config

await micropip.install(js.location.origin + config["wheel"].lstrip("."))
import echo_once  # noqa: F401
