"""What Semantic Scholar's paper records mean. Pure; nothing raises.

https://api.semanticscholar.org/api-docs/graph#tag/Paper-Data
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from citewatch.domain.identifiers import (
    ACL,
    ARXIV,
    DBLP,
    DOI,
    MAG,
    PUBMED,
    SEMANTIC_SCHOLAR,
    Identifier,
    canonical,
    is_askable,
)
from citewatch.domain.papers import Facts, Failed, Found, Missing, Observed, Outcome
from citewatch.sources.answers import Answer, JsonValue, load_json, message, refused
from citewatch.sources.text import tidy, tidy_or_none
from citewatch.sources.values import count_or_none, day_of

# What is stored, and nothing else; one answer of 500 papers stays far below the 10 MB.
FIELDS = (
    "title,externalIds,corpusId,citationCount,influentialCitationCount,"
    "year,publicationDate,venue,authors"
)

KNOWN = "known"
"""The hint that comes back with papers that the service has answered about before."""

NO_VALID_IDS = "no valid paper ids"

_MISSING_RECORD = Failed(reason="shape", detail="not a paper record")
_WRONG_ORDER = Failed(reason="order", detail="a record at the place of another paper")

_SHA = re.compile(r"[0-9a-f]{40}")
_ARXIV_DOI = "10.48550/arxiv."
_PREFIXES = {ARXIV: "ARXIV:", DOI: "DOI:", ACL: "ACL:", PUBMED: "PMID:", MAG: "MAG:"}
_EXTERNAL = (
    ("ArXiv", ARXIV),
    ("DOI", DOI),
    ("ACL", ACL),
    ("PubMed", PUBMED),
    ("MAG", MAG),
    ("DBLP", DBLP),
)


def paper_id(identifier: Identifier) -> str | None:
    """The id as the service writes it; None for what must not be sent.

    One malformed element is said to fail a whole batch, so that only canonical values pass.
    """
    if not is_askable(identifier):
        return None
    if identifier.scheme == SEMANTIC_SCHOLAR:
        return identifier.value
    prefix = _PREFIXES.get(identifier.scheme)
    return None if prefix is None else prefix + identifier.value


def read_batch(answer: Answer, asked: Sequence[Identifier]) -> list[Outcome] | Failed:
    """Outcomes in the order of ``asked``: the answer is matched by position."""
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    if not isinstance(value, list):
        return Failed(reason="shape", detail=f"a {type(value).__name__} instead of a list")
    if len(value) != len(asked):
        words = f"{len(value)} records for {len(asked)} ids"
        return Failed(reason="shape", detail=words)
    outcomes = [_outcome(record, paper) for record, paper in zip(value, asked, strict=True)]
    return _in_order(outcomes, asked)


def _in_order(outcomes: list[Outcome], asked: Sequence[Identifier]) -> list[Outcome] | Failed:
    """The outcomes, unless records stand at the places of other papers than their own.

    The order is documented; were it ever another, each count would go to a wrong paper.
    """
    answered = dict(zip(asked, outcomes, strict=True))
    strays = {
        place
        for place, (outcome, paper) in enumerate(zip(outcomes, asked, strict=True))
        if type(outcome) is Observed and _is_elsewhere(outcome, paper, answered)
    }
    if not strays:
        return outcomes
    if 2 * len(strays) > sum(type(outcome) is Observed for outcome in outcomes):
        return _WRONG_ORDER
    return [_WRONG_ORDER if n in strays else outcome for n, outcome in enumerate(outcomes)]


def _is_elsewhere(
    outcome: Observed, paper: Identifier, answered: Mapping[Identifier, Outcome]
) -> bool:
    """Whether a record names another paper of the batch, to which another record was given.

    Papers that were merged come as one record, twice, under ids of which it has only one.
    """
    ids = outcome.facts.ids
    if paper in ids or paper == outcome.answered or canonical(paper.scheme, paper.value) in ids:
        return False
    others = [answered[i] for i in (outcome.answered, *ids) if i in answered]
    return any(type(o) is not Observed or o.answered != outcome.answered for o in others)


def _outcome(record: JsonValue, asked: Identifier) -> Outcome:
    if record is None:
        return Missing(asked=asked)
    observed = read_record(record, asked)
    if type(observed) is Observed and observed.citation_count is None:
        # null, negative, a string: no reading, and above all not 0.
        return Failed(reason="count", detail="no usable citationCount")
    return observed


def read_record(record: JsonValue, asked: Identifier | None) -> Observed | Failed:
    """One record; ``citation_count`` is None where it holds no usable number.

    ``asked`` None means that the record came from a search and was asked by nothing
    but its own id.
    """
    if type(record) is not dict:
        return _MISSING_RECORD
    sha = record.get("paperId")
    answered = None
    if type(sha) is str:
        plain = _SHA.fullmatch(sha) is not None
        answered = Identifier(SEMANTIC_SCHOLAR, sha) if plain else canonical(SEMANTIC_SCHOLAR, sha)
    if answered is None:
        return Failed(reason="shape", detail="a record without paperId")
    return Observed(
        asked=asked or answered,
        answered=answered,
        citation_count=count_or_none(record.get("citationCount")),
        influential_count=count_or_none(record.get("influentialCitationCount")),
        facts=facts_of(record, asked),
        hint=KNOWN,
    )


def facts_of(record: dict[str, JsonValue], asked: Identifier | None = None) -> Facts:
    """What a record says of its paper, whether or not it has a paperId."""
    ids = _ids(record, asked)
    year = record.get("year")
    return Facts(
        title=tidy_or_none(record.get("title")),
        authors=_authors(record.get("authors")),
        year=year if type(year) is int and 1000 <= year <= 2200 else None,
        published_on=day_of(record.get("publicationDate")),
        venue=tidy_or_none(record.get("venue")),
        doi=next((i.value for i in ids if i.scheme == DOI), None),
        ids=ids,
    )


def _authors(value: JsonValue) -> tuple[str, ...]:
    if type(value) is not list:
        return ()
    names = [a.get("name") for a in value if type(a) is dict]
    return tuple([tidy(name) for name in names if type(name) is str and name])


def _ids(record: dict[str, JsonValue], asked: Identifier | None) -> tuple[Identifier, ...]:
    """Identifiers elsewhere. An arXiv DOI becomes the arXiv id that it stands for."""
    external = record.get("externalIds")
    if type(external) is not dict:
        external = {}
    found: list[Identifier] = []
    for name, scheme in _EXTERNAL:
        value = external.get(name)
        if type(value) is not str:
            continue
        if asked is not None and value == asked.value and scheme == asked.scheme:
            found.append(asked)  # was canonical when it was sent
            continue
        if scheme == DOI and found and value.lower() == _ARXIV_DOI + found[0].value:
            continue  # nearly every preprint: the arXiv id once more
        identifier = canonical(scheme, value)
        # Only a DOI can say again what was there before.
        if identifier is not None and (scheme != DOI or identifier not in found):
            found.append(identifier)
    corpus = external.get("CorpusId", record.get("corpusId"))
    if type(corpus) is int and 0 < corpus < 10**15:
        found.append(Identifier(SEMANTIC_SCHOLAR, f"CorpusId:{corpus}"))
    return tuple(found)


def says_no_valid_ids(answer: Answer) -> bool:
    """Whether this is the 400 of a batch in which no id resolves."""
    return answer.status == 400 and NO_VALID_IDS in message(answer).lower()


def says_too_much(answer: Answer) -> bool:
    """Whether this is the 400 (or 413) of an answer above the service's 10 MB."""
    if answer.status == 413:
        return True
    return answer.status == 400 and "maximum size" in message(answer).lower()


def read_match(answer: Answer) -> Found | Failed:
    """The answer of ``/paper/search/match``: at most one candidate in practice.

    A candidate without a usable count is kept, with ``citation_count`` None: it says
    who the paper is, and the count is asked for by its id.
    """
    if answer.status == 404 and "match not found" in message(answer).lower():
        return Found(candidates=())
    if answer.status != 200:
        return refused(answer)
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    data = value.get("data") if type(value) is dict else None
    if type(data) is not list:
        return Failed(reason="shape", detail="no list of matches")
    read = [read_record(record, None) for record in data[:20]]
    return Found(candidates=tuple(o for o in read if isinstance(o, Observed)))
