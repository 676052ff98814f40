"""The results as a picture for the README: how many times raw JavaScript's time each contender takes."""

from math import ceil, log10

WIDTH, LEFT, RIGHT, ROW, TOP = 840, 190, 40, 26, 64
COLOURS = {
    "raw JavaScript": "#8b8b8b",
    "browserws onmessage": "#2563eb",
    "browserws async for": "#38bdf8",
    "pyscript.WebSocket": "#ea580c",
    "wasmsockets": "#be185d",
    "Brython": "#65a30d",
}
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2937 }
  .head { font-weight: 600 }
  .grid { stroke: #d1d5db }
  .raw { stroke: #8b8b8b }
  @media (prefers-color-scheme: dark) { text { fill: #e5e7eb } .grid { stroke: #374151 } }
"""


def times_slower(line):
    """{contender: times raw JavaScript's time}"""
    return {name: 1 / ratio if line["more_is_better"] else ratio for name, ratio in line["ratios"].items()}


def svg(results):
    """The table of `run.summary` for each interpreter, as dots on a logarithmic axis."""
    sections = [(title, results[title]) for title in ("Pyodide", "MicroPython") if title in results]
    largest = max(ratio for _, lines in sections for line in lines for ratio in times_slower(line).values())
    decades = ceil(log10(largest))
    left_of_raw = 0.35  # decades, for who is faster
    scale = (WIDTH - LEFT - RIGHT) / (decades + left_of_raw)

    def x(ratio):
        return LEFT + (log10(ratio) + left_of_raw) * scale

    height = TOP + sum((len(lines) + 2) * ROW for _, lines in sections)
    parts = []
    for decade in range(decades + 1):
        at = x(10**decade)
        kind = "grid" if decade else "raw"
        parts.append(f'<line class="{kind}" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP - 6}" y2="{height - ROW}"/>')
        parts.append(f'<text x="{at:.1f}" y="{TOP - 12}" text-anchor="middle">{10**decade:,}×</text>')
    at = 0
    for name, colour in COLOURS.items():
        parts.append(f'<circle cx="{at + 8}" cy="16" r="5" fill="{colour}"/><text x="{at + 18}" y="21">{name}</text>')
        at += 30 + 7.4 * len(name)
    y = TOP
    for title, lines in sections:
        y += ROW
        parts.append(f'<text class="head" x="0" y="{y}">{title}</text>')
        for line in lines:
            y += ROW
            parts.append(f'<text x="0" y="{y}">{line["title"]}</text>')
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y - 5}" y2="{y - 5}"/>')
            for name, ratio in reversed(times_slower(line).items()):
                parts.append(f'<circle cx="{x(ratio):.1f}" cy="{y - 5}" r="5" fill="{COLOURS[name]}"/>')
        y += ROW
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">\n'
        f"<title>Time compared with raw JavaScript's (less is better)</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n"
    )
