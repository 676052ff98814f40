"""Writes PROTOCOL.md's state diagrams from the tables:  python -m tools.diagram"""

import re

from browserws._pure import lifecycle, session

from .paths import ROOT

PROTOCOL = ROOT / "PROTOCOL.md"
DIAGRAMS = {"browserws/_pure/lifecycle.py": lifecycle.mermaid, "browserws/_pure/session.py": session.mermaid}


def protocol_text():
    """PROTOCOL.md with each diagram, which stands below the name of its source, as it should be."""
    text = PROTOCOL.read_text()
    for source, draw in DIAGRAMS.items():
        pattern = rf"(Generated from `{re.escape(source)}`.*?```mermaid\n).*?(\n```)"
        text = re.sub(pattern, lambda match, draw=draw: match[1] + draw() + match[2], text, count=1, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    PROTOCOL.write_text(protocol_text())
