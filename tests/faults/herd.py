"""2,000 clients lose their server at once: when do they come back?  python -m tests.faults.herd

The clients are the package's own `Session`s, in virtual time; the plot goes to tests/faults/herd.svg.
"""

import heapq
import random
from collections import Counter
from functools import partial
from statistics import mean

from browserws._pure.options import Options
from browserws._pure.reconnection import OPEN, Reconnection
from tools.paths import ROOT

CLIENTS = 2000
DOWN = 20.0  # seconds until the server is back
HANDSHAKE = 0.02  # seconds until an attempt has succeeded or failed


def reconnects(jitter, clients=CLIENTS, down=DOWN, seed=1):
    """How many clients the server sees come back in each second after it is back: {second: count}."""
    chance = random.Random(seed).random
    arrivals = Counter()
    queue = []  # (time in ms, number of the client, what happens)
    sessions = [Reconnection(Options({"jitter": jitter}), chance, False) for _ in range(clients)]

    def perform(number, now):
        session = sessions[number]
        while session.actions:
            what, *_ = session.actions.pop(0)
            if what == "connect":
                heapq.heappush(queue, (now + HANDSHAKE * 1000, number, "answer"))
        if session.due() is not None:
            heapq.heappush(queue, (session.due(), number, "due"))

    for number, session in enumerate(sessions):
        session.connect(-60_000)
        session.opened(-60_000)
        session.actions.clear()
        session.ended(0, 1006, "", False)
        perform(number, 0)
    while queue:
        now, number, what = heapq.heappop(queue)
        session = sessions[number]
        if what == "due":
            session.wake(now)
        elif now < down * 1000:
            session.ended(now, 1006, "", False)
        else:
            arrivals[int(now / 1000 - down)] += 1
            session.opened(now)
        if session.state != OPEN:
            perform(number, now)
    return arrivals


def window(arrivals):
    """The counts of all seconds from the first to the last in which somebody came."""
    return [arrivals[second] for second in range(max(arrivals) + 1)]


def picture(herds):
    """The SVG of the counts with jitter and without."""
    from tools import chart  # the counts need no matplotlib

    return chart.svg(partial(_draw, herds), "Reconnects per second after the server is back", 7.5, 2.5)


def _draw(herds, figure):
    plot = figure.subplots()
    for label, arrivals, colour, shift in (
        ("full jitter", herds[True], "#2563eb", -0.2),
        ("without", herds[False], "#ea580c", 0.2),
    ):
        plot.bar([second + shift for second in arrivals], arrivals.values(), width=0.4, color=colour, label=label)
    plot.set_xlabel("seconds after the server is back")
    plot.set_ylabel("reconnects")
    plot.yaxis.set_major_formatter("{x:,g}")
    plot.grid(visible=False, axis="x")
    plot.legend()


def main():
    herds = {jitter: reconnects(jitter) for jitter in (True, False)}
    for jitter, arrivals in herds.items():
        counts = window(arrivals)
        print(
            f"{'full jitter' if jitter else 'without'}: {sum(counts)} clients in {len(counts)} s, "
            f"mean {mean(counts):.0f} a second, most {max(counts)} ({max(counts) / mean(counts):.1f} times the mean)"
        )
    (ROOT / "tests" / "faults" / "herd.svg").write_text(picture(herds))


if __name__ == "__main__":
    main()
