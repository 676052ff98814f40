"""Side by side in one page, one browser, one run:  make bench

The contenders take turns at each piece of work, for several rounds. A figure is the median of the rounds
(summary.py). Printed as a table, with the targets that hold (targets.py), written to .build/bench.json, and drawn as
tests/bench/results.svg.

    python -m tests.bench.run --quick    what the targets are about, in under two minutes
"""

import argparse
import asyncio
import json
import runpy
import subprocess
import sys
from functools import partial
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from tests.bench import channels, memory, opening, plot, server, summary, targets
from tests.bench.work import KIB, MIB, MICROPYTHON, PYODIDE, works
from tools import foreign
from tools.browser import find_chromium
from tools.paths import BUILD, DIST, ROOT, RUNTIMES
from tools.server import Site

HERE = ROOT / "tests" / "bench"
WASMSOCKETS = "wasmsockets==0.1.4"
SECONDS = 120  # for one piece of work; who needs longer is left out of it


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
    page.on("pageerror", lambda error: print("page error:", str(error)[:500], file=sys.stderr))
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
    for number in range(rounds + 1):
        for work in chosen:
            for place in range(len(contenders)):
                contender = contenders[(place + number) % len(contenders)]
                figure = measure(page, work, contender)
                if number:  # the first round warms up
                    figures[work.title][contender].append(figure)
        print(f"  round {number} of {rounds}" if number else "  warmed up", file=sys.stderr)
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=0, help="7, and 3 with --quick")
    parser.add_argument("--only", default="", help="part of the title of the work")
    parser.add_argument("--quick", action="store_true", help="only what the targets are about")
    parser.add_argument("--type", default="py,mpy")
    options = parser.parse_args()
    rounds = options.rounds or (3 if options.quick else 7)

    settings = runpy.run_path(str(ROOT / "playwright.config.py"))
    mounts = {**RUNTIMES, **peers(), "/": HERE / "page"}
    results = {}
    handler = Server()
    with Site(mounts, handler) as site:
        if not options.quick:
            results["server alone"] = own_rates(site)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), **settings["CHROMIUM"])
            results["browser"] = browser.version
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
                chosen = [w for w in works(large) if options.only in w.title and (w.quick or not options.quick)]
                results[title] = []
                if chosen:
                    page = new_page(type_, "contenders.py")
                    results[title] += lines_of(compare(page, contenders, chosen, rounds), large)
                    page.close()
                    print(f"\n### {title}\n\n{summary.table(results[title], contenders)}\n", flush=True)
                if options.only in channels.TITLE:
                    count = 3_000 if options.quick else 20_000
                    times = channels.measure(new_page, site, handler.hub, type_, rounds, count)
                    line = summary.line(channels.TITLE, "µs/message", False, times)
                    print(f"{summary.table([line], channels.CONTENDERS)}\n", flush=True)
                    results[title].append(line)
            if not options.quick:
                results["opening"] = opening.measure(new_page, rounds)
                print(opening.table(results["opening"]), flush=True)
                results["memory"] = memory.measure(new_page)
                print(memory.table(results["memory"]), flush=True)
            browser.close()
    if not options.quick:
        print("The server alone, messages/s:", {n: f"{rate:,.0f}" for n, rate in results["server alone"].items()})
    print(targets.report(results))
    (BUILD / "bench.json").write_text(json.dumps(results, indent=1))
    if not options.quick and not options.only and options.type == "py,mpy":
        (HERE / "results.svg").write_text(plot.svg(results))


if __name__ == "__main__":
    main()
