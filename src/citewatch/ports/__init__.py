"""What the services need from the world, as structural protocols.

The real things live in ``sources``, ``store`` and ``bootstrap``; fakes in
``tests/fakes.py`` mirror these one to one.
"""

from __future__ import annotations

from citewatch.ports.citing import Cited, CitedSource, CitingOutcome, CitingPage
from citewatch.ports.delivery import (
    Channel,
    ChannelState,
    Claim,
    Message,
    Outbox,
    Refusal,
    Subscription,
)
from citewatch.ports.forecasts import Forecasts, MadeForecast
from citewatch.ports.jobs import Job
from citewatch.ports.keeping import Contents, Keeper, Loss, Restored
from citewatch.ports.lists import (
    Entry,
    PublicationList,
)
from citewatch.ports.past import Finished, KnownWork, Look, Past, PastDue
from citewatch.ports.sources import (
    Ask,
    Clock,
    Comparer,
    Gate,
    GateState,
    Inspector,
    Quota,
    Readings,
    Search,
    Source,
    Telling,
)
from citewatch.ports.store import (
    Agenda,
    Batch,
    ChangeFilter,
    Due,
    HeldBack,
    History,
    KnownIdentifier,
    LoggedChange,
    Run,
    Store,
    StoredPaper,
)
from citewatch.ports.tracks import Said, Track

__all__ = [
    "Agenda",
    "Ask",
    "Batch",
    "ChangeFilter",
    "Channel",
    "ChannelState",
    "Cited",
    "CitedSource",
    "CitingOutcome",
    "CitingPage",
    "Claim",
    "Clock",
    "Comparer",
    "Contents",
    "Due",
    "Entry",
    "Finished",
    "Forecasts",
    "Gate",
    "GateState",
    "HeldBack",
    "History",
    "Inspector",
    "Job",
    "Keeper",
    "KnownIdentifier",
    "KnownWork",
    "LoggedChange",
    "Look",
    "Loss",
    "MadeForecast",
    "Message",
    "Outbox",
    "Past",
    "PastDue",
    "PublicationList",
    "Quota",
    "Readings",
    "Refusal",
    "Restored",
    "Run",
    "Said",
    "Search",
    "Source",
    "Store",
    "StoredPaper",
    "Subscription",
    "Telling",
    "Track",
]
