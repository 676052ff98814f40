"""The demos by keyboard alone: where the focus goes, that it is seen, and what Enter and Space do.

(The live examples of the documentation have such a test in test_live.py.)
"""

import pytest

from tests.browser.conftest import settings
from tools.demo import DemoSite

# What has the focus, by its name for a reader; and whether that is seen: the outline may be on the label's text.
FOCUSED = """() => {
    const focused = document.activeElement;
    const shown = focused.type == "checkbox" ? focused.nextElementSibling : focused;
    const {outlineStyle, outlineWidth} = getComputedStyle(shown);
    const name = focused.ariaLabel || focused.labels?.[0]?.firstChild.textContent.trim() || focused.textContent.trim();
    return [name || focused.value, outlineStyle != "none" && parseFloat(outlineWidth) >= 2];
}"""


@pytest.fixture(scope="module")
def demo():
    with DemoSite() as site:
        yield site


class Typist:
    """Who has a keyboard and nothing else."""

    def __init__(self, page):
        self.page = page

    def ready(self, selector):
        self.page.locator(selector).first.wait_for(timeout=settings["PAGE_READY_MS"])

    def press(self, key):
        self.page.bring_to_front()
        self.page.keyboard.press(key)

    def type(self, text):
        self.page.bring_to_front()
        self.page.keyboard.type(text)

    def focused(self):
        self.page.bring_to_front()  # only there Firefox has a focus, and keys
        name, is_seen = self.page.evaluate(FOCUSED)
        assert is_seen, name
        return name

    def tab(self, times=1, key="Tab"):
        """The names of what gets the focus, one after the other."""
        names = []
        for _ in range(times):
            self.press(key)
            names.append(self.focused())
        return names


@pytest.fixture
def typist(open_page, demo):
    return lambda path: Typist(open_page(demo.url(path)).page)


def test_chat(typist):
    ada, bob = typist("/chat/?type=mpy"), typist("/chat/?type=mpy")
    for one, name in ((ada, "ada"), (bob, "bob")):
        one.ready("#enter:enabled")
        assert one.focused() == "Your name"
        one.type(name)
        assert one.tab(3) == ["Room", "Python", "Enter"]
        one.press("Space" if name == "ada" else "Enter")
        one.ready('#state[data-state="OPEN"]')
        assert one.focused() == "Your message"
    ada.type("hello")
    ada.press("Enter")
    bob.ready('#log .text:text("hello")')
    assert bob.tab() == ["Send"]
    assert bob.tab(4, "Shift+Tab") == ["Your message", "bob", "ada", "What was said"]
    assert bob.tab() == ["ada"]
    bob.press("Enter")
    assert bob.focused() == "Your message"
    bob.type("psst")
    assert bob.tab() == ["Send"]
    bob.press("Space")
    ada.ready('#log .private .text:text("psst")')
    assert bob.tab(2, "Shift+Tab") == ["Your message", "to ada alone ×"]
    bob.press("Space")
    assert bob.focused() == "Your message"
    assert bob.tab(7, "Shift+Tab")[-4:] == ["Join the room", "Another room", "Leave lobby", "lobby"]
    bob.tab(2)
    bob.type("second")
    bob.press("Enter")
    bob.ready('[data-room="second"]')


def test_live(typist):
    page = typist("/live/?type=mpy")
    page.ready("#row-ACME .up, #row-ACME .down")
    assert page.tab(4) == ["All demos", "Python", "ACME", "APEX"]
    page.press("Space")
    page.page.locator("#row-APEX").wait_for(state="detached")
    page.press("Space")
    page.ready("#row-APEX")
    assert page.tab(40)[-2:] == ["All", "None"]
    page.press("Enter")
    page.page.locator("#rows tr").first.wait_for(state="detached")
    assert page.tab(key="Shift+Tab") == ["All"]
    page.press("Space")
    page.page.locator("#rows tr").nth(39).wait_for()
    assert page.tab(3) == ["None", "ACME", "APEX"]
    page.press("Enter")
    page.ready('#chart .u-legend:has-text("APEX")')
    page.tab()
    page.press("Space")
    page.ready('#chart .u-legend:has-text("AXON")')


def test_echo(typist):
    page = typist("/echo/?type=mpy")
    page.ready('#state[data-state="READY"]')
    assert page.tab(4) == ["All demos", "Python", "Server", "Connect"]
    page.press("Space")
    page.ready('#state[data-state="OPEN"]')
    assert page.focused() == "Connect"
    page.press("Space")  # it is open already
    assert page.tab(3) == ["Close", "Text", "Send"]
    page.press("Enter")
    page.ready('#log .received:text("hello")')
    page.tab(2, "Shift+Tab")
    page.press("Enter")
    page.ready('#state[data-state="CLOSED"]')
    assert page.focused() == "Close"
    page.press("Enter")
    assert page.tab(1, "Shift+Tab") == ["Connect"]


def test_reliable(typist):
    page = typist("/reliable/?type=mpy")
    page.ready('#state[data-state="OPEN"]')
    assert page.tab(3) == ["All demos", "Python", "Send a message"]
    page.press("Space")
    page.ready('#log .received:text("message 1")')
    assert page.tab(3) == ["Reconnect", "Close", "Cut the connection"]
    page.press("Enter")
    page.ready('#log :text("it tries again")')
    page.ready('#state[data-state="OPEN"]')
    assert page.focused() == "Cut the connection"
    assert page.tab(4) == ["Silence it", "Refuse for 8 s", "Restart (1012)", "Forbidden (4403)"]
    page.press("Space")
    page.ready('#log :text("gave up")')
    assert page.focused() == "Forbidden (4403)"
    page.tab(6, "Shift+Tab")
    assert page.focused() == "Reconnect"
    page.press("Enter")
    page.ready('#state[data-state="OPEN"]')
    assert page.tab() == ["Close"]
    page.press("Space")
    page.ready('#state[data-state="CLOSED"]')
