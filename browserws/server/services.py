"""What all connections of a hub share."""

from __future__ import annotations

from dataclasses import dataclass

from .access import Access
from .budget import Budgets
from .functions import Functions
from .handlers import Handlers
from .metrics import Metrics
from .outlet import Flusher
from .rooms import Rooms
from .settings import Settings
from .stores import Store


@dataclass(frozen=True)
class Services:
    settings: Settings
    access: Access
    store: Store
    rooms: Rooms
    budgets: Budgets
    metrics: Metrics
    flusher: Flusher
    handlers: Handlers
    functions: Functions
