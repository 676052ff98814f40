"""Writes PROTOCOL.md's state diagrams from the tables:  python -m tools.diagram"""

import re

from browserws._pure import lifecycle, reconnection

from .paths import ROOT

PROTOCOL = ROOT / "PROTOCOL.md"


def mermaid(table, first, last=None):
    """A table of a state machine as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    for (before, trigger), after in table.arrows.items():
        lines.append(f"    {before} --> {after}: {trigger}")
    if last is not None:
        lines.append(f"    {last} --> [*]")
    return "\n".join(lines)


DIAGRAMS = {
    "browserws/_pure/lifecycle.py": mermaid(lifecycle.TABLE, lifecycle.CONNECTING, lifecycle.CLOSED),
    "browserws/_pure/reconnection.py": mermaid(reconnection.TABLE, reconnection.IDLE),
}


def protocol_text():
    """PROTOCOL.md with each diagram, which stands below the name of its source, as it should be."""
    text = PROTOCOL.read_text()
    for source, diagram in DIAGRAMS.items():
        pattern = rf"(Generated from `{re.escape(source)}`.*?```mermaid\n).*?(\n```)"
        text = re.sub(
            pattern, lambda match, diagram=diagram: match[1] + diagram + match[2], text, count=1, flags=re.DOTALL
        )
    return text


if __name__ == "__main__":
    PROTOCOL.write_text(protocol_text())
