"""Side by side in one page, one browser, one run:  make bench

The contenders take turns at each piece of work, for several rounds. A figure is the median of the rounds
(summary.py). Printed as a table, with the targets that hold (targets.py), written to .build/bench.json, and drawn as
tests/bench/results.svg.

    python -m tests.bench.run --quick             what the targets are about, in under two minutes
    python -m tests.bench.run --engine firefox    into .build/bench-firefox.json, and no picture; what only the DevTools
                                                  of Chromium can measure is left out
"""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from urllib.parse import urlencode

from tests.bench import channels, memory, opening, plot, server, summary, targets
from tests.bench.work import KIB, MIB, MICROPYTHON, PYODIDE, works
from tests.browser.engines import launch, on_exception
from tools import foreign
from tools.paths import BUILD, DIST, ROOT, RUNTIMES
from tools.server import Site

HERE = ROOT / "tests" / "bench"
WASMSOCKETS = "wasmsockets==0.1.4"
SECONDS = 30  # for one piece of work; who needs longer is left out of it


def peers():
    """Brython from npm, wasmsockets from PyPI, and websockets, which the drop-in carries."""
    if not (HERE / "node_modules" / "brython").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=HERE, check=True)
    folder = BUILD / "peers"
    if not list(folder.glob("wasmsockets-*.whl")):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), WASMSOCKETS]
        subprocess.run(command, check=True)
    return {"/brython/": HERE / "node_modules" / "brython", "/peers/": folder, "/foreign/": foreign.FOREIGN}


def page_config(type_):
    ours = "/dist/" + next(DIST.glob("browserws-*.whl")).name
    if type_ == "mpy":
        return {"interpreter": "/micropython/micropython.mjs", "packages": [ours]}
    wheels = [wheel for wheel in foreign.wheels("newest") if wheel.name.startswith(("h11-", "websockets-"))]
    packages = [
        ours,
        "/dist/" + next(DIST.glob("browserws_dropin-*.whl")).name,
        *(f"/foreign/newest/{wheel.name}" for wheel in wheels),
        "/peers/" + next((BUILD / "peers").glob("wasmsockets-*.whl")).name,
    ]
    return {"interpreter": "/pyodide/pyodide.mjs", "packages": packages}


def open_page(browser, site, type_, script):
    page = browser.new_page()
    on_exception(page, lambda text: print("page error:", text[:500], file=sys.stderr))
    page.on("console", lambda line: line.type == "error" and print(line.text[:1000], file=sys.stderr))
    page.set_default_timeout(20_000)
    query = {"type": type_, "script": script, "config": json.dumps(page_config(type_))} if type_ else {}
    page.goto(site.url("/?" + urlencode(query)))
    if script == "contenders.py":
        names = PYODIDE if type_ == "py" else MICROPYTHON
        page.wait_for_function("names => names.every((name) => name in bench.contenders)", arg=names)
    return page


MEASURE = """
([task, contender, arguments, seconds]) => Promise.race([
  bench[task](contender, ...arguments),
  new Promise((done) => setTimeout(done, seconds * 1000, null)),
])
"""


def measure(page, work, contender):
    return page.evaluate(MEASURE, [work.task, contender, work.arguments_for(contender), SECONDS])


def compare(page, contenders, chosen, rounds):
    """{title: {contender: [figure of each round]}}"""
    figures = {work.title: {contender: [] for contender in contenders} for work in chosen}
    seconds = Counter()
    too_slow = set()
    for number in range(rounds + 1):
        for work in chosen:
            begun = time.monotonic()
            for place in range(len(contenders)):
                contender = contenders[(place + number) % len(contenders)]
                figure = None if (work, contender) in too_slow else measure(page, work, contender)
                if figure is None:
                    too_slow.add((work, contender))
                if number:  # the first round warms up
                    figures[work.title][contender].append(figure)
            seconds[work.title] += time.monotonic() - begun
        print(f"  round {number} of {rounds}" if number else "  warmed up", file=sys.stderr)
    for title, taken in seconds.most_common():
        print(f"  {taken:4.0f} s  {title}", file=sys.stderr)
    return figures


