"""Figures of several rounds as lines of a table: medians, ratios to raw JavaScript, and how far they are spread."""

import statistics

from tools.table import markdown

RAW = "raw JavaScript"


def line(title, unit, more_is_better, rounds):
    """`rounds` are {contender: [figure of each round]}. A ratio is the median of each round's ratio to raw JavaScript:
    a machine's pace changes from minute to minute. Its spread is half the distance of the quartiles."""
    rounds = {name: values for name, values in rounds.items() if None not in values}
    ratios = {name: [value / raw for value, raw in zip(values, rounds[RAW])] for name, values in rounds.items()}
    return {
        "title": title,
        "unit": unit,
        "more_is_better": more_is_better,
        "medians": {name: statistics.median(values) for name, values in rounds.items()},
        "ratios": {name: statistics.median(values) for name, values in ratios.items()},
        "spreads": {name: spread(values) for name, values in ratios.items()},
        "rounds": rounds,
    }


def spread(values):
    if len(values) < 2:
        return 0.0
    low, _, high = statistics.quantiles(values, method="inclusive")
    return (high - low) / 2


def table(lines, contenders):
    rows = [[f"{line['title']} ({line['unit']})", *(cell(line, name) for name in contenders)] for line in lines]
    return markdown(["", *contenders], rows)


def cell(line, name):
    value = line["medians"].get(name)
    if value is None:
        return "-"
    figure = f"{value:,.{0 if value >= 100 else 2}f}"
    return figure if name == RAW else f"{figure} ({line['ratios'][name]:.2f}x ± {line['spreads'][name]:.2f})"
