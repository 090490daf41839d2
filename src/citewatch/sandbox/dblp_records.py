"""DBLP's graph: a record for each publication of a paper, its people and their signatures.

A preprint (CoRR) and the publication are two records, under the same title with a full stop.
DOIs are IRIs in the publisher's spelling, and IRIs are compared letter by letter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from citewatch.sandbox.dblp_query import Term
from citewatch.sandbox.dblp_sparql import RDF_TYPE
from citewatch.sandbox.events import event
from citewatch.sandbox.known import ALWAYS, Known, inverted, known_papers
from citewatch.sandbox.records import DAY_S, number_of
from citewatch.sandbox.titles import words
from citewatch.sandbox.world import World

SCHEMA = "https://dblp.org/rdf/schema#"
RECORDS = "https://dblp.org/rec/"
PEOPLE = "https://dblp.org/pid/"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
DOIS = "https://doi.org/"
PREPRINT_VENUE = "CoRR"
SERIES = {
    "Neural Information Processing Systems": "NeurIPS",
    "Machine Learning": "ICML",
    "Learning Representations": "ICLR",
    "European Conference on Computer Vision": "ECCV",
    "Computer Vision": "ICCV",
    "AAAI Conference": "AAAI",
    "North American Chapter": "NAACL",
    "Computational Linguistics": "ACL",
    "Empirical Methods": "EMNLP",
    "Data Mining": "ICDM",
}
"""What a venue's name holds, and what DBLP calls the venue; the first that fits."""
_XSD = "http://www.w3.org/2001/XMLSchema#"
_BIBTEX = "http://purl.org/net/nknouf/ns/bibtex#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One record of DBLP."""

    iri: str
    title: str
    authors: tuple[str, ...]
    venue: str
    year: int
    doi: str | None
    since: float
    """Epoch seconds from which on the record exists."""


def publications(world: World) -> tuple[Publication, ...]:
    """All records, by paper: of those that have an arXiv id or a DOI."""
    return tuple(found for paper in known_papers(world) for found in _of_paper(paper, world))


def _of_paper(paper: Known, world: World) -> Iterator[Publication]:
    title = paper.title.rstrip(".") + "."
    if paper.arxiv:
        yield Publication(
            iri=f"{RECORDS}journals/corr/abs-{re.sub('[./]', '-', paper.arxiv)}",
            title=title,
            authors=paper.authors,
            venue=PREPRINT_VENUE,
            year=2000 + int(paper.arxiv[:2]) if paper.arxiv[:2].isdecimal() else paper.year,
            doi=f"10.48550/arXiv.{paper.arxiv}",
            since=ALWAYS,
        )
    if paper.doi or (paper.arxiv and paper.venue):
        venue = _venue(paper.venue)
        yield Publication(
            iri=f"{RECORDS}{_kind(venue)}/{venue.lower().replace(' ', '')}/{_short(paper)}",
            title=title,
            authors=paper.authors,
            venue=venue,
            year=paper.year,
            doi=paper.doi if paper.doi_at == ALWAYS else None,
            since=_since(paper, world),
        )


def _since(paper: Known, world: World) -> float:
    late = event("dblp_published")
    if world.eventful and paper.key == f"p{late.paper}":
        return world.start + late.first_day * DAY_S
    return ALWAYS


def _venue(name: str | None) -> str:
    if name is None:
        return "J. Made Up Res."
    return next((short for part, short in SERIES.items() if part in name), name)


def _kind(venue: str) -> str:
    meeting = venue in SERIES.values() or "Conference" in venue or "Workshop" in venue
    return "conf" if meeting else "journals"


def _short(paper: Known) -> str:
    """``ZhangWXL22-p1``: family names, year; the world's own key keeps it apart."""
    first = "".join(words(inverted(paper.authors[0]).partition(",")[0])).capitalize()
    rest = "".join(inverted(name)[0].upper() for name in paper.authors[1:4])
    return f"{first}{rest}{paper.year % 100:02d}-{paper.key}"


class DblpGraph:
    """The records of one world, and who stands behind which DOI, title and name."""

    def __init__(self, world: World) -> None:
        self.records = {found.iri: found for found in publications(world)}
        self.people: dict[str, str] = {}
        """Names by the IRI of the person."""
        self.by_object: dict[tuple[str, Term], list[Term]] = defaultdict(list)
        """Records by predicate and object, for the predicates that people ask by."""
        for found in self.records.values():
            self.people |= {_person(name): name for name in found.authors}
            subject = Term("uri", found.iri)
            self.by_object[SCHEMA + "title", Term("literal", found.title)].append(subject)
            if found.doi:
                self.by_object[SCHEMA + "doi", Term("uri", DOIS + found.doi)].append(subject)


