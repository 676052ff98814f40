"""The browsers and contexts of the browser tests, as plain constants.

Playwright for Python reads no such file by itself: tests/browser/conftest.py loads it.
"""

CHROMIUM = {
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}

# a Firefox as it comes, by WebDriver BiDi (Playwright's own is a patched one)
FIREFOX = {
    "channel": "moz-firefox",
    "firefox_user_prefs": {
        # else it delays what comes after a connection that failed, up to a minute; the tests have many that fail
        "network.websocket.delay-failed-reconnects": False,
        # else its clock has steps of 20 µs, and `make bench` measures less
        "privacy.reduceTimerPrecision": False,
        "privacy.reduceTimerPrecision.unconditional": False,
    },
}

# the environment of WebKitWebDriver, which WebKitGTK gets, too
WEBKIT = {
    "JSC_useSharedArrayBuffer": "1",  # else PyScript's workers wait for ever
    "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # it does not start as root; the pages are our own
}

# which files of tests/browser/ run in which engine (`--engine`); in Chromium, all of them do
TESTS = {
    "firefox": [
        "test_compression.py",
        "test_conformance.py",
        "test_demos.py",
        "test_dropin.py",
        "test_faults.py",
        "test_guarantees.py",
        "test_install.py",
        "test_how_to.py",
        "test_keyboard.py",
        "test_leaks.py",
        "test_live.py",
        "test_moves.py",
        "test_page_life.py",
        "test_policy.py",
        "test_readme.py",
        "test_reload.py",
        "test_same_source.py",
        "test_soak.py",
        "test_start.py",
        "test_sync.py",
        "test_tutorial.py",
    ],
    "webkit": ["test_conformance.py"],
}

# where PyScript runs Python: (name, script type, in a worker, cross-origin isolated)
CONTEXTS = [
    ("pyodide-main", "py", False, True),
    ("pyodide-worker", "py", True, True),
    ("micropython-main", "mpy", False, True),
    ("micropython-worker", "mpy", True, True),
    # without SharedArrayBuffer: the worker cannot reach its page
    ("pyodide-lone-worker", "py", True, False),
    ("micropython-lone-worker", "mpy", True, False),
]

PAGE_READY_MS = 60_000
