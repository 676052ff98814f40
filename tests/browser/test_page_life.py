"""What happens to pages, and what a `ReliableWebSocket` makes of it. The real page is driven."""

import pytest

from tests.browser.conftest import settings
from tests.browser.remote import open_remote, through
from tools.browser import find_chromium


def test_page_that_goes_offline_pauses_and_comes_back(remote, proxy):
    """`offline` is a hint: an open connection stays; when it is lost, nothing is tried until `online`."""
    remote.begin(through(proxy, "/echo"), "{'max_reconnect_interval': 60000}")
    remote.wait("open")
    remote.page.context.set_offline(True)
    remote.wait("offline")
    proxy.cut()
    remote.wait("close")
    assert remote.value("ws.state") == "OFFLINE"
    remote.page.context.set_offline(False)
    remote.wait("online")
    remote.wait("reconnected")
    remote.end()


def test_slow_machine_is_not_taken_for_a_dead_line(remote, proxy):
    """With the processor slowed down 20 times and the page busy, timers and messages come late together."""
    devtools = remote.page.context.new_cdp_session(remote.page)
    remote.begin(through(proxy, "/echo"))
    remote.run("ws.set_heartbeat(200, 'ping', 'ping')")
    remote.wait("open")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 20})
    for _ in range(3):
        remote.page.evaluate("() => { const end = performance.now() + 1500; while (performance.now() < end); }")
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    remote.run("ws.send('still there')")
    assert remote.wait("message")["data"] == "still there"
    assert remote.log("close") == []
    remote.end()


def test_frozen_page_is_still_connected_when_it_is_resumed(remote, proxy):
    devtools = remote.page.context.new_cdp_session(remote.page)
    remote.begin(through(proxy, "/echo"))
    remote.run("ws.set_heartbeat(200, 'ping', 'ping')")
    remote.wait("open")
    remote.run("ws.send('before')")
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    remote.run("ws.send('after')")
    remote.wait("message", 2)
    assert [line["data"] for line in remote.log("message")] == ["before", "after"]
    remote.end()


def test_page_that_is_closed_while_connecting_leaves_nothing(browser, site, wheel, proxy):
    proxy.hold()
    remote = open_remote(browser.new_context(), site, wheel, "mpy")
    remote.begin(through(proxy, "/echo"))
    remote.wait("connecting")
    context = remote.page.context
    remote.page.close()
    proxy.wait_until_empty()
    context.close()


@pytest.fixture
def caching_browser(browser):
    """A browser with the back-forward cache, which Playwright turns off."""
    with_cache = browser.browser_type.launch(
        executable_path=find_chromium(), ignore_default_args=["--disable-back-forward-cache"], **settings["CHROMIUM"]
    )
    yield with_cache
    with_cache.close()


@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_back_forward_cache(caching_browser, site, wheel, proxy, type_):
    """The connection is closed before the page goes into the cache, and made anew when it comes back."""
    remote = open_remote(caching_browser.new_context(), site, wheel, type_)
    remote.begin(through(proxy, "/echo"))
    remote.wait("open")
    remote.page.evaluate("globalThis.survived = true")
    remote.page.goto(site.url("/tests/strict.html"))  # loaded: at "commit" Chromium may still be swapping the two
    remote.page.go_back(wait_until="commit")
    assert remote.page.evaluate("globalThis.survived") is True
    remote.wait("reconnected")
    assert [line["state"] for line in remote.log("statechange")][-4:] == ["SUSPENDED", "WAITING", "CONNECTING", "OPEN"]
    assert remote.log("close")[0]["code"] == 1001
