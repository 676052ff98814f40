"""The pages of HTML that docs/how-to shows, as they stand there. (Those of channels.md: test_readme.py.)"""

import subprocess
import sys

from tests.browser.test_readme import open_copy
from tests.documents import block
from tools.paths import ROOT
from tools.ports import free_port


def test_the_worker(browser, site):
    context = browser.new_context()
    page = context.new_page()
    open_copy(page, site, "worker.html", block("<title>In a worker", "html"), isolated=True)
    page.locator("#sum", has_text="6").wait_for(timeout=60_000)
    context.close()


def test_the_chart(browser, site):
    port = free_port()
    program = block("random.gauss").replace("8765", str(port))
    source = block("<title>A chart", "html").replace("8765", str(port))
    context = browser.new_context()
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) as process:
        try:
            page = context.new_page()
            open_copy(page, site, "chart.html", source)
            points = "document.querySelector('#line').getAttribute('points')"
            page.wait_for_function(f"() => ({points} || '').split(' ').length > 5", timeout=60_000)
            heights = [float(point.split(",")[1]) for point in page.evaluate(points).split()]
            assert 0 <= min(heights) < max(heights) <= 50
        finally:
            context.close()
            process.kill()


def test_the_site_is_served_with_the_demos_and_draws_its_diagrams(browser):
    """A state machine's diagram is SVG in the page, and nothing was asked of another server."""
    from tools.demo import DemoSite
    from tools.docs import SITE, build

    build()
    context = browser.new_context()
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    with DemoSite() as demo:
        page = context.new_page()
        page.goto(demo.url("/docs/reference/protocol.html"))
        page.locator("pre.mermaid svg").first.wait_for()
        assert "CONNECTING" in page.locator("pre.mermaid svg").first.text_content()
        page.goto(demo.url("/docs/"))
        page.get_by_role("link", name="Tutorial").first.click()
        page.get_by_role("heading", name="a chat").wait_for()
        assert SITE.is_dir()
    context.close()
    assert [url for url in asked if not url.startswith(("http://localhost:", "data:"))] == []
