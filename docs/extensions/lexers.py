"""Colours for what Pygments does not know: pages with Python in them, and PROTOCOL.md's sequences of frames."""

from pygments.lexer import bygroups, inherit, using
from pygments.lexers import HtmlLexer, PythonLexer, TextLexer
from pygments.token import Name, Punctuation, Text


class PageLexer(HtmlLexer):
    """HTML with `<script type="py">` and `<script type="mpy">`."""

    tokens = {
        "root": [
            (
                r'(<)(script)(?=[^>]*type="m?py")',
                bygroups(Punctuation, Name.Tag),
                ("python-content", "tag"),
            ),
            inherit,
        ],
        "python-content": [
            (r"(<)(/)(script)(>)", bygroups(Punctuation, Punctuation, Name.Tag, Punctuation), "#pop"),
            (r".+?(?=</script>)", using(PythonLexer)),
            (r".", Text),
        ],
    }


def setup(app):
    app.add_lexer("html", PageLexer)
    app.add_lexer("sequence", TextLexer)
    return {"parallel_read_safe": True}
