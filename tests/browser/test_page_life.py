"""What happens to pages, and what a `ReliableWebSocket` makes of it. The real page is driven."""

import contextlib
import re
import subprocess

import pytest
from playwright.sync_api import Error

from tests.browser.engines import launch_options
from tests.browser.remote import devtools, open_remote, through


def set_offline(page, offline):
    """Take the network away from the page, or give it back; where the browser cannot do so, the page gets the event."""
    try:
        page.context.set_offline(offline)
    except Error as error:
        assert "unknown command" in str(error)
        page.evaluate("name => void dispatchEvent(new Event(name))", "offline" if offline else "online")


def can_freeze(page):
    """Whether the browser has the Page Lifecycle API: it may freeze pages, and resumes them with an event."""
    return page.evaluate("'onfreeze' in document")


@contextlib.contextmanager
def frozen(page):
    """The page stands still: frozen, or where there is no such thing behind an alert that nobody answers."""
    if can_freeze(page):
        tools = devtools(page)
        tools.send("Page.setWebLifecycleState", {"state": "frozen"})
        yield
        tools.send("Page.setWebLifecycleState", {"state": "active"})
    else:
        with page.expect_event("dialog") as dialog:
            page.evaluate("void setTimeout(alert)")
        yield
        dialog.value.accept()


def test_page_that_goes_offline_pauses_and_comes_back(remote, proxy):
    """`offline` is a hint: an open connection stays; when it is lost, nothing is tried until `online`."""
    remote.begin(through(proxy, "/echo"), "{'max_reconnect_interval': 60000}")
    remote.wait("open")
    set_offline(remote.page, True)
    remote.wait("offline")
    proxy.cut()
    remote.wait("close")
    assert remote.value("ws.state") == "OFFLINE"
    set_offline(remote.page, False)
    remote.wait("online")
    remote.wait("reconnected")
    remote.end()


def test_slow_machine_is_not_taken_for_a_dead_connection(remote, proxy):
    """With the processor slowed down 20 times (where the browser can) and the page busy, timers and messages come late
    together. (The server may be slow, too: half a second is its own.)"""
    tools = devtools(remote.page)
    remote.begin(through(proxy, "/echo"))
    remote.run("ws.set_heartbeat(500, 'ping', 'ping')")
    remote.wait("open")
    if tools is not None:
        tools.send("Emulation.setCPUThrottlingRate", {"rate": 20})
    for _ in range(3):
        remote.page.evaluate("() => { const end = performance.now() + 1500; while (performance.now() < end); }")
    if tools is not None:
        tools.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    remote.run("ws.send('still there')")
    assert remote.wait("message")["data"] == "still there"
    assert remote.log("close") == []
    remote.end()


def test_frozen_page_is_still_connected_when_it_is_resumed(remote, proxy):
    remote.begin(through(proxy, "/echo"))
    remote.run("ws.set_heartbeat(200, 'ping', 'ping')")
    remote.wait("open")
    remote.run("ws.send('before')")
    with frozen(remote.page):
        pass
    remote.run("ws.send('after')")
    remote.wait("message", 2)
    assert [line["data"] for line in remote.log("message")] == ["before", "after"]
    remote.end()


# What Playwright turns off in Firefox: timers of hidden tabs are slowed down, and hidden tabs know that they are.
HIDDEN_TABS = {
    "dom.min_background_timeout_value": 1000,
    "dom.min_background_timeout_value_without_budget_throttling": 1000,
    "dom.timeout.enable_budget_timer_throttling": True,
    "layout.testing.top-level-always-active": False,
}


