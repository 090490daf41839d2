"""A stand-in server on loopback for all the sources.

Written from the documents of the services alone; it shares no code with the adapters that
are tested against it. Its world is made up around the 53 papers of a real publication list:
counts, forums, decisions and dates say nothing about the real ones.
"""

from citewatch.sandbox.events import EVENTS, Event, event
from citewatch.sandbox.faults import FAULTS
from citewatch.sandbox.mounts import GROUPS, SERVICES
from citewatch.sandbox.openalex_meter import SANDBOX_OPENALEX_KEY
from citewatch.sandbox.openreview import (
    SANDBOX_MFA_USERNAME,
    SANDBOX_PASSWORD,
    SANDBOX_TOKEN,
    SANDBOX_USERNAME,
)
from citewatch.sandbox.publications import publication_list
from citewatch.sandbox.s2 import SANDBOX_S2_KEY
from citewatch.sandbox.server import Sandbox, Seen
from citewatch.sandbox.services import KEYS, SANDBOX_ADS_TOKEN
from citewatch.sandbox.synthetic import synthetic_world
from citewatch.sandbox.world import DEFAULT_START, World

__all__ = [
    "DEFAULT_START",
    "EVENTS",
    "FAULTS",
    "GROUPS",
    "KEYS",
    "SANDBOX_ADS_TOKEN",
    "SANDBOX_MFA_USERNAME",
    "SANDBOX_OPENALEX_KEY",
    "SANDBOX_PASSWORD",
    "SANDBOX_S2_KEY",
    "SANDBOX_TOKEN",
    "SANDBOX_USERNAME",
    "SERVICES",
    "Event",
    "Sandbox",
    "Seen",
    "World",
    "event",
    "publication_list",
    "synthetic_world",
]
