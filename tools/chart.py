"""Charts for the README, drawn by matplotlib: small SVG files that are readable on light and on dark pages."""

import io

import matplotlib
from matplotlib.figure import Figure

GREY = "#777777"  # of a contrast above 4 to white and to the near-black of dark pages
STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # each text names all that are listed
    "font.size": 10,
    "text.color": GREY,
    "axes.labelcolor": GREY,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "grid.color": GREY,
    "grid.alpha": 0.3,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text, not outlines
    "svg.hashsalt": "browserws",  # the same figures give the same file
}


def svg(draw, title, width, height):
    """The SVG of a chart that `draw(figure)` draws; `width` and `height` are in inches."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Title": title, "Date": None, "Creator": None})
    return file.getvalue()
