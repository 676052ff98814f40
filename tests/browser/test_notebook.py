"""The notebook of the demos, run in JupyterLite as a person runs it."""

import json
import re

import pytest

from tools.demo import DemoSite
from tools.notebook import NOTEBOOKS

NOTEBOOK = NOTEBOOKS / "live.ipynb"
# What JupyterLite holds of the notebook: the points of its chart, by symbol.
POINTS = """() => {
  const { content } = jupyterapp.shell.currentWidget;
  const points = {};
  for (const { model } of content.widgets) {
    const spec = model.type === "code" && model.outputs.get(0)?.data["application/vnd.vegalite.v5+json"];
    for (const { symbol } of spec ? spec.data.values : []) points[symbol] = (points[symbol] ?? 0) + 1;
  }
  return points;
}"""
RUN = "code => jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code }).done"
ENDS = "await asyncio.wait_for(asyncio.gather(*tasks), 20)\nassert live.state == 'CLOSED', live.state"


def cells():
    return json.loads(NOTEBOOK.read_text())["cells"]


def code_of_the_last_cell():
    return re.search(r"```python\n(.*?)```", "".join(cells()[-1]["source"]), re.DOTALL)[1]


def test_it_is_kept_without_outputs():
    assert [cell for cell in cells() if cell.get("outputs") or cell.get("execution_count")] == []


@pytest.mark.timeout(300)
def test_chart_moves_with_the_prices(open_page):
    with DemoSite() as demo:
        page = open_page(demo.url("/")).page
        page.click("text=Notebook")
        page.get_by_role("heading", name="Live data in a notebook").wait_for()
        page.get_by_role("menuitem", name="Run").first.click()
        page.click('[data-command="runmenu:run-all"]')
        canvas = page.locator(".vega-embed canvas")
        canvas.wait_for(timeout=120_000)
        page.wait_for_function(f"() => Object.values(({POINTS})()).filter((count) => count > 4).length === 3")
        picture = "() => document.querySelector('.vega-embed canvas')?.toDataURL()"
        before = page.evaluate(picture)
        page.wait_for_function(f"before => (({picture})() ?? before) !== before", arg=before)
        answer = page.evaluate(RUN, code_of_the_last_cell() + ENDS)
        assert answer["content"]["status"] == "ok", answer
