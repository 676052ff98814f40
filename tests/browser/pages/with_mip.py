"""As echo_once.py, after installing the package with mip."""

import mip

from pyscript import config

mip.install(config["package"], target="/lib")
import echo_once  # noqa: F401
