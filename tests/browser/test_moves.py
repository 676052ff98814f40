"""Code written for Brython and for PyScript runs with only its import line changed."""

import json
from urllib.parse import urlencode

import pytest


@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_only_the_import_line_changes(open_page, site, wheel, type_):
    interpreter = "/pyodide/pyodide.mjs" if type_ == "py" else "/micropython/micropython.mjs"
    config = json.dumps({"interpreter": interpreter, "packages": [wheel]})
    query = urlencode({"type": type_, "script": "moves.py", "config": config})
    page = open_page(site.url("/tests/install.html?" + query))
    page.wait_for_console("moved")
