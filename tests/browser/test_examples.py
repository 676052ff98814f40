"""The programs of examples/, started as their README says, with two people who see each other."""

import contextlib
import os
import re
import subprocess
import sys

import pytest

from tests.browser.engines import on_exception
from tools.demo import DemoSite
from tools.paths import ROOT


@pytest.fixture
def example():
    """Starts one by its name, on a free port; its URL."""
    with contextlib.ExitStack() as stack:

        def start(name):
            command = [sys.executable, "-m", "tools.example", name, "0"]
            env = {**os.environ, "PYTHONPATH": str(ROOT)}
            process = stack.enter_context(
                subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            )
            stack.callback(process.terminate)
            line = process.stdout.readline()
            assert line.startswith("The example is at http"), process.stderr.read()
            return line.split()[4]

        yield start


@pytest.fixture
def people(browser):
    """Opens a page for one more person, in a browser context of their own."""
    contexts, errors = [], []

    def person(url, name):
        contexts.append(browser.new_context(viewport={"width": 1200, "height": 1000}))  # the whole field is in it
        page = contexts[-1].new_page()
        on_exception(page, errors.append)
        page.goto(f"{url}#{name}")
        page.locator('#state[data-state="OPEN"]').wait_for(timeout=60_000)
        return page

    yield person
    for context in contexts:
        context.close()
    assert errors == []


def test_dashboard(people, example):
    url = example("dashboard")
    ada = people(url, "ada")
    ada.fill("#text", "is <i>anybody</i> here?")
    ada.press("#text", "Enter")
    ada.locator("#said li", has_text="anybody").wait_for()
    bob = people(url, "<b>bob</b>")
    for page in (ada, bob):
        page.locator("#members", has_text="<b>bob</b>, ada").wait_for()
        page.locator("#add:enabled").wait_for()
        page.wait_for_function("() => [...document.querySelectorAll('.cell output')].every(it => it.value > 0)")
        assert page.locator(".cell canvas").count() == 2

    bob.click("#add")
    added = ada.locator(".cell").nth(2)
    added.locator("select").nth(1).select_option("maximum")
    bob.wait_for_function("() => document.querySelectorAll('.cell select')[5]?.value === 'maximum'")
    before = added.locator("output").text_content()
    added.locator("select").nth(0).select_option("visitors")
    ada.wait_for_function("before => document.querySelectorAll('.cell output')[2].value != before", arg=before)
    ada.locator(".cell button").nth(0).click()
    bob.locator(".cell").nth(2).wait_for(state="detached")
    for _ in range(12):
        bob.click("#add")
    bob.locator("#trouble", has_text="these are enough cells").wait_for()

    bob.fill("#text", "I am")
    bob.press("#text", "Enter")
    for page in (ada, bob):
        page.locator("#said li", has_text="I am").wait_for()
        assert page.locator("#said li").all_text_contents() == ["adais <i>anybody</i> here?", "<b>bob</b>I am"]
        assert page.locator("#said i, #members b").count() == 0


# Where in the field the first thing of a colour is, from the left: [x, y], null if there is none.
FIND = """
color => {
  const field = document.querySelector("#field");
  const {data} = field.getContext("2d").getImageData(0, 0, field.width, field.height);
  const [r, g, b] = color.match(/\\d+/g);
  for (let x = 0; x < field.width; x++)
    for (let y = 0; y < field.height; y++) {
      const at = 4 * (y * field.width + x);
      if (data[at] == r && data[at + 1] == g && data[at + 2] == b && data[at + 3] == 255) return [x, y];
    }
  return null;
}
"""
DOT = "rgb(224, 161, 0)"
HUE_OF_OTHER = """
() => getComputedStyle([...document.querySelectorAll("#players li")].find(it => !it.textContent.includes("(you)")),
                       "::before").backgroundColor
"""


def points(page):
    """By player, as the page shows them."""
    lines = page.locator("#players li").all_text_contents()
    return {name: int(count) for name, count in (line.rsplit(": ", 1) for line in lines)}


def press_at(page, x, y):
    box = page.locator("#field").bounding_box()
    page.mouse.move(box["x"] + x * box["width"] / 1200, box["y"] + y * box["height"] / 700)
    page.mouse.down()


def test_game(people, example):
    url = example("game")
    ada, bob = people(url, "ada"), people(url, "<b>bob</b>")
    for page, own, other in ((ada, "ada (you)", "<b>bob</b>"), (bob, "<b>bob</b> (you)", "ada")):
        page.locator("#players li").nth(1).wait_for()
        assert set(points(page)) == {own, other}
        page.locator("#latency", has_text="ms").wait_for()
        page.wait_for_function("() => Number(document.querySelector('#rate').value) >= 5")
    assert ada.locator("#players b").count() == 0

    hue = bob.evaluate(HUE_OF_OTHER)
    before = bob.evaluate(FIND, hue)[0]
    ada.keyboard.down("ArrowRight" if before < 600 else "ArrowLeft")
    bob.wait_for_function(
        f"([hue, before]) => Math.abs(({FIND})(hue)[0] - before) > 100", arg=[hue, before], polling=100
    )
    ada.keyboard.up("ArrowRight")
    ada.keyboard.up("ArrowLeft")

    x, y = bob.evaluate(FIND, DOT)
    press_at(bob, x + 13, y)  # the middle of the dot
    ada.locator("#players li", has_text=re.compile(r"bob</b>: [1-9]")).wait_for()
    bob.locator("#players li", has_text=re.compile(r"bob</b> .you.: [1-9]")).wait_for()
    bob.mouse.up()
    bob.close()
    ada.locator("#players li", has_text="bob").wait_for(state="detached")


def test_make_demo_has_them_too(open_page):
    with DemoSite() as demo:
        page = open_page(demo.url("/")).page
        page.click("text=A game")
        page.wait_for_function("() => Number(document.querySelector('#rate')?.value) >= 5", timeout=60_000)
