"""What the hub counts, for Prometheus. Counting is `metrics.received += 1`: it happens for each message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

GAUGES = {
    "connections": "Connections that there are",
    "channels": "Channels with members in this process",
}
COUNTERS = {
    "received": "Frames from clients",
    "published": "Publishes that were acknowledged",
    "delivered": "Messages written to members",
    "recovered": "Messages written to clients that had missed them",
    "slowed": "Frames that were read later, as they came too quickly",
    "violations": "Connections closed as their frames were not the protocol's",
    "unavailable": "Calls of the store that failed",
}
BY_CODE = {
    "refused": "Requests that were refused",
    "closes": "Connections closed by the hub",
}


class Metrics(Collector):
    connections = channels = 0
    received = published = delivered = recovered = slowed = violations = unavailable = 0

    def __init__(self) -> None:
        self.refused: Counter[str] = Counter()
        self.closes: Counter[str] = Counter()
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def text(self) -> str:
        """In Prometheus' text format."""
        return generate_latest(self._registry).decode()

    def collect(self) -> Iterator[Metric]:
        for name, says in GAUGES.items():
            yield GaugeMetricFamily(f"browserws_{name}", says, value=getattr(self, name))
        for name, says in COUNTERS.items():
            yield CounterMetricFamily(f"browserws_{name}", says, value=getattr(self, name))
        for name, says in BY_CODE.items():
            family = CounterMetricFamily(f"browserws_{name}", says, labels=["code"])
            for code, count in getattr(self, name).items():
                family.add_metric([code], count)
            yield family
