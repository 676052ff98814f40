"""What is left in memory by connections and by messages: after two equal runs, the second shows what grows.

The page's heap is JavaScript's after a full collection. The interpreter's is counted in objects
on Pyodide, and in bytes on MicroPython.
"""

from tools.table import markdown

CONNECTIONS = 1_000
MESSAGES = 50_000
CONTENDERS = ["raw JavaScript", "browserws onmessage", "browserws async for"]


def measure(open_page, connections=CONNECTIONS, messages=MESSAGES):
    """[{interpreter, contender, work, page: [growth of each run], interpreter_heap: ...}]"""
    lines = []
    for interpreter, type_ in (("Pyodide", "py"), ("MicroPython", "mpy")):
        page = open_page(type_, "contenders.py")
        devtools = page.context.new_cdp_session(page)
        for contender in CONTENDERS:
            for title, call, count, warm_up in (
                (f"{connections:,} connections", "connections", connections, connections // 10),
                (f"{messages:,} messages", "stream", messages, messages // 10),
            ):
                run(page, call, contender, warm_up)
                heaps = [heap(page, devtools)]
                for _ in range(2):
                    run(page, call, contender, count)
                    heaps.append(heap(page, devtools))
                growth = [[after[i] - before[i] for before, after in zip(heaps, heaps[1:])] for i in (0, 1)]
                lines.append({"interpreter": interpreter, "contender": contender, "work": title,
                              "heap": heaps[0], "page": growth[0], "interpreter_heap": growth[1]})  # fmt: skip
        page.close()
    return lines


def run(page, call, contender, count):
    arguments = [count] if call == "connections" else ["text", 32, count]
    page.evaluate("([call, name, rest]) => bench[call](name, ...rest)", [call, contender, arguments])


def heap(page, devtools):
    """Bytes of JavaScript's heap, and what the interpreter has allocated, without what can be collected.

    Each side may hold what the other has just let go of, so they take turns.
    """
    for _ in range(4):
        interpreter = page.evaluate("bench.interpreterHeap()")
        devtools.send("HeapProfiler.collectGarbage")
        page.evaluate("new Promise((done) => setTimeout(done, 100))")  # finalizers run in a later task
    return devtools.send("Runtime.getHeapUsage")["usedSize"], interpreter


def table(lines):
    rows = []
    for line in lines:
        page = ", ".join(f"{growth / 1000:+.0f}" for growth in line["page"])
        unit = "objects" if line["interpreter"] == "Pyodide" else "bytes"
        interpreter = ", ".join(f"{growth:+,}" for growth in line["interpreter_heap"])
        rows.append([
            f"{line['interpreter']}, {line['contender']}",
            line["work"],
            f"{page} of {line['heap'][0] / 1000:,.0f}",
            f"{interpreter} {unit} of {line['heap'][1]:,}",
        ])  # fmt: skip
    head = ["left in memory", "", "page's heap (KB), run 1, run 2", "interpreter's, run 1, run 2"]
    return markdown(head, rows, left=2)
