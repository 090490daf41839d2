"""What the rows of DBLP's graph mean. Pure; nothing raises.

https://dblp.org/rdf/docu/, the form of an answer: https://www.w3.org/TR/sparql11-results-json/.
A preprint (CoRR) and its publication are two records under one title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from citewatch.domain.identifiers import ARXIV, DBLP, DOI, Identifier, canonical
from citewatch.domain.keys import squash
from citewatch.domain.papers import Facts, Failed, Found, Observed
from citewatch.sources.answers import Answer, JsonValue, load_json, refused
from citewatch.sources.dblp_queries import ROWS_LIMIT
from citewatch.sources.questions import Record
from citewatch.sources.text import tidy, tidy_or_none
from citewatch.sources.values import year_of

_RECORD = re.compile(r"https?://dblp\.org/rec/(.+)")
_CORR = re.compile(r"journals/corr/abs-(\d{4})-(\d{4,5})", re.ASCII)
_HOMONYM = re.compile(r"\s\d{4}$", re.ASCII)
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)
_PREPRINT_KEYS = ("journals/corr/", "journals/iacr/", "journals/eccc/")
_PREPRINT_SERVERS = frozenset({"corr", "iacrcryptoleprintarch", "electroncolloquiumcomputcomplex"})
_YEARS_APART = 5
"""Between a preprint and what appeared under its title."""

_MARKERS = (b"not a bot", b"anubis", b".within.website")
_LOOKED_AT = 65_536

_ODD = Failed(reason="shape", detail="a row without a record and its title")


@dataclass(slots=True)
class _Rows:
    """All rows of one record."""

    title: str
    years: set[int] = field(default_factory=set)
    venues: list[str] = field(default_factory=list)
    dois: list[str] = field(default_factory=list)
    authors: dict[int, str] = field(default_factory=dict)


def asks_for_proof(answer: Answer) -> bool:
    """Whether this is the page that wants a proof that no robot asks (Anubis).

    It comes with status 200 or 500; a paper may be called "Anubis", so that only a page counts.
    """
    body = answer.body[:_LOOKED_AT].lower()
    page = "html" in answer.content_type or body.lstrip()[:9] in (b"<!doctype", b"<html")
    return page and any(marker in body for marker in _MARKERS)


def read_records(answer: Answer) -> list[Record] | Failed:
    """The records of an answer, each with what it answers to."""
    bindings = _bindings(answer)
    if isinstance(bindings, Failed):
        return bindings
    found: dict[str, _Rows] = {}
    for row in bindings:
        publ, title = _value(row, "publ", "uri"), _value(row, "title", "literal")
        if publ is None or not title:
            return _ODD
        _add(found.setdefault(publ, _Rows(title)), row)
    records = []
    for iri, rows in found.items():
        named = _RECORD.fullmatch(iri)
        answered = canonical(DBLP, named[1]) if named else None
        if answered is not None:  # not a person, a stream or a kind that is never asked for
            observed = _observed(answered, rows)
            records.append(Record(frozenset((answered, *observed.facts.ids)), observed))
    return records


def read_titled(answer: Answer) -> list[Record] | Failed:
    """The records that bear one of some titles, if these are all."""
    bindings = _bindings(answer)
    if not isinstance(bindings, Failed) and len(bindings) >= ROWS_LIMIT:
        return Failed(reason="incomplete", detail=f"more than {ROWS_LIMIT:,} rows for a title")
    return bindings if isinstance(bindings, Failed) else read_records(answer)


def read_search(answer: Answer) -> Found | Failed:
    """Candidates for a title; a preprint goes with the publication of its authors."""
    if answer.status != 200:
        return refused(answer)
    records = read_titled(answer)
    if isinstance(records, Failed):
        return records
    return Found(candidates=tuple(fold([record.observed for record in records])))


def _bindings(answer: Answer) -> Sequence[JsonValue] | Failed:
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    results = value.get("results") if type(value) is dict else None
    bindings = results.get("bindings") if type(results) is dict else None
    if type(bindings) is not list:
        return Failed(reason="shape", detail="no rows of results")
    return bindings


def _value(row: JsonValue, name: str, kind: str) -> str | None:
    """What a row has under a name, if it is of a kind (``uri``, ``literal``)."""
    term = row.get(name) if type(row) is dict else None
    if type(term) is not dict or term.get("type") not in (kind, f"typed-{kind}"):
        return None
    value = term.get("value")
    return value if type(value) is str else None


def _add(rows: _Rows, row: JsonValue) -> None:
    """Take in what one row says; the others repeat it, but for a second author or DOI."""
    if (year := year_of(_value(row, "year", "literal"))) is not None:
        rows.years.add(year)
    if venue := _value(row, "venue", "literal"):
        rows.venues.append(venue)
    if doi := _value(row, "doi", "uri"):
        rows.dois.append(doi)
    place, author = _value(row, "place", "literal"), _value(row, "author", "literal")
    if author and place and _WHOLE.fullmatch(place):
        rows.authors.setdefault(int(place), author)


def _observed(answered: Identifier, rows: _Rows) -> Observed:
    read = [canonical(DOI, doi) for doi in dict.fromkeys(rows.dois)]
    if number := _CORR.fullmatch(answered.value):
        read.append(canonical(ARXIV, f"{number[1]}.{number[2]}"))
    ids = tuple(dict.fromkeys(i for i in read if i is not None))
    names = [_HOMONYM.sub("", tidy(name)) for _, name in sorted(rows.authors.items())]
    facts = Facts(
        title=tidy(rows.title).removesuffix(".") or None,
        authors=tuple(filter(None, names)),
        year=min(rows.years, default=None),
        venue=_venue(rows.venues),
        doi=next((i.value for i in ids if i.scheme == DOI), None),
        ids=ids,
    )
    return Observed(asked=answered, answered=answered, facts=facts)


def _venue(venues: Iterable[str]) -> str | None:
    """The first that is a place of publication and no server of preprints."""
    read = (tidy_or_none(venue) for venue in dict.fromkeys(venues))
    return next((v for v in read if v and squash(v) not in _PREPRINT_SERVERS), None)


# --- preprints and publications ------------------------------------------------------------


def is_preprint(observed: Observed) -> bool:
    """Whether a record is of a server of preprints, and not of a place of publication."""
    return observed.answered.value.startswith(_PREPRINT_KEYS)


def publication_of(preprint: Observed, others: Iterable[Observed]) -> Observed | None:
    """The earliest publication under a preprint's title by its authors; None without one."""
    found = [other for other in others if _is_published(preprint, other)]
    return min(found, key=lambda o: (o.facts.year or 9_999, o.answered.value), default=None)


