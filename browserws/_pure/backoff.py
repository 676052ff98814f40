"""How long to wait before the next attempt: full jitter under a growing cap.

With full jitter, clients that lost their server at the same moment reconnect spread over the whole interval;
with a fixed delay, or a little jitter around one, they reconnect together (AWS Architecture Blog,
"Exponential Backoff And Jitter").
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INITIAL = 1.0  # seconds
MAXIMUM = 30.0  # seconds
FACTOR = 2.0

# Only a connection that lived this long (seconds) counts as a success. Without it, a server that
# accepts and closes at once would be asked again as fast as the network can.
MIN_UPTIME = 5.0


def delays(
    chance: "Callable[[], float]", initial: float = INITIAL, maximum: float = MAXIMUM, factor: float = FACTOR
) -> "Iterator[float]":
    """Delays in seconds without end, each between 0 and a cap that grows from `initial` to `maximum`.

    `chance` gives a number from 0 up to 1, as `random.random` does.
    """
    cap = initial
    while True:
        yield chance() * cap
        cap = min(maximum, cap * factor)
