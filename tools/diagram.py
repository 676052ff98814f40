"""Writes PROTOCOL.md's state diagram from the table:  python -m tools.diagram"""

from browserws._pure.lifecycle import mermaid

from .paths import ROOT

PROTOCOL = ROOT / "PROTOCOL.md"


def protocol_text():
    return f"""# Protocol

## The life of a socket

Generated from `browserws/_pure/lifecycle.py` by `python -m tools.diagram`. FAILED is the moment between
the browser's `error` event and its `close` event; `readyState` shows it as 3, like CLOSED.

```mermaid
{mermaid()}
```
"""


if __name__ == "__main__":
    PROTOCOL.write_text(protocol_text())
