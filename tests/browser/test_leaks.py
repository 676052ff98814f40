"""Everything made for a socket is released with it."""

import json
from urllib.parse import urlencode

import pytest

# They are kept, so that none is released only because JavaScript's collector found it.
COUNT_LISTENERS = """
  const kept = [];
  globalThis.listeners = {count: 0};
  for (const [name, change] of [["addEventListener", 1], ["removeEventListener", -1]]) {
    const real = EventTarget.prototype[name];
    WebSocket.prototype[name] = function (...all) {
      listeners.count += change;
      kept.push(all[1]);
      return real.apply(this, all);
    };
  }
"""


@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_sockets_leave_nothing_behind(open_page, site, wheel, type_):
    interpreter = "/pyodide/pyodide.mjs" if type_ == "py" else "/micropython/micropython.mjs"
    config = json.dumps({"interpreter": interpreter, "packages": ["browserws" if type_ == "py" else wheel]})
    query = urlencode({"type": type_, "script": "leaks.py", "config": config})
    page = open_page("about:blank")
    page.page.add_init_script(COUNT_LISTENERS)
    page.page.goto(site.url("/tests/install.html?" + query))
    page.wait_for_console("leaks:")
    line = next(text for _, text in page.console if text.startswith("leaks:"))
    assert json.loads(line[len("leaks:") :]) == {"before": 0, "after": 0, "objects": 0}