def with_publication(preprint: Observed, others: Iterable[Observed]) -> Observed:
    """A preprint's record with the place of its publication, where it has appeared.

    DBLP does not link the two. Without this a preprint would never be seen to be published:
    its own record stays what it is.
    """
    published = publication_of(preprint, others)
    if published is None:
        return preprint
    ids = dict.fromkeys((*preprint.facts.ids, published.answered, *published.facts.ids))
    facts = replace(
        preprint.facts, venue=published.facts.venue, doi=published.facts.doi, ids=tuple(ids)
    )
    return replace(preprint, facts=facts)


def fold(found: Sequence[Observed]) -> list[Observed]:
    """Each work once: a preprint that was published adds its identifiers to the publication."""
    preprints: dict[Identifier, list[Observed]] = {}
    kept = []
    for observed in found:
        published = publication_of(observed, found) if is_preprint(observed) else None
        if published is None:
            kept.append(observed)
        else:
            preprints.setdefault(published.answered, []).append(observed)
    return [_with_preprints(o, preprints.get(o.answered, ())) for o in kept]


def _with_preprints(published: Observed, preprints: Sequence[Observed]) -> Observed:
    more = [i for p in preprints for i in (p.answered, *p.facts.ids)]
    ids = tuple(dict.fromkeys((*published.facts.ids, *more)))
    return replace(published, facts=replace(published.facts, ids=ids)) if more else published


def _is_published(preprint: Observed, other: Observed) -> bool:
    mine, theirs = preprint.facts, other.facts
    if is_preprint(other) or theirs.venue is None:
        return False
    if squash(mine.title or "") != squash(theirs.title or "") or not squash(mine.title or ""):
        return False
    if mine.year and theirs.year and abs(mine.year - theirs.year) > _YEARS_APART:
        return False
    ours, others = _people(mine), _people(theirs)
    return bool(ours and others) and len(ours & others) / min(len(ours), len(others)) >= 0.5


def _people(facts: Facts) -> frozenset[str]:
    return frozenset(filter(None, map(squash, facts.authors)))
