"""Sources that fail, throttle or lie: what is said, what is stored, how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_world import Citewatch

from citewatch.sandbox import Sandbox


def counts(citewatch: Citewatch) -> dict[str, tuple[int | None, str]]:
    papers = citewatch("report", "--format", "json").data["papers"]
    return {p["key"]: (p.get("citations"), p.get("status", "")) for p in papers}


def test_one_source_that_fails_is_a_pass_done_in_part(
    listed: Sandbox, citewatch: Citewatch
) -> None:
    listed.set_fault("semantic_scholar", "down")
    said = citewatch("sync", "--format", "json")
    assert said.code == 3
    assert said.data["sources"]["semantic_scholar"]["status"] == "failed"
    assert said.data["sources"]["arxiv"]["status"] == "ok"


def test_when_every_source_fails_the_exit_code_says_so(
    listed: Sandbox, citewatch: Citewatch
) -> None:
    listed.set_fault("all", "reset")
    assert citewatch("sync").code == 4


@pytest.mark.parametrize(
    "fault", ["down", "zeros", "html", "empty", "truncated", "garbage", "null-counts", "reset"]
)
def test_a_fault_never_becomes_a_count(listed: Sandbox, citewatch: Citewatch, fault: str) -> None:
    citewatch("sync")
    before = {key: count for key, (count, _) in counts(citewatch).items()}
    listed.set_fault("semantic_scholar", fault)
    citewatch("sync", "--force")
    assert {key: count for key, (count, _) in counts(citewatch).items()} == before
    listed.set_fault("semantic_scholar", None)
    citewatch("sync", "--force")
    after = counts(citewatch)
    assert {status for _, status in after.values()} <= {"ok", "missing"}
    kinds = {c["kind"] for c in citewatch("changes", "--format", "json").data["changes"]}
    assert not kinds & {"drop", "milestone", "lost"}


def test_zeros_show_as_held_and_one_fault(listed: Sandbox, citewatch: Citewatch) -> None:
    citewatch("sync")
    listed.set_fault("semantic_scholar", "zeros")
    changes = citewatch("sync", "--force", "--format", "json").data["changes"]
    at_fault = [c["kind"] for c in changes if c["source"] == "semantic_scholar"]
    assert at_fault == ["source_fault"]
    assert "held" in {status for _, status in counts(citewatch).values()}


def test_a_source_that_asks_for_peace_is_left_alone_across_restarts(
    listed: Sandbox, citewatch: Citewatch
) -> None:
    listed.set_fault("semantic_scholar", "throttle-retry-after")
    said = citewatch("sync", "--format", "json")
    assert said.code == 3
    parked = said.data["sources"]["semantic_scholar"]
    assert parked["status"] == "parked"
    assert "until" in parked
    asked = [s for s in listed.requests if s.service == "semantic_scholar"]
    listed.set_fault("semantic_scholar", None)
    again = citewatch("sync", "--force")
    assert again.code == 3
    assert "semantic_scholar: parked" in again.out
    assert [s for s in listed.requests if s.service == "semantic_scholar"] == asked


def test_openreview_without_a_login_is_blocked_and_no_failure(
    listed: Sandbox, citewatch: Citewatch
) -> None:
    said = citewatch("sync")
    assert said.code == 0
    assert "openreview: blocked: needs a login" in said.out
    sources = citewatch("sources", "--format", "json").data["sources"]
    assert sources["openreview"]["status"] == "blocked"
    assert "login" in sources["openreview"]["advice"]


def test_openreview_with_a_login_gives_decisions(
    listed: Sandbox, citewatch: Citewatch, login: None
) -> None:
    said = citewatch("resolve", "--format", "json")
    assert said.data["sources"]["openreview"]["status"] == "ok"
    ids = {p["key"]: p["ids"] for p in said.data["papers"]}
    assert "openreview" in ids["general-cutting-planes-2022"]
    changes = citewatch("changes", "--format", "json").data["changes"]
    assert [c for c in changes if c["kind"] in ("accepted", "rejected")] == [], "a baseline"


def test_a_switched_off_source_is_not_asked(
    listed: Sandbox, citewatch: Citewatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITEWATCH_SOURCES__ARXIV__ENABLED", "false")
    said = citewatch("sync", "--format", "json")
    assert said.data["sources"]["arxiv"] == {"status": "off"}
    assert not [s for s in listed.requests if s.service == "arxiv"]


def test_a_single_source_can_be_asked(listed: Sandbox, citewatch: Citewatch) -> None:
    said = citewatch("sync", "--source", "semantic_scholar", "--format", "json")
    assert list(said.data["sources"]) == ["semantic_scholar"]
    wrong = citewatch("sync", "--source", "scopus")
    assert wrong.code == 2
    assert "semantic_scholar" in wrong.err


def test_a_refused_key_is_said_wherever_sources_are_shown(
    listed: Sandbox, citewatch: Citewatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S2_API_KEY", "an-expired-key-123")
    said = citewatch("sync", "--format", "json")
    assert said.code == 0
    assert "key was refused" in said.data["sources"]["semantic_scholar"]["note"]
    health = citewatch("sources", "--format", "json").data["sources"]["semantic_scholar"]
    assert health["key"] == "refused"
    assert "check the key" in health["advice"]
    for output in (said.out, citewatch("sources").out, citewatch("report").out):
        assert "an-expired-key-123" not in output


def test_resolve_works_beside_imported_papers_and_calls_nobody_unknown(
    listed: Sandbox, citewatch: Citewatch
) -> None:
    Path("h.csv").write_text("paper,source,date,count\nNobody,gs,2026-01-01,5\n", encoding="utf-8")
    assert citewatch("import-history", "h.csv", "--adopt").code == 0
    listed.set_fault("all", "html")
    said = citewatch("resolve")
    assert said.code == 4
    assert "no source knows" not in said.out
    assert "not answered yet" in said.out
    assert "Nobody" not in said.out
    imported = citewatch("report", "--watchlist", "imported", "--format", "json").data
    assert [p["citations"] for p in imported["papers"]] == [5]


def test_a_block_by_address_is_a_failure(listed: Sandbox, citewatch: Citewatch) -> None:
    listed.set_fault("all", "forbidden")
    assert citewatch("sync").code == 4
