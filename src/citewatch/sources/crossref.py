"""Crossref: counts of published DOIs, 50 in a list; retractions, corrections, preprints.

https://api.crossref.org, limits since December 2025: https://doi.org/10.64000/wadve-3tj60.
DOIs of arXiv belong to another agency and are unknown here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from citewatch.domain.identifiers import DOI, Identifier
from citewatch.domain.papers import Blocked, Failed, Found, Missing, Outcome, Reference
from citewatch.ports import Quota
from citewatch.sources.answers import Answer
from citewatch.sources.crossref_works import (
    FIELDS,
    NEEDED,
    Limits,
    read_limits,
    read_list,
    read_search,
    read_work,
    refused_fields,
)
from citewatch.sources.http import Call
from citewatch.sources.one_first import OneFirst
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.polite import Refusal
from citewatch.sources.questions import Question, Record
from citewatch.sources.text import tidy

POLITE_IN_FLIGHT, PUBLIC_IN_FLIGHT = 3, 1
"""Requests at once in the pool of those who say who they are, and in the other."""
_SHORT_OF = Failed(reason="incomplete", detail="the list may have left this DOI out")
_QUERY_LENGTH, _NAME_LENGTH = 300, 80


class Crossref(OneFirst):
    """Asks by DOI; a title finds the published version where there is one."""

    name = "crossref"
    label = "Crossref"
    counts = True
    schemes = (DOI,)
    home = "https://api.crossref.org"
    max_batch = 50
    interval_s = 1.0
    follows_published = True
    """A preprint and its publication are two DOIs, each with a count of its own."""

    def __init__(self, options: SourceOptions, tools: Tools) -> None:
        self._mailto = tools.contact.strip()
        # Lists may leave every second, and answers take three: only with three under way
        # is the pace reached. Who does not say who they are may have one.
        self._most = POLITE_IN_FLIGHT if self._mailto else PUBLIC_IN_FLIGHT
        super().__init__(replace(options, max_in_flight=options.max_in_flight or self._most), tools)
        self._fields: tuple[str, ...] = FIELDS
        self._told = Limits()
        self._remarks: list[str] = []
        self._short_of: set[Identifier] = set()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about how it went, in sentences."""
        return (*super().notes, *self._remarks)

    def auth(self, key: str) -> Mapping[str, str]:
        """The way in which members who pay ("Plus") send theirs; nobody else needs one."""
        return {"Crossref-Plus-API-Token": f"Bearer {key}"}

    # --- lists --------------------------------------------------------------------

    def write(self, identifier: Identifier) -> str | None:
        """The filter that finds the DOI."""
        return f"doi:{identifier.value}" if identifier.scheme == DOI else None

    def group(self, identifier: Identifier) -> str | None:
        """A comma would end the filter's value: such a DOI is looked up by itself."""
        return None if "," in identifier.value else ""

    def call(self, questions: Sequence[Question]) -> Call:
        """One list; room for twice as many rows, should the index hold a record twice."""
        filters = ",".join(question.written for question in questions)
        return self._list(("filter", filters), rows=2 * len(questions))

    def _list(self, asked: tuple[str, str], *, rows: int) -> Call:
        params = (asked, ("rows", str(rows)), ("select", ",".join(self._fields)), *self._who())
        return Call(url=f"{self.base}/works", params=params)

    def _who(self) -> Sequence[tuple[str, str]]:
        return [("mailto", self._mailto)] if self._mailto else []

    def read(self, answer: Answer, questions: Sequence[Question]) -> Sequence[Record] | Failed:
        """The records of a list; misses are absent from it."""
        works = read_list(answer)
        if isinstance(works, Failed):
            return works
        if not works.whole:
            self._short_of |= {question.identifier for question in questions}
        return [Record(frozenset((seen.answered,)), seen) for seen in works.observed]

    def absent(self, question: Question) -> Outcome:
        """Missing, unless the list was not whole."""
        if question.identifier in self._short_of:
            return _SHORT_OF
        return Missing(asked=question.identifier)

    # --- one DOI ----------------------------------------------------------------------

    def single(self, question: Question) -> Call | None:
        """One with a comma; for all others the list's word is enough. It takes no select."""
        if self.group(question.identifier) is not None:
            return None
        doi = quote(question.identifier.value, safe="")
        return Call(url=f"{self.base}/works/{doi}", params=self._who())

    def read_single(self, answer: Answer, question: Question) -> Outcome:
        """The outcome of a look-up by itself."""
        seen = read_work(answer)
        if seen is None:
            return Missing(asked=question.identifier)
        return seen if isinstance(seen, Failed) else self.settle(seen, question)

    # --- titles -----------------------------------------------------------------------

    def search_call(self, reference: Reference) -> Call | None:
        """Title and first author; five rows, since comments and reviews bear a paper's title."""
        title = tidy(reference.title)[:_QUERY_LENGTH]
        if not title:
            return None
        author = tidy(reference.authors[0])[:_NAME_LENGTH] if reference.authors else ""
        return self._list(("query.bibliographic", f"{title} {author}".strip()), rows=5)

    def read_search(self, answer: Answer) -> Found | Failed:
        """Candidates with all that their DOI would give."""
        return read_search(answer)

    # --- limits -----------------------------------------------------------------------

    def gap_s(self) -> float:
        """The user's pace or ours, slower where the service says so.

        A ``min_interval`` of 0 means no pacing at all, for servers of one's own.
        """
        own = super().gap_s()
        return max(own, self._told.gap_s or 0.0) if own > 0 else own

    def heed(self, answer: Answer) -> Quota | None:
        """Learn the pool's limits; there is no allowance that could run out.

        Lists and single look-ups have limits of their own: the narrower ones hold.
        """
        self._told = self._told.narrowed(read_limits(answer))
        return None

    def places(self, answer: Answer) -> int:
        """As many at once as the pool allows."""
        del answer
        return self._told.in_flight or self._most

    # --- fields -------------------------------------------------------------------------

    async def send(self, call: Call) -> Answer | Refusal | Blocked:
        """One question, again without fields that the service no longer knows."""
        while True:
            asked = self._fields if any(name == "select" for name, _ in call.params) else ()
            answer = await super().send(_with_fields(call, asked))
            if not isinstance(answer, Answer) or answer.status != 400:
                return answer
            if not self._forgo(answer, asked):
                return answer

    def _forgo(self, answer: Answer, asked: Sequence[str]) -> bool:
        """Strike the fields that a 400 refuses; False when it is about something else."""
        refused = refused_fields(answer)
        if refused is None or not asked:
            return False
        gone = refused & set(asked)
        if not gone or gone & NEEDED:
            gone = frozenset(asked)  # whole records instead
        for name in self._fields:
            if name in gone:
                self._remarks.append(f"no longer gives {name} in lists; asked without it")
        self._fields = tuple(name for name in self._fields if name not in gone)
        return True


def _with_fields(call: Call, fields: Sequence[str]) -> Call:
    """The same call for these fields; whole records without any."""
    params = [param for param in call.params if param[0] != "select"]
    if fields:
        params.append(("select", ",".join(fields)))
    return replace(call, params=tuple(params))
