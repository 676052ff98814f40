"""What a client may cost: frames, bytes, new channels and replayed bytes, by connection, user and address.

Each is a token bucket: so much at once, and so much a second. What is used beyond is a debt that is waited for:
the client is read more slowly. New channels are not waited for but refused.

    frames      that come, control frames included, also before the hello
    bytes       that come, as they are on the wire, and what they unpack to if they are compressed
    channels    that did not exist before
    replayed    bytes of histories and lists of members, that are sent because the client asked for them
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from .settings import Settings

KINDS = ("frames", "bytes", "channels", "replayed")
# As much as so many connections may use a user, and an address, behind which there may be many users.
USER_FACTORS = dict.fromkeys(KINDS, 4)
ADDRESS_FACTORS = {**dict.fromkeys(KINDS, 200), "channels": 20}
NO_FACTORS = dict.fromkeys(KINDS, 1)


class Bucket:
    """`rate` tokens a second, of which at most `burst` are saved."""

    __slots__ = ("_at", "_level", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._level = burst
        self._at = now

    def level(self, now: float) -> float:
        return min(self.burst, self._level + (now - self._at) * self.rate)

    def take(self, amount: float, now: float) -> float:
        """The seconds after which this is paid for. No more is owed than may be saved: others may draw on it."""
        # as `level` says, and without `min` and `max`: this is called most
        level = self._level + (now - self._at) * self.rate
        if level > self.burst:
            level = self.burst
        level -= amount
        if level < -self.burst:
            level = -self.burst
        self._level = level
        self._at = now
        return 0 if level >= 0 else -level / self.rate


class Account:
    """The buckets of one connection, user or address, each made when it is first used; `references` are the connections
    that draw on it."""

    __slots__ = ("_buckets", "_factors", "_settings", "references")

    def __init__(self, settings: Settings, factors: dict[str, int]) -> None:
        self._settings = settings
        self._factors = factors
        self._buckets: dict[str, Bucket] = {}
        self.references = 0

    def bucket(self, kind: str, now: float) -> Bucket:
        bucket = self._buckets.get(kind)
        if bucket is None:
            rate, burst = _limits(self._settings, kind)
            factor = self._factors[kind]
            bucket = self._buckets[kind] = Bucket(factor * rate, factor * burst, now)
        return bucket

    def is_full(self, now: float) -> bool:
        return all(bucket.level(now) >= bucket.burst for bucket in self._buckets.values())


def _limits(settings: Settings, kind: str) -> tuple[float, float]:
    """So much a second, and so much at once."""
    if kind == "frames":
        return settings.rate, settings.rate
    if kind == "bytes":
        return settings.byte_rate, settings.byte_burst
    if kind == "channels":
        return settings.channel_rate, settings.max_channels
    return settings.replay_rate, settings.replay_burst


class Budgets:
    """The accounts of all users and addresses. One is kept for as long as it matters, also without a connection."""

    def __init__(self, settings: Settings, now: Callable[[], float]) -> None:
        self.slowed: Counter[str] = Counter()  # how often somebody had to wait, by kind
        self.settings = settings
        self.now = now
        self._accounts: dict[tuple[str, str], Account] = {}

    def open(self, address: str) -> Budget:
        """For a new connection."""
        budget = Budget(self)
        self.draw_on_address(budget, address)
        return budget

    def draw_on_address(self, budget: Budget, address: str) -> None:
        if address:
            budget.add(self._account(("address", address), ADDRESS_FACTORS))

    def of_user(self, user: str) -> Account:
        return self._account(("user", user), USER_FACTORS)

    def _account(self, key: tuple[str, str], factors: dict[str, int]) -> Account:
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = Account(self.settings, factors)
        return account

    def forget_unused(self) -> None:
        """Who has no connection and owes nothing."""
        now = self.now()
        for key, account in list(self._accounts.items()):
            if not account.references and account.is_full(now):
                del self._accounts[key]


class Budget:
    """What one connection may cost. `close` it when the connection has ended."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._accounts = [Account(budgets.settings, NO_FACTORS)]
        self._buckets: dict[str, list[Bucket]] = {}  # those of all accounts, as far as they were used
        self._is_open = True

    def add(self, account: Account) -> None:
        """Draw on this account, too."""
        if self._is_open:
            account.references += 1
            self._accounts.append(account)
            self._buckets.clear()

    def belongs_to(self, user: str) -> None:
        self.add(self._budgets.of_user(user))

    def take(self, kind: str, amount: float) -> float:
        """Use so much; the seconds that the client is to wait."""
        return self._take(kind, amount, self._budgets.now())

    def take_read(self, size: int, frames: int) -> float:
        """As `take`, for so many bytes, in which so many frames have ended."""
        now = self._budgets.now()
        return max(self._take("bytes", size, now), self._take("frames", frames, now) if frames else 0)

    def _take(self, kind: str, amount: float, now: float) -> float:
        wait = 0.0
        for bucket in self._buckets.get(kind) or self._find(kind, now):
            wait = max(wait, bucket.take(amount, now))
        if wait > 0:
            self._budgets.slowed[kind] += 1
        return wait

    def _find(self, kind: str, now: float) -> list[Bucket]:
        buckets = self._buckets[kind] = [account.bucket(kind, now) for account in self._accounts]
        return buckets

    def allows(self, kind: str) -> bool:
        """Whether there is one left."""
        now = self._budgets.now()
        return all(bucket.level(now) >= 1 for bucket in self._buckets.get(kind) or self._find(kind, now))

    def close(self) -> None:
        self._is_open = False
        self._buckets.clear()
        accounts, self._accounts = self._accounts, self._accounts[:1]
        for account in accounts[1:]:
            account.references -= 1
