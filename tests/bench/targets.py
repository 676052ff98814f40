"""How fast it has to be, and whether it is:  python -m tests.bench.targets

Reads `.build/bench.json`, which `make bench` writes. A target says by how much a contender's time, compared with raw
JavaScript's in the same round, may exceed that of a peer.
"""

import json

from tests.bench.channels import TITLE as CHANNEL
from tools.paths import BUILD

from .summary import RAW

HANDLER, LOOP, PYSCRIPT = "browserws onmessage", "browserws async for", "pyscript.WebSocket"
BOTH = ("Pyodide", "MicroPython")

# interpreters, title of the work, contenders, at most so many times ..., ... whose time
TARGETS = [
    (BOTH, "round trip, 32 B", (HANDLER, LOOP), 1.0, PYSCRIPT),
    (BOTH, "lone, text 32 B", (HANDLER, LOOP), 1.0, PYSCRIPT),
    (("MicroPython",), "flood, text 32 B", (HANDLER, LOOP), 0.6, PYSCRIPT),
    (("Pyodide",), "flood, text 32 B", (HANDLER, LOOP), 1.35, RAW),
    (("Pyodide",), "flood, bytes 32 B", (HANDLER, LOOP), 1.5, RAW),
    (("MicroPython",), "send 128 KiB", (LOOP,), 1.0, HANDLER),
    (("Pyodide",), CHANNEL, ("Channels", "LiveDataClient"), 1.6, RAW),
    (("MicroPython",), CHANNEL, ("Channels", "LiveDataClient"), 3.0, RAW),
]


def check(results):
    """Of each target that was measured: "held", "missed", or "close" where the spread of the rounds leaves it open;
    and the figures."""
    for interpreters, title, contenders, times, peer in TARGETS:
        for interpreter in interpreters:
            for line in results.get(interpreter, []):
                if line["title"] == title:
                    for contender in contenders:
                        yield verdict(line, contender, times, peer, interpreter)


def verdict(line, contender, times, peer, interpreter):
    base = line["ratios"][peer]
    ratio = line["ratios"][contender] / base
    spread = (line["spreads"][contender] + ratio * line["spreads"][peer]) / base
    held = "close" if abs(ratio - times) <= spread else "held" if ratio < times else "missed"
    return held, f"{interpreter}, {line['title']}, {contender}: {ratio:.2f} ± {spread:.2f} of {peer}, at most {times}"


def report(results):
    return "\n".join(f"{held:8}{figures}" for held, figures in check(results))


if __name__ == "__main__":
    print(report(json.loads((BUILD / "bench.json").read_text())))
