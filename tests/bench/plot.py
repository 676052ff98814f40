"""The results as a picture for the README: how many times raw JavaScript's time each contender takes."""

from functools import partial

from tools import chart
from tools.chart import GREY

TITLE = "Time compared with raw JavaScript's (less is better)"
WIDTH, ROW = 8.8, 0.27  # inches
RAW = "raw JavaScript"
COLOURS = {
    "browserws onmessage": "#2563eb",
    "browserws async for": "#38bdf8",
    "pyscript.WebSocket": "#ea580c",
    "wasmsockets": "#be185d",
    "Brython": "#65a30d",
}


def times_slower(line):
    """{contender: times raw JavaScript's time}"""
    return {name: 1 / ratio if line["more_is_better"] else ratio for name, ratio in line["ratios"].items()}


def svg(results):
    """The table of `run.summary` for each interpreter, as dots on a logarithmic axis."""
    sections = {title: results[title] for title in ("Pyodide", "MicroPython") if title in results}
    rows = sum(len(lines) + 2 for lines in sections.values())
    return chart.svg(partial(_draw, sections), TITLE, WIDTH, (rows + 3) * ROW)


def _draw(sections, figure):
    heights = [len(lines) for lines in sections.values()]
    plots = figure.subplots(len(sections), sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for (title, lines), plot in zip(sections.items(), plots, strict=True):
        plot.set_title(title, loc="left", fontweight="bold")
        plot.set_xscale("log")
        plot.xaxis.set_major_formatter("{x:,g}×")
        plot.minorticks_off()
        plot.tick_params(labelbottom=True, length=0)
        plot.set_yticks(range(len(lines)), [line["title"] for line in lines])
        plot.invert_yaxis()
        plot.axvline(1, color=GREY, linewidth=1.5, label=RAW, zorder=1)
        for place, (contender, colour) in enumerate(COLOURS.items()):
            dots = [(ratio[contender], row) for row, ratio in enumerate(map(times_slower, lines)) if contender in ratio]
            if dots:
                plot.plot(*zip(*dots, strict=True), "o", color=colour, label=contender, zorder=9 - place)
    figure.legend(*plots[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
