"""Tables that are made of the code: close codes, the hub's options and metrics, options and handlers by their types."""

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from browserws import codes
from browserws.server.__main__ import parser
from browserws.server.metrics import COUNTERS, GAUGES, LABELLED
from tools.table import markdown


def close_codes():
    """Each close code of `browserws.codes`, and what follows it."""
    for name, code in vars(codes).items():
        if name.isupper() and isinstance(code, int):
            words = codes.EXPLANATIONS.get(code) or name.lower().replace("_", " ")
            sent = "yes" if codes.may_be_sent(code) else ""
            again = "again" if codes.worth_retry(code) else ""
            yield f"`{code}`", f"`{name}`", words.replace("[internal]", "(never sent)"), sent, again


def hub_options():
    """Each option of `python -m browserws.server`, as its `--help` has them."""
    for action in parser()._actions:
        if action.dest != "help":
            option = action.option_strings[0]
            yield f"`{option}`", f"`BROWSERWS_{action.dest.upper()}`", (action.help or "").replace("%%", "%")


def metrics():
    """Each metric at `/metrics`."""
    for name, says in GAUGES.items():
        yield f"`browserws_{name}`", "gauge", says
    for name, says in COUNTERS.items():
        yield f"`browserws_{name}_total`", "counter", says
    for name, (label, says) in LABELLED.items():
        yield f"`browserws_{name}_total{{{label}}}`", "counter", says


TABLES = {
    "close-codes": (("code", "name", "says", "a page may send it", "`ReliableWebSocket` after it"), close_codes),
    "hub-options": (("option", "in the environment", "what it says (and its default)"), hub_options),
    "hub-metrics": (("name", "kind", "what it counts"), metrics),
}


class Table(SphinxDirective):
    """The table of that name."""

    def run(self):
        head, rows = TABLES[self.name]
        escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows()]
        self.content = StringList(markdown(head, escaped, left=len(head)).splitlines(), self.get_source_info()[0])
        return self.parse_content_to_nodes()


def setup(app):
    for name in TABLES:
        app.add_directive(name, Table)
    return {"parallel_read_safe": True}