@pytest.fixture
def tabs(browser, engine, tmp_path):
    """A window with tabs, one of them in front. In Playwright's own contexts of Chromium every page believes that it
    is."""
    options = launch_options(engine)
    if engine != "chromium":
        options["firefox_user_prefs"] = {**options["firefox_user_prefs"], **HIDDEN_TABS}
        window = browser.browser_type.launch(**options)
        yield window.new_context()
        window.close()
        return
    command = [options["executable_path"], "--headless", *options["args"], "--remote-debugging-port=0"]
    command += ["--no-startup-window", f"--user-data-dir={tmp_path}"]  # a window that starts up is in the way
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            addresses = (re.search(r"ws://\S+", line) for line in process.stderr)
            address = next(found[0] for found in addresses if found)
            with browser.browser_type.connect_over_cdp(address, no_defaults=True) as window:
                yield window.contexts[0]
        finally:
            process.terminate()


def put_another_tab_in_front_of(page):
    page.evaluate("void open()")  # in the same window
    page.wait_for_function("() => document.visibilityState === 'hidden'", polling=100)


def test_ended_socket_no_longer_listens_to_the_page(remote, proxy):
    """Else each one that a page ever had would be called, and kept in memory, until the page is closed."""
    names = ["offline", "online", "pagehide", "pageshow", "resume", "securitypolicyviolation", "visibilitychange"]
    remote.page.evaluate("""() => {
      globalThis.listening = [];
      for (const target of [window, document]) {
        const { addEventListener, removeEventListener } = EventTarget.prototype;
        target.addEventListener = (name, listener) => {
          listening.push(name);
          addEventListener.call(target, name, listener);
        };
        target.removeEventListener = (name, listener) => {
          listening.splice(listening.indexOf(name), 1);
          removeEventListener.call(target, name, listener);
        };
      }
    }""")
    remote.begin(through(proxy, "/echo"))
    remote.wait("open")
    assert sorted(set(remote.page.evaluate("listening")) & set(names)) == names
    remote.end()
    assert not set(remote.page.evaluate("listening")) & set(names)
    remote.page.evaluate("""() => {
      for (const target of [window, document]) {
        delete target.addEventListener;
        delete target.removeEventListener;
      }
    }""")


@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_page_behind_another_tab_stays_connected(tabs, site, wheel, proxy, type_):
    """Its timers are slowed down to one a second, slower than this heartbeat; that is no reason to give up."""
    remote = open_remote(tabs, site, wheel, type_)
    put_another_tab_in_front_of(remote.page)
    remote.begin(through(proxy, "/echo"))
    remote.wait("open")
    remote.run("ws.set_heartbeat(100, 'ping', 'other', timeout=100)")
    remote.wait("message", 3)  # the echo of each beat
    assert remote.log("close") == []
    remote.end()


@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_page_that_comes_to_the_front_again_checks_at_once(tabs, site, wheel, proxy, type_):
    """A dead line is found by a ping, and a long wait for the next attempt ends."""
    remote = open_remote(tabs, site, wheel, type_)
    options = {"reconnect_interval": 100, "reconnect_decay": 6000, "max_reconnect_interval": 600_000, "jitter": False}
    remote.begin(through(proxy, "/echo"), options)
    remote.wait("open")
    remote.run("ws.set_heartbeat(600_000, 'ping', 'ping', timeout=500)")
    put_another_tab_in_front_of(remote.page)
    proxy.swallow()
    proxy.refuse()
    remote.page.bring_to_front()
    assert remote.wait("reconnecting", 2)["delay"] == 600_000

    put_another_tab_in_front_of(remote.page)
    proxy.accept()
    remote.page.bring_to_front()
    remote.wait("reconnected")
    remote.end()


@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_frozen_page_that_is_resumed_checks_at_once(tabs, site, wheel, proxy, type_):
    """It need not be visible for that. A dead line is found by a ping, long before the next beat."""
    remote = open_remote(tabs, site, wheel, type_)
    if not can_freeze(remote.page):
        assert not remote.page.evaluate("'onresume' in document")  # nothing says that a page stood still
        return
    remote.begin(through(proxy, "/echo"))
    remote.wait("open")
    remote.run("ws.set_heartbeat(600_000, 'ping', 'ping', timeout=500)")
    with frozen(remote.page):
        proxy.swallow()
    remote.wait("close")
    assert remote.page.evaluate("document.visibilityState") == "hidden"
    proxy.accept()
    remote.wait("reconnected")
    remote.end()


