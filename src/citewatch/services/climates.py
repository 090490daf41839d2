"""What is usual at each source, remembered from pass to pass."""

from __future__ import annotations

import json
from dataclasses import asdict

from citewatch.domain.weather import Climate
from citewatch.ports import Store


def recall_climate(store: Store, source: str) -> Climate:
    """The source's past; none where nothing usable is remembered."""
    try:
        given = json.loads(store.recall(_name(source)) or "{}")
        return Climate(**{**given, "gaps": tuple(given.get("gaps", ()))})
    except (TypeError, ValueError, AttributeError):
        return Climate()


def climate_memo(source: str, climate: Climate) -> tuple[str, str]:
    """The name and the text under which a source's past is remembered."""
    return _name(source), json.dumps(asdict(climate), separators=(",", ":"))


def _name(source: str) -> str:
    return f"climate:{source}"
