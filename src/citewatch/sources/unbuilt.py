"""What stands in for a source that could not be built: it fails, and says why."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from citewatch.domain.papers import Failed, SearchOutcome
from citewatch.ports import Ask, Readings, Search, Source
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.registry import SourceSpec


class Unbuilt:
    """Ends every question in the same failure, without a request."""

    requests = 0

    def __init__(self, spec: SourceSpec, error: Exception) -> None:
        self.name, self.label = spec.name, spec.label
        self.counts, self.schemes = spec.counts, spec.schemes
        words = f"its code failed: {type(error).__name__}: {error}"[:200]
        self._failed = Failed(reason="defect", detail=words)

    def blocked(self) -> str | None:
        """Not for want of anything that the user could give."""
        return None

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        """The failure, for everybody."""
        yield [(ask, self._failed) for ask in asks]

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        """The failure, for everybody."""
        for search in searches:
            yield search, self._failed

    async def aclose(self) -> None:
        """Nothing is open."""


def build(spec: SourceSpec, options: SourceOptions, tools: Tools) -> Source:
    """The source, or what stands in for one whose constructor fails."""
    try:
        return spec.make(options, tools)
    except Exception as error:  # noqa: BLE001 - sources may be other people's code
        return Unbuilt(spec, error)