PLAIN_PAGE = "/style.css"  # in which there is no JavaScript but the tests' own


def drops_handshakes(context, site, proxy):
    """Whether the browser ends the connection of a socket that is closed before the server has answered. (Firefox 140
    does not, for a minute and more.)"""
    page = context.new_page()
    page.goto(site.url(PLAIN_PAGE))
    page.evaluate("port => { globalThis.socket = new WebSocket(`ws://localhost:${port}/echo`); }", proxy.port)
    while not proxy.connections:
        page.wait_for_timeout(20)
    page.evaluate("socket.close()")
    page.wait_for_timeout(1000)  # it would be a few milliseconds
    page.close()
    return not proxy.connections


def test_page_that_is_closed_while_connecting_leaves_nothing(browser, site, wheel, proxy):
    proxy.hold()
    context = browser.new_context()
    dropped = drops_handshakes(context, site, proxy)
    before = len(proxy.connections)
    remote = open_remote(context, site, wheel, "mpy")
    remote.begin(through(proxy, "/echo"))
    remote.wait("connecting")
    remote.page.close()
    if dropped:
        proxy.wait_until_empty()
    else:
        assert len(proxy.connections) <= before + 1
    context.close()


@pytest.fixture
def caching_browser(browser, engine):
    """A browser with the back-forward cache, which Playwright turns off in Chromium."""
    options = launch_options(engine)
    if engine == "chromium":
        options["ignore_default_args"] = ["--disable-back-forward-cache"]
    with_cache = browser.browser_type.launch(**options)
    yield with_cache
    with_cache.close()


def go_back(page, path):
    """Playwright's own waits for ever where Firefox takes the page from its cache."""
    page.evaluate("void setTimeout(() => history.back())")
    page.wait_for_function("path => location.pathname === path", arg=path, polling=100)


def keeps_pages_with_sockets(context, site):
    """Whether a page goes into the cache whose socket is closed when it is left. (In Firefox, it has to be closed
    before.)"""
    page = context.new_page()
    page.goto(site.url(PLAIN_PAGE))
    page.evaluate("""() => new Promise((opened) => {
        globalThis.survived = true;
        const socket = new WebSocket(location.origin.replace("http", "ws") + "/echo");
        socket.onopen = opened;
        addEventListener("pagehide", () => socket.close());
    }).then(() => {})""")
    page.goto(site.url("/runtimes.json"))
    go_back(page, PLAIN_PAGE)
    kept = page.evaluate("globalThis.survived === true")
    page.close()
    return kept


@pytest.mark.parametrize("type_", ["py", "mpy"])
def test_back_forward_cache(caching_browser, site, wheel, proxy, type_):
    """The connection is closed before the page goes into the cache, and made anew when it comes back. Where the browser
    does not keep such a page, it loads it anew."""
    context = caching_browser.new_context()
    kept = keeps_pages_with_sockets(context, site)
    remote = open_remote(context, site, wheel, type_)
    remote.begin(through(proxy, "/echo"))
    remote.wait("open")
    remote.page.evaluate("globalThis.survived = true")
    remote.page.goto(site.url(PLAIN_PAGE))  # loaded: at "commit" Chromium may still be swapping the two
    if not kept:
        proxy.wait_until_empty()
    go_back(remote.page, "/tests/install.html")
    assert remote.page.evaluate("globalThis.survived === true") is kept
    if kept:
        remote.wait("reconnected")
        states = [line["state"] for line in remote.log("statechange")]
        assert states[-4:] == ["SUSPENDED", "WAITING", "CONNECTING", "OPEN"]
        assert remote.log("close")[0]["code"] == 1001
