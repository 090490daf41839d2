"""What is unknown is left out: it is neither null nor 0."""

from __future__ import annotations

from collections.abc import Mapping


def known_only(pairs: Mapping[str, object]) -> dict[str, object]:
    """The pairs whose value is known, in their order."""
    return {name: value for name, value in pairs.items() if value is not None}
