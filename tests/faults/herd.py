"""2,000 clients lose their server at once: when do they come back?  python -m tests.faults.herd

The clients are the package's own `Session`s, in virtual time; the plot goes to tests/faults/herd.svg.
"""

import heapq
import random
from collections import Counter
from statistics import mean

from browserws._pure.options import Options
from browserws._pure.session import OPEN, Session
from tools.paths import ROOT

CLIENTS = 2000
DOWN = 20.0  # seconds until the server is back
HANDSHAKE = 0.02  # seconds until an attempt has succeeded or failed


def reconnects(jitter, clients=CLIENTS, down=DOWN, seed=1):
    """How many clients the server sees come back in each second after it is back: {second: count}."""
    chance = random.Random(seed).random
    arrivals = Counter()
    queue = []  # (time in ms, number of the client, what happens)
    sessions = [Session(Options({"jitter": jitter}), chance, False) for _ in range(clients)]

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


WIDTH, HEIGHT, LEFT, BOTTOM = 720, 240, 48, 36
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2937 }
  .jitter { fill: #2563eb } .none { fill: #ea580c }
  @media (prefers-color-scheme: dark) { text { fill: #e5e7eb } }
"""


def svg(with_jitter, without):
    seconds = max(max(with_jitter), max(without)) + 1
    top = max(max(with_jitter.values()), max(without.values()))
    column = (WIDTH - LEFT) / seconds
    parts = []
    for kind, counts, shift in (("none", without, 0.5), ("jitter", with_jitter, 0.0)):
        for second, count in counts.items():
            height = (HEIGHT - BOTTOM - 20) * count / top
            x, y = LEFT + column * (second + shift), HEIGHT - BOTTOM - height
            parts.append(
                f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{column * 0.45:.1f}" height="{height:.1f}"/>'
            )
    for second in range(0, seconds, 5):
        parts.append(f'<text x="{LEFT + column * second:.1f}" y="{HEIGHT - 16}">{second} s</text>')
    parts.append(f'<text x="0" y="32">{top:,}</text>')
    parts.append('<rect class="jitter" x="380" y="8" width="12" height="12"/><text x="398" y="19">full jitter</text>')
    parts.append('<rect class="none" x="500" y="8" width="12" height="12"/><text x="518" y="19">without</text>')
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">\n'
        f"<title>Reconnects per second after the server is back</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def main():
    herds = {jitter: reconnects(jitter) for jitter in (True, False)}
    for jitter, arrivals in herds.items():
        counts = window(arrivals)
        print(
            f"{'full jitter' if jitter else 'without'}: {sum(counts)} clients in {len(counts)} s, "
            f"mean {mean(counts):.0f} a second, most {max(counts)} ({max(counts) / mean(counts):.1f} times the mean)"
        )
    (ROOT / "tests" / "faults" / "herd.svg").write_text(svg(herds[True], herds[False]))


if __name__ == "__main__":
    main()
