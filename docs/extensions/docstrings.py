"""Docstrings are plain text with indented examples and columns: here they become what Sphinx reads."""

import re

HEADS = ("event", "type")  # what the first line of a table begins with


def paragraphs(lines):
    """Runs of lines between empty ones."""
    found = [[]]
    for line in lines:
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [paragraph for paragraph in found if paragraph]


def is_example(paragraph):
    return all(line.startswith("    ") for line in paragraph)


def rows(paragraph):
    """The cells of a paragraph in columns, which begin where those of its first line do; [] if it is text."""
    starts = [0, *(gap.end() for gap in re.finditer(r"(?<=\S) {2,}(?=\S)", paragraph[0]))]
    if len(starts) == 1 or any(line[start - 1 : start].strip() for line in paragraph for start in starts[1:]):
        return []
    found = []
    for line in paragraph:
        cells = [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        if cells[0]:
            found.append(cells)
        else:
            found[-1] = [" ".join(parts).strip() for parts in zip(found[-1], cells, strict=True)]
    return found


def table(cells):
    yield from (".. list-table::", f"   :header-rows: {int(cells[0][0] in HEADS)}", "")
    for row in cells:
        for number, cell in enumerate(row):
            yield f"   {'-' if number else '*'} {'' if number else '- '}{escaped(cell)}".replace("   - ", "     - ")


def escaped(line):
    return line.replace("*", "\\*")


def as_restructured_text(lines):
    """The same, with `::` before each example, and tables as such."""
    result, in_example = [], False
    for paragraph in paragraphs(lines):
        if is_example(paragraph):
            result += [] if in_example else ["::", ""]
            result += paragraph
        else:
            result += table(rows(paragraph)) if rows(paragraph) else map(escaped, paragraph)
        in_example = is_example(paragraph)
        result.append("")
    return result


def setup(app):
    def process(app, what, name, thing, options, lines):
        lines[:] = as_restructured_text(lines)

    app.connect("autodoc-process-docstring", process)
    return {"parallel_read_safe": True}
