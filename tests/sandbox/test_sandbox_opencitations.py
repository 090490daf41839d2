"""The stand-in's OpenCitations, by its documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from citewatch.sandbox.events import event
from citewatch.sandbox.http import Request, Response
from citewatch.sandbox.opencitations import OpenCitations
from citewatch.sandbox.world import DEFAULT_START, World

DAY_S = 86_400
NOW = DEFAULT_START + 3_600.0
ZOO = "doi:10.1145/3128572.3140448"
LATE = "doi:10.5555/jmr.2025.101"


@pytest.fixture(scope="module")
def citations(living_world: World) -> OpenCitations:
    return OpenCitations(living_world, limits=False)


def ask(
    service: OpenCitations,
    name: str,
    *,
    now: float = NOW,
    fault: str | None = None,
    target: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    path = f"/index/v2/citation-count/{name}"
    request = Request(
        method="GET", target=target or path, path=path, query={}, headers=headers or {}
    )
    return service.answer(request, now, fault)


def value(answer: Response) -> Any:
    assert answer.status == 200
    (row,) = json.loads(answer.body)
    return row["count"]


def test_a_count_is_a_string(citations: OpenCitations) -> None:
    count = value(ask(citations, ZOO))
    assert isinstance(count, str)
    assert int(count) > 100


@pytest.mark.parametrize("name", ["doi:10.9999/none", "pmid:123", "omid:br/0612345", "doi:x"])
def test_what_is_unknown_has_no_citations_like_what_is_not_cited(
    citations: OpenCitations, name: str
) -> None:
    assert value(ask(citations, name)) == "0"


def test_a_doi_in_capitals_is_unknown(citations: OpenCitations) -> None:
    assert int(value(ask(citations, "doi:10.1109/iccv.2019.00039"))) > 0
    assert value(ask(citations, "doi:10.1109/ICCV.2019.00039")) == "0"


def test_a_missing_prefix_or_an_escaped_slash_is_a_404(citations: OpenCitations) -> None:
    assert ask(citations, "10.1145/3128572.3140448").status == 404
    escaped = "/opencitations/index/v2/citation-count/doi:10.1145%2F3128572.3140448"
    assert ask(citations, ZOO, target=escaped).status == 404


def test_a_token_is_welcome_and_not_looked_at(citations: OpenCitations) -> None:
    assert ask(citations, ZOO, headers={"authorization": "anything"}).status == 200


def test_a_doi_counts_from_the_day_it_exists(citations: OpenCitations) -> None:
    day = event("arxiv_journal").first_day
    counts = [
        int(value(ask(citations, LATE, now=NOW + at * DAY_S))) for at in (day - 1, day, day + 500)
    ]
    assert counts[:2] == [0, 0]
    assert counts[2] > 0


def test_180_requests_a_minute(living_world: World) -> None:
    service = OpenCitations(living_world)
    assert {ask(service, ZOO).status for _ in range(180)} == {200}
    assert ask(service, ZOO).status == 429
    assert ask(service, ZOO, now=NOW + 60).status == 200


@pytest.mark.parametrize(
    ("fault", "shown"),
    [("zeros", "0"), ("null-counts", None), ("string-counts", "citations")],
)
def test_counts_go_wrong_on_demand(citations: OpenCitations, fault: str, shown: str | None) -> None:
    count = value(ask(citations, ZOO, fault=fault))
    assert count == shown or (shown and shown in count)


def test_a_count_may_be_left_out(citations: OpenCitations) -> None:
    assert json.loads(ask(citations, ZOO, fault="missing-counts").body) == [{}]
