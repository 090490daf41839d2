"""Services made from their specifications: whatever is asked, an answer that the schema allows.

Every property of a record is drawn by the tool from its own schema. `Honest` mocks also
keep what the specifications say in words alone: a record for each id in its order
(Semantic Scholar), records of what was asked for (OpenAlex), identifiers in the form of the
examples, no count below zero. `Wild` ones keep to the schema and to nothing else: a
property may lack or hold any value of its type, unknown ones come along, and any documented
error may come instead.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from copy import deepcopy
from itertools import count
from urllib.parse import unquote

from source_world import Reply, Request, json_reply
from spec_world import Json, Spec

COUNT = {"minimum": 0, "maximum": 2_000_000}
S2_PAPER = {"$ref": "#/definitions/FullPaper"}
S2_MATCH = {"$ref": "#/definitions/Title Match Paper"}
WORK = {"$ref": "#/components/schemas/Work"}


class Mock(ABC):
    """Answers every request that the specification allows; notes those that it does not."""

    count_name: str
    null_anywhere = False

    def __init__(self, spec: Spec, *, start: int) -> None:
        self.spec = spec
        self.complaints: list[str] = []
        self.counts: dict[str, set[str]] = {}
        """Every count that was served, as JSON, by what the paper was asked for as."""
        self.asked = 0
        self._start = start
        self._turns: dict[str, Iterator[int]] = {}

    def __call__(self, request: Request) -> Reply:
        complaints = self.spec.complaints(request)
        if complaints:
            self.complaints += complaints
            return json_reply({"error": complaints[0]}, 400)
        self.asked += 1
        return self.answer(request, self.spec.label(request))

    @abstractmethod
    def answer(self, request: Request, label: str) -> Reply:
        """The answer to a request that is allowed."""

    def one(self, schema: Json) -> Json:
        """The next value of a schema; a copy, so that it can be completed."""
        values = self.spec.draw(schema)
        return deepcopy(values[self._turn(json.dumps(schema, sort_keys=True)) % len(values)])

    def _turn(self, name: str) -> int:
        return next(self._turns.setdefault(name, count(self._start)))

    def whole(self, schema: Json, names: Collection[str]) -> dict[str, Json]:
        """A record with all of these properties."""
        properties = self.spec.follow(schema)["properties"]
        narrower = {self.count_name: COUNT}
        return {n: self.one({**properties[n], **narrower.get(n, {})}) for n in sorted(names)}

    def loose(self, schema: Json, names: Collection[str]) -> dict[str, Json]:
        """A record with most of these properties, and with others."""
        properties = self.spec.follow(schema)["properties"]
        record: dict[str, Json] = self.one({"type": "object"})
        turn = self._turn("loose")
        for number, name in enumerate(sorted(names)):
            match (turn + 3 * number) % 8:
                case 0:
                    record.pop(name, None)
                case 1 if self.null_anywhere:
                    record[name] = None
                case _:
                    record[name] = self.one(properties[name])
        return record

    def error(self, label: str) -> Reply | None:
        """One of the documented errors, for every fifth question."""
        known = self.spec.answers(label.split(" ")[1], label.split(" ")[0])
        errors = [status for status in sorted(known) if status != 200]
        if self.asked % 5 or not errors:
            return None
        status = errors[self.asked // 5 % len(errors)]
        return json_reply(self.one(known[status]), status)

    def served(self, written: str, record: Json) -> Json:
        """Keep the count that a record has for what was asked."""
        self.counts.setdefault(written, set()).add(json.dumps(record.get(self.count_name)))
        return record


def number_of(text: str) -> int:
    """A number that a text always gets, other texts hardly ever."""
    return int(hashlib.sha1(text.lower().encode(), usedforsecurity=False).hexdigest()[:12], 16)


# --- Semantic Scholar -------------------------------------------------------------------


class HonestS2(Mock):
    count_name = "citationCount"

    def answer(self, request: Request, label: str) -> Reply:
        names = {"paperId", *request.query["fields"].split(",")}
        if label == "GET /paper/search/match":
            title = request.query["query"]
            record = self.record(S2_MATCH, names | {"matchScore"}, title)
            return json_reply({"data": [{**record, "title": title}]})
        ids = json.loads(request.body)["ids"]
        return json_reply([self.record(S2_PAPER, names, written) for written in ids])

    def record(self, schema: Json, names: set[str], written: str) -> Json:
        record = {**self.whole(schema, names), "paperId": f"{number_of(written):040x}"}
        return self.served(written, record)


class WildS2(Mock):
    count_name = "citationCount"
    # "Will have a null value", "may be missing", it says; in words, of some.
    null_anywhere = True

    def answer(self, request: Request, label: str) -> Reply:
        if (error := self.error(label)) is not None:
            return error
        as_it_stands = self.spec.answers(label.split(" ")[1], request.method)[200]
        # The document gives one record where a list of them comes, as its own example
        # shows: every seventh answer is that.
        if label == "GET /paper/search/match" or self.asked % 7 == 0:
            return json_reply(self.one(as_it_stands))
        names = {"paperId", *request.query["fields"].split(",")}
        ids = json.loads(request.body)["ids"]
        return json_reply([self.record(names, written) for written in ids])

    def record(self, names: set[str], written: str) -> Json:
        """Two of three say who they are: the others would hide what else a record may hold."""
        record = self.loose(S2_PAPER, names)
        if self._turn("named") % 3:
            record["paperId"] = f"{number_of(written):040x}"
        return self.served(written, record)


# --- OpenAlex -----------------------------------------------------------------------------


def chosen(request: Request) -> set[str]:
    return set(request.query["select"].split(",")) if "select" in request.query else {"id"}


class HonestOpenAlex(Mock):
    count_name = "cited_by_count"

    def answer(self, request: Request, label: str) -> Reply:
        names = chosen(request)
        if label == "GET /works/{id}":
            scheme, _, value = unquote(request.path.rpartition("/")[2]).rpartition(":")
            return json_reply(self.record(names, scheme or "openalex", value))
        name, _, values = request.query.get("filter", "").partition(":")
        if name.endswith(".search") or not name:
            record = self.record(names, "title", values or request.query.get("search", ""))
            return json_reply({"meta": {"count": 1}, "results": [record]})
        records = [self.record(names, name, value) for value in reversed(values.split("|"))]
        return json_reply({"meta": {"count": len(records)}, "results": records})

    def record(self, names: set[str], asked_by: str, value: str) -> Json:
        record = {**self.whole(WORK, names), **said_of(names, asked_by, value)}
        return self.served(value, record)


class WildOpenAlex(Mock):
    count_name = "cited_by_count"

    def answer(self, request: Request, label: str) -> Reply:
        if (error := self.error(label)) is not None:
            return error
        names = chosen(request)
        if label == "GET /works/{id}":
            scheme, _, value = unquote(request.path.rpartition("/")[2]).rpartition(":")
            return json_reply(self.record(names, scheme or "openalex", value))
        answer = self.one(self.spec.answers("/works", "GET")[200])
        # Nothing drawn at random is ever the work that was asked for: most lists hold
        # records of it, with whatever else they have.
        name, _, values = request.query.get("filter", "").partition(":")
        if self.asked % 7 and name and not name.endswith(".search"):
            answer["results"] = [self.record(names, name, v) for v in values.split("|")]
        return json_reply(answer)

    def record(self, names: set[str], asked_by: str, value: str) -> Json:
        """Two of three say who they are."""
        record = self.loose(WORK, names)
        if self._turn("named") % 3:
            record |= said_of(names, asked_by, value)
        return self.served(value, record)


def said_of(names: set[str], asked_by: str, value: str) -> dict[str, Json]:
    """What a record must say for it to be the one that was asked for."""
    key = value if asked_by.endswith("openalex") else f"W{number_of(value) % 10**10 + 10**4}"
    said: dict[str, Json] = {
        "id": f"https://openalex.org/{key.rpartition('/')[2]}",
        "doi": None,
        "ids": {},
    }
    match asked_by.removeprefix("ids."):
        case "doi":
            said["doi"] = f"https://doi.org/{value.removeprefix('https://doi.org/').lower()}"
        case "pmid":
            said["ids"]["pmid"] = f"https://pubmed.ncbi.nlm.nih.gov/{value.rpartition('/')[2]}"
        case "mag":
            said["ids"]["mag"] = int(value)
        case "locations.landing_page_url":
            said["locations"] = [{"landing_page_url": value}]
        case "title":
            said |= {"title": value, "display_name": value}
    return {name: given for name, given in said.items() if name in names}
