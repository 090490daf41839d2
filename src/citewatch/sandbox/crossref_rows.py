"""Crossref's records as JSON text. Shapes: the documents of the REST API and real answers.

Rows are put together from a cached text and the few members that move.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from citewatch.sandbox.crossref_works import Deposit, Deposits, Update
from citewatch.sandbox.records import DAY_S, number_of
from citewatch.sandbox.world import World

_SELECTS = (
    "abstract URL resource member posted score created degree update-policy short-title license "
    "ISSN container-title issued update-to issue prefix approved indexed article-number "
    "clinical-trial-number accepted author group-title DOI is-referenced-by-count updated-by "
    "event chair standards-body original-title funder translator published archive "
    "published-print alternative-id subject subtitle published-online publisher-location "
    "content-domain reference title link type publisher volume references-count ISBN issn-type "
    "assertion deposited page contributor content-created short-container-title relation editor"
)
SELECTS = tuple(_SELECTS.split())
"""Names that ``select`` knows; a record has some of them, and others besides."""
INDEXED_EVERY = 7
"""Days between two indexings of a record of which nothing changed."""
_MOVING = ("is-referenced-by-count", "indexed", "updated-by", "score")


def moment(at: float) -> dict[str, object]:
    """An instant in the three forms that records give at once; ``timestamp`` in ms."""
    when = datetime.fromtimestamp(at, UTC)
    return {
        "date-parts": [[when.year, when.month, when.day]],
        "date-time": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "timestamp": int(at) * 1_000,
    }


class Rows:
    """Rows of one world as JSON text."""

    def __init__(self, world: World, deposits: Deposits) -> None:
        self._world = world
        self._deposits = deposits
        self._heads: dict[tuple[Deposit, tuple[str, ...] | None], str] = {}

    def row(
        self,
        deposit: Deposit,
        fields: tuple[str, ...] | None,
        now: float,
        *,
        score: float = 1.0,
    ) -> str:
        """One record; ``fields`` None for all."""
        head = self._heads.get((deposit, fields))
        if head is None:
            still = _still(deposit)
            shown = {name: still[name] for name in still if fields is None or name in fields}
            head = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))[1:-1]
            self._heads[deposit, fields] = head
        texts = [head] if head else []
        for name in _MOVING:
            if fields is None or name in fields:
                texts.extend(self._moving(name, deposit, now, score=score))
        return f"{{{','.join(texts)}}}"

    def _moving(self, name: str, deposit: Deposit, now: float, *, score: float) -> list[str]:
        """The member of that name, or nothing when the record has none now."""
        match name:
            case "is-referenced-by-count":
                value: object = self._deposits.count(deposit, now)
            case "indexed":
                value = self._indexed(deposit, now)
            case "updated-by":
                update = deposit.updated_by
                if update is None or update.at > now:
                    return []
                value = [_update(update, update.notice)]
            case _:
                value = score
        return [f'"{name}":{json.dumps(value, separators=(",", ":"))}']

    def _indexed(self, deposit: Deposit, now: float) -> dict[str, object]:
        phase = number_of(f"{deposit.doi}/indexed", INDEXED_EVERY)
        day = self._world.day(now)
        at = self._world.start + (day - (day + phase) % INDEXED_EVERY) * DAY_S
        return moment(at) | {"version": "3.54.1"}


def _still(deposit: Deposit) -> dict[str, object]:
    """All members that do not move."""
    references = 12 + number_of(f"{deposit.doi}/references", 40)
    row: dict[str, object] = {
        "reference-count": references,
        "publisher": deposit.publisher,
        "content-domain": {"domain": [], "crossmark-restriction": False},
        "DOI": deposit.doi,
        "type": deposit.kind,
        "created": moment(1_500_000_000 + number_of(deposit.doi, 100_000_000)),
        "source": "Crossref",
        "prefix": deposit.prefix,
        "member": str(number_of(deposit.prefix, 9_000)),
        "author": _authors(deposit),
        "deposited": moment(1_620_000_000 + number_of(deposit.doi, 50_000_000)),
        "resource": {"primary": {"URL": f"https://publisher.example.org/{deposit.doi}"}},
        "subtitle": [],
        "short-title": [],
        "issued": _parts(deposit.issued),
        "references-count": references,
        "URL": f"https://doi.org/{deposit.doi}",
        "relation": _relation(deposit),
        "subject": [],
    }
    if deposit.issued != (None,):
        row["published"] = _parts(deposit.issued)
    if deposit.title is not None:
        row["title"] = list(deposit.title)
    if deposit.kind == "posted-content":
        row |= {"subtype": deposit.subtype, "posted": _parts(deposit.issued)}
        row |= {"institution": [{"name": "Made-Up Preprints"}], "group-title": "Machine Learning"}
    else:
        row |= {"container-title": list(deposit.container), "short-container-title": []}
    if deposit.update_to is not None:
        row["update-to"] = [_update(deposit.update_to, deposit.update_to.of)]
    return row


def _parts(date: tuple[int | None, ...]) -> dict[str, object]:
    return {"date-parts": [list(date)]}


def _authors(deposit: Deposit) -> list[dict[str, object]]:
    names = [name.strip().rpartition(" ") for name in deposit.record.authors]
    return [
        {
            "given": given,
            "family": family,
            "sequence": "additional" if at else "first",
            "affiliation": [],
        }
        for at, (given, _, family) in enumerate(names)
    ]


def _relation(deposit: Deposit) -> dict[str, object]:
    return {
        name: [{"id-type": "doi", "id": doi, "asserted-by": by}]
        for name, doi, by in deposit.relation
    }


def _update(update: Update, doi: str) -> dict[str, object]:
    return {
        "updated": moment(update.at),
        "DOI": doi,
        "type": update.kind,
        "source": "publisher",
        "label": update.kind.capitalize(),
    }
