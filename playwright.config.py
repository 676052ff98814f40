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
