"""What `literalinclude` shows with `:diff:`, without its first two lines: they are paths of the machine that builds."""

from docutils import nodes


def shorten(app, doctree):
    for block in doctree.findall(nodes.literal_block):
        if block.get("language") == "udiff":
            text = "".join(block.astext().splitlines(keepends=True)[2:])
            block.rawsource, block.children = text, []
            block += nodes.Text(text)


def setup(app):
    app.connect("doctree-read", shorten)
    return {"parallel_read_safe": True}
