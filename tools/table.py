"""Tables in Markdown, as the benchmarks print them."""


def markdown(head, rows, left=1):
    """The first `left` columns stand on the left, the others, which are numbers, on the right."""
    lines = [head, ["---" if column < left else "---:" for column in range(len(head))], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
