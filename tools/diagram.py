"""Writes PROTOCOL.md's state diagrams from the tables:  python -m tools.diagram"""

from browserws._pure import lifecycle, session

from .paths import ROOT

PROTOCOL = ROOT / "PROTOCOL.md"


def protocol_text():
    return f"""# Protocol

## The life of a socket

Generated from `browserws/_pure/lifecycle.py` by `python -m tools.diagram`. FAILED is the moment between
the browser's `error` event and its `close` event; `readyState` shows it as 3, like CLOSED.

```mermaid
{lifecycle.mermaid()}
```

## The life of a reliable connection

Generated from `browserws/_pure/session.py`. OPEN is the state in which messages go out; in the others but
CLOSING and CLOSED they are queued. WAITING is for the time of the next attempt, OFFLINE for the network,
SUSPENDED for a page that comes back from the back-forward cache.

```mermaid
{session.mermaid()}
```
"""


if __name__ == "__main__":
    PROTOCOL.write_text(protocol_text())
