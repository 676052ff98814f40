"""The README's charts, drawn from a few figures."""

import re

import pytest

from tests.bench import plot
from tests.faults import herd
from tools.paths import ROOT

RATIOS = {"raw JavaScript": 1.0, "browserws onmessage": 1.5, "browserws async for": 2.0, "pyscript.WebSocket": 50.0}
RESULTS = {
    "server alone": {},
    "Pyodide": [
        {"title": "lone, text", "more_is_better": False, "ratios": {**RATIOS, "wasmsockets": 3.0, "Brython": 4.0}},
        {"title": "stream, bytes", "more_is_better": True, "ratios": {**RATIOS, "Brython": 0.5}},
    ],
    "MicroPython": [{"title": "send 128 KiB", "more_is_better": False, "ratios": RATIOS}],
}


def texts(svg):
    return re.findall(r"<text [^>]*>([^<]*)</text>", svg)


def test_the_chart_of_the_benchmark_names_everybody_and_everything():
    shown = texts(plot.svg(RESULTS))
    for name in (
        "Pyodide",
        "MicroPython",
        "lone, text",
        "stream, bytes",
        "send 128 KiB",
        "10×",
        *plot.COLOURS,
        plot.RAW,
    ):
        assert name in shown


def test_a_rate_counts_the_other_way_round():
    stream = RESULTS["Pyodide"][1]
    assert plot.times_slower(stream)["browserws async for"] == 0.5
    assert plot.times_slower(RESULTS["Pyodide"][0])["browserws async for"] == 2


def test_one_interpreter_alone_can_be_drawn():
    assert "MicroPython" not in texts(plot.svg({"Pyodide": RESULTS["Pyodide"]}))


def test_the_chart_of_the_herd_says_what_its_bars_are():
    shown = texts(herd.picture({True: {0: 100, 1: 50}, False: {7: 150}}))
    assert {"full jitter", "without", "reconnects", "seconds after the server is back"} <= set(shown)


def test_the_same_figures_give_the_same_file():
    """Else each run would be a change of the repository."""
    assert plot.svg(RESULTS) == plot.svg(RESULTS)


@pytest.mark.parametrize(
    ("name", "page"),
    [("tests/bench/results.svg", "README.md"), ("tests/faults/herd.svg", "docs/how-to/reconnection.md")],
)
def test_charts_in_the_repository_are_small_and_have_no_background(name, page):
    svg = (ROOT / name).read_text()
    assert len(svg) < 48 * 1024
    assert "fill: #ffffff" not in svg and "#000000" not in svg, "a page may be light or dark"
    assert name in (ROOT / page).read_text()
