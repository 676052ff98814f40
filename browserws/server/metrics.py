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
    "delivered": "Messages written to members, and past channels to pages",
    "recovered": "Messages written to clients that had missed them",
    "violations": "Connections closed as their frames were not the protocol's",
    "unavailable": "Calls of the store that failed",
    "calls": "Calls of functions of the hub's program",
    "items": "Items of streams that were sent",
    "failed": "Handlers and functions of the hub's program that raised an exception or took too long",
}
LABELLED = {  # name -> label, what it says
    "refused": ("code", "Requests that were refused"),
    "closes": ("code", "Connections closed by the hub"),
    "slowed": ("kind", "How often a client had used up its budget, by what it used"),
}


class Metrics(Collector):
    connections = channels = 0
    received = published = delivered = recovered = violations = unavailable = calls = items = failed = 0

    def __init__(self, slowed: Counter[str]) -> None:
        self.slowed = slowed
        self.refused: Counter[str] = Counter()
        self.closes: Counter[str] = Counter()
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def text(self) -> str:
        """In Prometheus' text format."""
        return generate_latest(self.registry).decode()

    def collect(self) -> Iterator[Metric]:
        for name, says in GAUGES.items():
            yield GaugeMetricFamily(f"browserws_{name}", says, value=getattr(self, name))
        for name, says in COUNTERS.items():
            yield CounterMetricFamily(f"browserws_{name}", says, value=getattr(self, name))
        for name, (label, says) in LABELLED.items():
            family = CounterMetricFamily(f"browserws_{name}", says, labels=[label])
            for value, count in list(getattr(self, name).items()):
                family.add_metric([value], count)
            yield family
