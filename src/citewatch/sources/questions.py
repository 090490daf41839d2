"""Questions to a source that takes many at once: cut into batches, matched with records. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from citewatch.domain.identifiers import DOI, Identifier, canonical, is_askable
from citewatch.domain.papers import Observed, Outcome
from citewatch.ports import Ask, Readings


@dataclass(frozen=True, slots=True)
class Question:
    """One identifier, as the source writes it, and everybody who asks for it."""

    identifier: Identifier
    written: str
    asks: tuple[Ask, ...]

    @property
    def followed(self) -> frozenset[Identifier]:
        """The records that answered before."""
        return frozenset([ask.answered for ask in self.asks if ask.answered is not None])

    @property
    def casual(self) -> bool:
        """Whether the answer is not worth a request of its own."""
        return all(ask.casual for ask in self.asks)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of an answer, and the identifiers that it answers to."""

    keys: frozenset[Identifier]
    """Canonical; a question is answered by the record that has its identifier."""
    observed: Observed
    """``asked`` is filled in when the record has found its question."""


@dataclass(frozen=True, slots=True)
class Job:
    """Questions that one request is for."""

    questions: tuple[Question, ...]
    part: bool = False
    """Came out of halving a batch."""
    single: bool = False
    """Looks up one that a list did not have."""

    def halves(self) -> Iterator[Job]:
        """The same questions in two jobs."""
        middle = len(self.questions) // 2
        yield Job(self.questions[:middle], part=True)
        yield Job(self.questions[middle:], part=True)

    def all_end_in(self, outcome: Outcome) -> Readings:
        """One outcome for everybody who asks."""
        return [(ask, outcome) for question in self.questions for ask in question.asks]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much one request takes."""

    identifiers: int
    line_bytes: int
    """Room for the percent-encoded identifiers."""


def cut(questions: Sequence[Question], size: Size) -> Iterator[Job]:
    """Jobs of at most that size, in order; one that is too long by itself goes alone."""
    batch: list[Question] = []
    room = size.line_bytes
    for question in questions:
        needed = len(quote(question.written, safe="")) + 3  # and a separator
        if batch and (len(batch) == size.identifiers or needed > room):
            yield Job(tuple(batch))
            batch, room = [], size.line_bytes
        batch.append(question)
        room -= needed
    if batch:
        yield Job(tuple(batch))


def sort_out(
    asks: Sequence[Ask],
    *,
    write: Callable[[Identifier], str | None],
    group: Callable[[Identifier], str | None],
) -> tuple[dict[str | None, list[Question]], list[Ask]]:
    """Questions by group, each identifier once; and the asks that must not be sent."""
    by_id: dict[Identifier, list[Ask]] = {}
    for ask in asks:
        by_id.setdefault(ask.identifier, []).append(ask)
    groups: dict[str | None, list[Question]] = {}
    bad: list[Ask] = []
    for identifier, askers in by_id.items():
        written = write(identifier) if is_askable(identifier) else None
        if written is None:
            bad += askers
        else:
            question = Question(identifier, written, tuple(askers))
            groups.setdefault(group(identifier), []).append(question)
    return groups, bad


def match_records(
    questions: Sequence[Question], records: Sequence[Record]
) -> Iterator[tuple[Question, list[Observed]]]:
    """Each question with the records that answer to it, in the order of the answer."""
    by_key: dict[Identifier, list[Observed]] = {}
    for record in records:
        for key in record.keys:
            by_key.setdefault(key, []).append(record.observed)
    for question in questions:
        seen = by_key.get(question.identifier)
        if seen is None and question.identifier.scheme == DOI:
            # Keys are canonical, and arXiv's DOIs are not: they stand for arXiv ids.
            plain = canonical(DOI, question.identifier.value)
            seen = by_key.get(plain) if plain else None
        yield question, seen or []
