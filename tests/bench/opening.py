"""How long a page waits for browserws: to import it from its installed wheel, and for the first open connection."""

import statistics

from tools.table import markdown

WHO = [("Pyodide", "py"), ("MicroPython", "mpy"), ("raw JavaScript", None)]


def measure(open_page, rounds):
    """{who: {"import": ms, "open": ms}}, medians of fresh pages; `open_page(type, script)` opens one."""
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
        who: {"import": statistics.median(at[0] for at in times), "open": statistics.median(at[1] for at in times)}
        for who, times in figures.items()
    }


def table(results):
    rows = [[who, f"{times['import']:.1f}", f"{times['open']:.1f}"] for who, times in results.items()]
    return markdown(["first connection", "import (ms)", "from import to open (ms)"], rows)