def lines_of(figures, large):
    return [
        summary.line(work.title, work.unit, work.more_is_better, figures[work.title])
        for work in works(large)
        if work.title in figures
    ]


def own_rates(site):
    async def rates():
        return {
            f"{kind} {size} B": await server.own_rate(site.port, kind, size, count)
            for kind, size, count in (("text", 32, 1_000_000), ("bytes", 32, 1_000_000), ("bytes", 64 * KIB, 10_000))
        }

    return asyncio.run(rates())


class Server:
    """The server of the benchmark, and a hub at /hub."""

    def __init__(self):
        self.hub = channels.new_hub()

    async def __call__(self, connection):
        if connection.request.path != "/hub":
            return await server.serve(connection)
        if not self.hub.is_running:
            await self.hub.start()
        await self.hub.handle(connection)


@contextlib.contextmanager
def timed(part):
    begun = time.monotonic()
    yield
    print(f"  {time.monotonic() - begun:4.0f} s  {part}", file=sys.stderr)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engine", choices=["chromium", "firefox"], default="chromium")
    parser.add_argument("--rounds", type=int, default=0, help="4, and 3 with --quick")
    parser.add_argument("--only", default="", help="part of the title of the work")
    parser.add_argument("--quick", action="store_true", help="only what the targets are about")
    parser.add_argument("--type", default="py,mpy")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 4)
    options.has_devtools = options.engine == "chromium"
    return options


def in_browser(browser, site, hub, options):
    """{part of the results: its lines or figures}, each printed when it is there."""
    results = {}
    new_page = partial(open_page, browser, site)
    for type_, title, contenders, large in (
        ("py", "Pyodide", PYODIDE, MIB),
        ("mpy", "MicroPython", MICROPYTHON, 128 * KIB),
    ):
        if type_ not in options.type.split(","):
            continue
        if options.quick:
            contenders = [name for name in contenders if name in MICROPYTHON]
        print(title, file=sys.stderr)
        chosen = [work for work in works(large) if options.only in work.title and (work.quick or not options.quick)]
        results[title] = []
        if chosen:
            page = new_page(type_, "contenders.py")
            results[title] += lines_of(compare(page, contenders, chosen, options.rounds), large)
            page.close()
            print(f"\n### {title}\n\n{summary.table(results[title], contenders)}\n", flush=True)
        if options.only in channels.TITLE and options.has_devtools:
            count = 3_000 if options.quick else 10_000
            with timed(channels.TITLE):
                times = channels.measure(new_page, site, hub, type_, options.rounds, count)
            line = summary.line(channels.TITLE, "µs/message", False, times)
            print(f"{summary.table([line], channels.CONTENDERS)}\n", flush=True)
            results[title].append(line)
    if not options.has_devtools:
        print(f"Left out, as only Chromium can measure it: {channels.TITLE}, and what is left in memory.\n")
    if not options.quick:
        with timed("opening"):
            results["opening"] = opening.measure(new_page, options.rounds)
        print(opening.table(results["opening"]), flush=True)
        if options.has_devtools:
            with timed("memory"):
                results["memory"] = memory.measure(new_page)
            print(memory.table(results["memory"]), flush=True)
    return results


def main():
    options = arguments()
    handler = Server()
    rates = None
    with Site({**RUNTIMES, **peers(), "/": HERE / "page"}, handler) as site:
        if not options.quick:
            rates = own_rates(site)  # not later: Playwright leaves an event loop in this thread
        with launch(options.engine) as browser:
            version = f"{options.engine} {browser.version}"
            results = {"browser": version, **in_browser(browser, site, handler.hub, options)}
    if rates:
        results["server alone"] = rates
        print("The server alone, messages/s:", {name: f"{rate:,.0f}" for name, rate in rates.items()})
    print(targets.report(results))
    name = "bench.json" if options.has_devtools else "bench-firefox.json"
    (BUILD / name).write_text(json.dumps(results, indent=1))
    if options.has_devtools and not options.quick and not options.only and options.type == "py,mpy":
        (HERE / "results.svg").write_text(plot.svg(results))


if __name__ == "__main__":
    main()
