"""Retractions and corrections in Crossref's records, both ways. Pure; nothing raises.

``updated-by`` on a record lists the notices about it, from its publisher and from Retraction
Watch; ``update-to`` says that the record is itself a notice about others.
https://www.crossref.org/documentation/crossmark/version-control-corrections-and-retractions/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from citewatch.domain.identifiers import DOI, canonical
from citewatch.sources.answers import JsonValue
from citewatch.sources.text import tidy

_PULLED = frozenset({"retraction", "removal", "withdrawal"})
_REINSTATED = "reinstatement"
_EDITIONS = frozenset({"new version", "new edition"})
"""Updates that are papers themselves, not notices about one."""
_MOST = 50


@dataclass(frozen=True, slots=True)
class Notice:
    """One update: what kind, the other record, and when."""

    kind: str
    """Lower case, with blanks: ``expression of concern``."""
    doi: str
    """Lower case; "" where it is not named."""
    on: str
    """ISO date, or what is known of it; "" where nothing is."""


@dataclass(frozen=True, slots=True)
class Notices:
    """What a record says of retractions and corrections."""

    retracted: bool | None = None
    """None where it lists no notice: that nobody deposited one is no statement."""
    lines: tuple[str, ...] = ()
    is_notice: bool = False
    """The record is a notice about another one, and no paper."""


_NONE = Notices()


def read_notices(record: Mapping[str, JsonValue], own_doi: str) -> Notices:
    """The notices about a record, and those that it is."""
    updated_by, update_to = record.get("updated-by"), record.get("update-to")
    if not updated_by and not update_to:
        return _NONE
    about, of_others = _updates(updated_by), []
    for notice in _updates(update_to):
        # Publishers that retract in place deposit a record that updates itself.
        if notice.doi == own_doi:
            about.append(notice)
        elif notice.doi:
            of_others.append(notice)
    return Notices(
        retracted=_retracted(about),
        lines=(
            *(_line(notice.kind, notice) for notice in _once(about)),
            *(_line(f"is {_a(notice.kind)} of", notice) for notice in _once(of_others)),
        ),
        is_notice=any(notice.kind not in _EDITIONS for notice in of_others),
    )


def partial_date(value: JsonValue) -> tuple[int, ...]:
    """Year, month and day of ``{"date-parts": [[…]]}`` as far as they are numbers."""
    parts = value.get("date-parts") if type(value) is dict else None
    first = parts[0] if type(parts) is list and parts else None
    if type(first) is not list:
        return ()
    found: list[int] = []
    for part, (low, high) in zip(first, ((1000, 2200), (1, 12), (1, 31)), strict=False):
        if type(part) is not int or not low <= part <= high:
            break
        found.append(part)
    return tuple(found)


def _updates(value: JsonValue) -> list[Notice]:
    if type(value) is not list:
        return []
    return [_notice(update) for update in value[:_MOST] if type(update) is dict]


def _notice(update: Mapping[str, JsonValue]) -> Notice:
    kind, doi = update.get("type"), update.get("DOI")
    words = re.sub(r"[\s_-]+", " ", tidy(kind)[:40]).strip().lower() if type(kind) is str else ""
    known = (
        canonical(DOI, doi) if type(doi) is str and len(doi) < 500 and doi.isprintable() else None
    )
    year, *rest = partial_date(update.get("updated")) or (None,)
    on = "-".join((f"{year:04}", *(f"{part:02}" for part in rest))) if year else ""
    return Notice(words or "update", known.value if known else "", on)


def _retracted(about: Sequence[Notice]) -> bool | None:
    if not about:
        return None
    pulled = [notice.on for notice in about if notice.kind in _PULLED]
    if not pulled:
        return False
    restored = max((notice.on for notice in about if notice.kind == _REINSTATED), default="")
    return not (restored and all(pulled) and restored >= max(pulled))


def _once(notices: Sequence[Notice]) -> list[Notice]:
    """In the order of their dates. Publisher and Retraction Watch name the same one twice,
    on different dates: the first one stays, whoever comes later."""
    found: dict[tuple[str, str], Notice] = {}
    for notice in sorted(notices, key=lambda n: (n.on or "9", n.kind, n.doi)):
        found.setdefault((notice.kind, notice.doi), notice)
    return list(found.values())


def _line(words: str, notice: Notice) -> str:
    doi = f"doi:{notice.doi}" if notice.doi else ""
    return " ".join(part for part in (words, doi, notice.on) if part)


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"