@dataclass(frozen=True, slots=True)
class DblpView:
    """The graph as it stands at one time."""

    graph: DblpGraph
    now: float

    def subjects(self, predicate: str, found: Term | None) -> Iterable[Term]:
        """Subjects that have a predicate, with an object or with any."""
        if predicate in (SCHEMA + "doi", SCHEMA + "title") and found is not None:
            return self.graph.by_object.get((predicate, found), ())
        local = predicate.removeprefix(SCHEMA)
        if local.startswith("signature"):
            return [
                sign
                for iri in self.graph.records
                for sign in self.objects(Term("uri", iri), SCHEMA + "hasSignature")
            ]
        if local in ("primaryCreatorName", "creatorName"):
            return [Term("uri", iri) for iri in self.graph.people]
        return [Term("uri", iri) for iri in self.graph.records]

    def objects(self, subject: Term, predicate: str) -> tuple[Term, ...]:
        """What a subject has under a predicate; nothing for what is not known."""
        if subject.value in self.graph.people:
            return self._of_person(self.graph.people[subject.value], predicate)
        if subject.kind == "bnode":
            return self._of_signature(subject.value, predicate)
        record = self.graph.records.get(subject.value)
        if record is None or record.since > self.now:
            return ()
        if predicate == RDF_TYPE:
            kind = "Informal" if record.venue == PREPRINT_VENUE else _type(record)
            return (Term("uri", SCHEMA + "Publication"), Term("uri", SCHEMA + kind))
        if predicate == LABEL:
            people = ", ".join(_signed(name) for name in record.authors)
            return (Term("literal", f"{people}: {record.title} ({record.year})"),)
        return self._of_record(record, predicate.removeprefix(SCHEMA))

    def _of_record(self, record: Publication, local: str) -> tuple[Term, ...]:
        match local:
            case "title":
                return (Term("literal", record.title),)
            case "publishedIn":
                return (Term("literal", record.venue),)
            case "yearOfPublication":
                return (Term("literal", str(record.year), _XSD + "gYear"),)
            case "doi" | "documentPage" | "primaryDocumentPage":
                return (Term("uri", DOIS + record.doi),) if record.doi else ()
            case "authoredBy":
                return tuple(Term("uri", _person(name)) for name in record.authors)
            case "numberOfCreators":
                return (Term("literal", str(len(record.authors)), _XSD + "integer"),)
            case "bibtexType":
                return (Term("uri", _BIBTEX + _type(record)),)
            case "hasSignature":
                return tuple(
                    Term("bnode", f"{record.iri} {at}") for at in range(len(record.authors))
                )
        return ()

    def _of_person(self, name: str, predicate: str) -> tuple[Term, ...]:
        if predicate in (LABEL, SCHEMA + "primaryCreatorName", SCHEMA + "creatorName"):
            return (Term("literal", _signed(name)),)
        return (Term("uri", SCHEMA + "Person"),) if predicate == RDF_TYPE else ()

    def _of_signature(self, sign: str, predicate: str) -> tuple[Term, ...]:
        iri, _, at = sign.rpartition(" ")
        name = self.graph.records[iri].authors[int(at)]
        match predicate.removeprefix(SCHEMA):
            case "signatureDblpName":
                return (Term("literal", _signed(name)),)
            case "signatureOrdinal":
                return (Term("literal", str(int(at) + 1), _XSD + "integer"),)
            case "signatureCreator":
                return (Term("uri", _person(name)),)
            case "signaturePublication":
                return (Term("uri", iri),)
        return ()


def _type(record: Publication) -> str:
    return "Inproceedings" if record.iri.startswith(RECORDS + "conf/") else "Article"


def _person(name: str) -> str:
    text = name.strip()
    return f"{PEOPLE}{number_of(text, 400)}/{number_of('pid/' + text, 90_000)}"


def _signed(name: str) -> str:
    """The name as DBLP writes it: with a number where several people have it."""
    name = name.strip()
    return f"{name} 0001" if number_of("homonym/" + name, 6) == 0 else name
