"""A source whose code fails is a source that fails: it ends its own questions and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from citewatch.domain.papers import Failed, SearchOutcome
from citewatch.errors import CitewatchError
from citewatch.ports import Ask, Cited, CitingOutcome, Readings, Search, Source

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    Found = AsyncGenerator[tuple[Search, SearchOutcome], None]


async def fetch(source: Source, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
    """`Source.fetch`, which must not raise; what our own database raises is passed on."""
    open_asks = dict.fromkeys(asks)
    try:
        answers = cast("AsyncGenerator[Readings, None]", source.fetch(asks))
        async with aclosing(answers):
            async for readings in answers:
                for ask, _ in readings:
                    open_asks.pop(ask, None)
                yield readings
    except CitewatchError:
        raise
    except Exception as error:  # noqa: BLE001 - sources may be other people's code
        yield [(ask, _defect(error)) for ask in open_asks]


async def search(
    source: Source, searches: Sequence[Search]
) -> AsyncIterator[tuple[Search, SearchOutcome]]:
    """`Source.search` in the same way."""
    left = {search.series: search for search in searches}
    try:
        answers = cast("Found", source.search(searches))
        async with aclosing(answers):
            async for asked, outcome in answers:
                left.pop(asked.series, None)
                yield asked, outcome
    except CitewatchError:
        raise
    except Exception as error:  # noqa: BLE001 - sources may be other people's code
        for asked in left.values():
            yield asked, _defect(error)


async def citing(source: Cited, ask: Ask) -> AsyncIterator[CitingOutcome]:
    """`Cited.citing` in the same way."""
    try:
        pages = cast("AsyncGenerator[CitingOutcome, None]", source.citing(ask))
        async with aclosing(pages):
            async for outcome in pages:
                yield outcome
    except CitewatchError:
        raise
    except Exception as error:  # noqa: BLE001 - sources may be other people's code
        yield _defect(error)


def _defect(error: Exception) -> Failed:
    words = f"its code failed: {type(error).__name__}: {error}"[:200]
    return Failed(reason="defect", detail=words)
