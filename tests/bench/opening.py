"""How long a page waits for browserws: to import it from its installed wheel, and for the first open connection.

The import is compared with that of some of PyScript's modules, in the same page.
"""

import statistics

from tools.table import markdown

WHO = [("Pyodide", "py"), ("MicroPython", "mpy"), ("raw JavaScript", None)]


def measure(open_page, rounds):
    """{who: {"import": ms, "ratio": to that of the peers, "open": ms}}, medians of fresh pages.

    `open_page(type, script)` opens one; raw JavaScript has no ratio.
    """
    figures = {who: [] for who, _ in WHO}
    for _ in range(rounds):
        for who, type_ in WHO:
            page = open_page(type_, "opening.py")
            if type_ is None:
                page.evaluate("bench.opening()")
            page.wait_for_function("bench.opened")
            figures[who].append(page.evaluate("bench.opened"))
            page.close()
    return {
        who: {
            "import": statistics.median(imported for imported, _, _ in times),
            "ratio": statistics.median(imported / peer for imported, _, peer in times) if times[0][2] else None,
            "open": statistics.median(opened for _, opened, _ in times),
        }
        for who, times in figures.items()
    }


def table(results):
    rows = [
        [who, f"{times['import']:.1f}", f"{times['ratio']:.1f}x" if times["ratio"] else "-", f"{times['open']:.1f}"]
        for who, times in results.items()
    ]
    return markdown(
        ["first connection", "import (ms)", "to that of PyScript's modules", "from import to open (ms)"], rows
    )
