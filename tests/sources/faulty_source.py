"""A source made up for the suite itself: right as it stands, wrong in one way on demand."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from source_kit import Kit
from source_world import Reply, Request, json_reply

from citewatch.domain.identifiers import PUBMED, Identifier
from citewatch.domain.papers import Facts, Failed, Missing, Observed, Outcome
from citewatch.ports import Ask, Readings
from citewatch.sources.answers import Answer, JsonValue, load_json
from citewatch.sources.batched import BatchedSource, Question, Record
from citewatch.sources.http import Call
from citewatch.sources.registry import SourceSpec
from citewatch.sources.text import tidy_or_none
from citewatch.sources.values import count_or_none

KNOWN = {"101": 900, "102": 0, "103": 12}


class Right(BatchedSource):
    """Made-up papers by PubMed id, several a request."""

    name = "made"
    label = "Made"
    schemes = (PUBMED,)
    home = "https://made.example"

    def write(self, identifier: Identifier) -> str | None:
        return identifier.value if identifier.scheme == PUBMED else None

    def call(self, questions: Sequence[Question]) -> Call:
        ids = ",".join(question.written for question in questions)
        return Call(url=f"{self.base}/papers", params=(("ids", ids),))

    def read(self, answer: Answer, questions: Sequence[Question]) -> Sequence[Record] | Failed:
        rows = self.rows(answer)
        if isinstance(rows, Failed):
            return rows
        return [self.record(row, question) for row, question in self.pairs(rows, questions)]

    def rows(self, answer: Answer) -> list[dict[str, JsonValue]] | Failed:
        value = load_json(answer)
        if isinstance(value, Failed):
            return value
        rows = value.get("papers") if type(value) is dict else None
        if type(rows) is not list:
            return Failed(reason="shape", detail="no list of papers")
        return [row for row in rows if type(row) is dict and type(row.get("id")) is str]

    def pairs(
        self, rows: Sequence[dict[str, JsonValue]], questions: Sequence[Question]
    ) -> list[tuple[dict[str, JsonValue], Identifier]]:
        del questions
        return [(row, Identifier(PUBMED, str(row["id"]))) for row in rows]

    def record(self, row: dict[str, JsonValue], paper: Identifier) -> Record:
        observed = Observed(
            asked=paper,
            answered=paper,
            citation_count=self.count(row.get("cites")),
            facts=Facts(title=self.title(row.get("title"))),
        )
        return Record(frozenset((paper,)), observed)

    def title(self, value: JsonValue) -> str | None:
        return tidy_or_none(value)

    def count(self, value: JsonValue) -> int | None:
        return count_or_none(value)


class NullIsZero(Right):
    def count(self, value: JsonValue) -> int | None:
        return 0 if value is None else count_or_none(value)


class TrueIsOne(Right):
    def count(self, value: JsonValue) -> int | None:
        return int(value) if isinstance(value, int) and 0 <= value < 10**7 else None


class TextIsNumber(Right):
    def count(self, value: JsonValue) -> int | None:
        return int(value) if isinstance(value, str) and value.isdigit() else count_or_none(value)


class MissIsZero(Right):
    def absent(self, question: Question) -> Outcome:
        return Observed(asked=question.identifier, answered=question.identifier, citation_count=0)


class ByPosition(Right):
    def pairs(
        self, rows: Sequence[dict[str, JsonValue]], questions: Sequence[Question]
    ) -> list[tuple[dict[str, JsonValue], Identifier]]:
        return [(row, q.identifier) for row, q in zip(rows, questions, strict=False)]


class Raises(Right):
    def rows(self, answer: Answer) -> list[dict[str, JsonValue]] | Failed:
        papers: list[dict[str, JsonValue]] = json.loads(answer.body)["papers"]
        return papers


class AnyPageIsEmpty(Right):
    def rows(self, answer: Answer) -> list[dict[str, JsonValue]] | Failed:
        rows = super().rows(answer)
        return [] if isinstance(rows, Failed) else rows


class ForgetsOne(Right):
    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        async for readings in super().fetch(asks[1:]):
            yield readings


class SaysTwice(Right):
    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        async for readings in super().fetch(asks):
            yield readings
            yield readings


class Rushes(Right):
    def gap_s(self) -> float:
        return 0.0


class TakesNoHint(Right):
    """A 429 is like any other refusal."""

    def is_settled(self, answer: Answer) -> bool:
        return True


class ShowsItsKey(Right):
    def call(self, questions: Sequence[Question]) -> Call:
        call = super().call(questions)
        return replace(call, params=(*call.params, ("api_key", self.key.value)))


class TellsItsKey(Right):
    @property
    def notes(self) -> tuple[str, ...]:
        return (f"asked with {self.key.value}",)


class NeverSoiled(Right):
    def title(self, value: JsonValue) -> str | None:
        return value if isinstance(value, str) else None


class DropsThePath(Right):
    def call(self, questions: Sequence[Question]) -> Call:
        host = "/".join(self.base.split("/")[:3])
        return replace(super().call(questions), url=f"{host}/papers")


class AsksAlong(Right):
    max_batch = 2

    def spare(self, asks: Sequence[Ask]) -> int:
        return 10


class SendsAnything(Right):
    """What is malformed is asked like the rest, and is unknown."""

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        async for readings in super().fetch(asks):
            yield [
                (ask, Missing(asked=ask.identifier) if _is_bad(outcome) else outcome)
                for ask, outcome in readings
            ]


def _is_bad(outcome: Outcome) -> bool:
    return isinstance(outcome, Failed) and outcome.reason == "bad_id"


def answer(request: Request) -> Reply:
    """In an order of its own, without the unknown."""
    asked = request.query["ids"].split(",")
    found = sorted((pmid for pmid in asked if pmid in KNOWN), reverse=True)
    rows = [{"id": pmid, "title": f"Paper {pmid}", "cites": KNOWN[pmid]} for pmid in found]
    return json_reply({"papers": rows})


def kit_of(kind: type[Right]) -> Kit:
    """A kit for the source, or for one that is wrong in one way."""
    name = kind.__name__.lower()
    made = type(kind.__name__, (kind,), {"name": name})
    return Kit(
        name=name,
        scheme=PUBMED,
        known=tuple(KNOWN),
        unknown=("901", "902", "903"),
        malformed="PMC101",
        answer=answer,
        spec=SourceSpec(name=name, label="Made", counts=True, schemes=(PUBMED,), make=made),
        count="cites",
        searches=False,
    )
