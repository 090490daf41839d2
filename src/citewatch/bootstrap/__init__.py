"""The composition root: settings become an application. The only reader of real time."""

from __future__ import annotations

from citewatch.bootstrap.app import App, open_app
from citewatch.bootstrap.clocks import (
    RealClock,
    SimulatedClock,
    current_environment,
    seeded_chance,
)
from citewatch.bootstrap.jobs import jobs, outbox_depth

__all__ = [
    "App",
    "RealClock",
    "SimulatedClock",
    "current_environment",
    "jobs",
    "open_app",
    "outbox_depth",
    "seeded_chance",
]
