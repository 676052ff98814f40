"""`browserws.sync`, in a page and in a worker."""

import json
from urllib.parse import urlencode

import pytest


@pytest.mark.parametrize("where", ["main", "worker"])
@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_calls_that_block(open_page, site, wheel, type_, where):
    interpreter = "/pyodide/pyodide.mjs" if type_ == "py" else "/micropython/micropython.mjs"
    config = json.dumps({"interpreter": interpreter, "packages": [wheel]})
    query = {"type": type_, "script": "blocking.py", "config": config}
    if where == "worker":
        query["worker"] = ""
    page = open_page(site.url("/tests/install.html?" + urlencode(query)))
    page.wait_for_console("blocking calls: all is well")
