"""What the hub counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.connections = self._gauge("connections", "Connections that there are")
        self.rooms = self._gauge("channels", "Channels with members in this process")
        self.received = self._counter("frames_received", "Frames from clients")
        self.published = self._counter("published", "Publishes that were acknowledged")
        self.delivered = self._counter("delivered", "Messages written to members")
        self.recovered = self._counter("recovered", "Messages written to clients that had missed them")
        self.slowed = self._counter("slowed", "Frames that were read later, as they came too quickly")
        self.violations = self._counter("violations", "Connections closed as their frames were not the protocol's")
        self.unavailable = self._counter("store_unavailable", "Calls of the store that failed, and were made again")
        self.refused = self._counter("refused", "Requests that were refused", "code")
        self.closes = self._counter("closes", "Connections closed by the hub", "code")

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self._registry)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"browserws_{name}", says, labels, registry=self._registry)

    def _gauge(self, name: str, says: str) -> Gauge:
        return Gauge(f"browserws_{name}", says, registry=self._registry)
