"""OpenReview's own traps: the wall, two APIs, wrapped values, decisions, ratings, budgets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from source_kits import or_answer, or_error, or_note
from source_world import (
    START,
    MemoryGate,
    Reply,
    Request,
    asks_for,
    fetched,
    json_reply,
    searched,
    world,
)

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import (
    Blocked,
    Decision,
    Facts,
    Failed,
    Found,
    Missing,
    Observed,
    Throttled,
)
from citewatch.sources.answers import Answer
from citewatch.sources.openreview import reset_time
from citewatch.sources.openreview_notes import candidates, notes_of, observe
from citewatch.sources.options import SourceOptions

PAPER = Identifier("openreview", "aaaaaaaaaa")
PAPERS = [Identifier("openreview", f"paper{n:05d}") for n in range(80)]
HOME = "ICLR.cc/2024/Conference"
ACCOUNT = {"username": "me@example.org", "password": "pass word"}


def facts_of(*notes: dict[str, object]) -> Facts:
    observed = observe(notes_of(list(notes)), PAPER, hint="v2")  # type: ignore[arg-type]
    assert observed is not None
    return observed.facts


def root(**content: object) -> dict[str, object]:
    wrapped = {name: {"value": value} for name, value in content.items()}
    return or_note(PAPER.value, content={"title": {"value": "A title"}, **wrapped})


def reply(kind: str, number: int = 1, **more: object) -> dict[str, object]:
    content = {name: {"value": v} for name, v in more.pop("content", {}).items()}  # type: ignore[attr-defined]
    return {
        "id": f"reply{number}",
        "forum": PAPER.value,
        "replyto": PAPER.value,
        "invitations": [f"{HOME}/-/Edit", f"{HOME}/Submission7/-/{kind}"],
        "signatures": [f"{HOME}/Submission7/Reviewer_{number}"],
        "tmdate": 1_700_000_000_000 + number,
        "content": content,
        **more,
    }


# --- decisions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("venueid", "decision"),
    [
        (f"{HOME}/Submission", Decision.UNDER_REVIEW),
        (HOME, Decision.ACCEPTED),
        (f"{HOME}/Rejected_Submission", Decision.REJECTED),
        (f"{HOME}/Desk_Rejected_Submission", Decision.REJECTED),
        (f"{HOME}/Withdrawn_Submission", Decision.WITHDRAWN),
        ("NeurIPS.cc/2023/Track/Datasets_and_Benchmarks", Decision.ACCEPTED),
        ("TMLR/Under_Review", Decision.UNDER_REVIEW),
        ("TMLR/Rejected", Decision.REJECTED),
        ("dblp.org/conf/ICLR/2024", None),
        ("OpenReview.net/Public_Article", None),
        ("OpenReview.net/Archive", None),
        (["dblp.org/journals/CORR/2023", HOME], Decision.ACCEPTED),
        (None, None),
        (7, None),
        ("", None),
    ],
)
def test_the_venue_id_says_how_it_stands(venueid: object, decision: Decision | None) -> None:
    assert facts_of(root(venueid=venueid)).decision is decision


def test_a_venue_of_its_own_kind_is_accepted_where_the_paper_was_submitted_to_it() -> None:
    note = root(venueid="TMLR")
    note["invitations"] = ["TMLR/-/Accepted"]
    assert facts_of(note).decision is Decision.ACCEPTED


def test_a_self_claimed_venue_is_no_acceptance() -> None:
    note = root(venueid="OpenReview.net/Public_Article", venue="CVPR 2024 Oral")
    assert facts_of(note).decision is None


def test_a_claimed_venue_without_a_venue_id_is_no_acceptance() -> None:
    note = root(venue="CVPR 2024 Oral")
    note |= {"invitations": ["OpenReview.net/Archive/-/Direct_Upload"], "domain": None}
    assert facts_of(note).decision is None


@pytest.mark.parametrize(
    ("words", "decision"),
    [
        ("Accept (poster)", Decision.ACCEPTED),
        ("Accept with minor revision", Decision.ACCEPTED),
        ("Reject", Decision.REJECTED),
        ("Not accepted", Decision.REJECTED),
        ("Invite to Workshop Track", Decision.UNDER_REVIEW),
        (["Accept (oral)"], Decision.ACCEPTED),
        (7, Decision.UNDER_REVIEW),
    ],
)
def test_a_decision_reply_speaks_before_the_venue_id_moves(
    words: object, decision: Decision
) -> None:
    facts = facts_of(
        root(venueid=f"{HOME}/Submission"), reply("Decision", content={"decision": words})
    )
    assert facts.decision is decision
    if isinstance(words, str):
        assert facts.decision_text == words


def test_the_newest_decision_counts() -> None:
    first = reply("Decision", 1, content={"decision": "Reject"})
    second = reply("Decision", 2, content={"decision": "Accept (spotlight)"})
    assert facts_of(root(), second, first).decision is Decision.ACCEPTED


def test_a_deleted_decision_does_not_count() -> None:
    gone = reply("Decision", content={"decision": "Accept"}, ddate=1_710_000_000_000)
    assert facts_of(root(), gone).decision is None


def test_a_withdrawal_under_review_is_seen_before_the_venue_id_moves() -> None:
    facts = facts_of(root(venueid=f"{HOME}/Submission"), reply("Withdrawal"))
    assert (facts.decision, facts.withdrawn) == (Decision.WITHDRAWN, True)


def test_a_withdrawal_that_was_reverted_leaves_the_venue_id_right() -> None:
    facts = facts_of(root(venueid=HOME), reply("Withdrawal"))
    assert (facts.decision, facts.withdrawn) == (Decision.ACCEPTED, False)


def test_a_desk_rejection_is_a_rejection() -> None:
    facts = facts_of(root(venueid=f"{HOME}/Submission"), reply("Desk_Rejection"))
    assert facts.decision is Decision.REJECTED


def test_a_deleted_submission_is_withdrawn() -> None:
    note = root(venueid=HOME) | {"ddate": 1_710_000_000_000}
    assert facts_of(note).withdrawn is True


@pytest.mark.parametrize(
    ("venue", "decision"),
    [
        ("ICLR 2022 Poster", Decision.ACCEPTED),
        ("Submitted to ICLR 2025", Decision.UNDER_REVIEW),
        ("ICLR 2026 Conference Withdrawn Submission", Decision.WITHDRAWN),
        ("ICLR 2026 Conference Desk Rejected Submission", Decision.REJECTED),
        ("Some words", None),
    ],
)
def test_the_venue_line_speaks_last(venue: str, decision: Decision | None) -> None:
    assert facts_of(root(venue=[venue])).decision is decision


def test_version_1_notes_have_bare_values_and_decisions_in_meta_reviews() -> None:
    note = {
        "id": PAPER.value,
        "forum": PAPER.value,
        "invitation": "ICLR.cc/2019/Conference/-/Blind_Submission",
        "content": {"title": "Old", "authors": ["Ada Lovelace"]},
        "cdate": 1_538_000_000_000,
    }
    meta = {
        "id": "m",
        "forum": PAPER.value,
        "invitation": "ICLR.cc/2019/Conference/Paper1/-/Meta_Review",
        "content": {"recommendation": "Accept (Poster)"},
    }
    facts = facts_of(note, meta)
    assert (facts.title, facts.authors, facts.year) == ("Old", ("Ada Lovelace",), 2018)
    assert (facts.decision, facts.decision_text) == (Decision.ACCEPTED, "Accept (Poster)")


# --- other facts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rating", "number"),
    [
        (0, 0.0),
        (2, 2.0),
        (2.5, 2.5),
        ("3: Clear rejection", 3.0),
        (" 6: marginally above", 6.0),
        ("-1: no", -1.0),
        ("N/A", None),
        (True, None),
        (None, None),
        (10**400, None),
        (float("inf"), None),
        ({"x": 1}, None),
    ],
)
def test_ratings_are_numbers_or_nothing(rating: object, number: float | None) -> None:
    facts = facts_of(root(), reply("Official_Review", content={"rating": rating}))
    assert facts.ratings == (() if number is None else (number,))


def test_other_score_names_are_understood() -> None:
    names = ("recommendation", "score", "overall_assessment", "preliminary_rating")
    reviews = [reply("Official_Review", n, content={name: n}) for n, name in enumerate(names, 1)]
    assert facts_of(root(), *reviews).ratings == (1.0, 2.0, 3.0, 4.0)


def test_a_reviewer_counts_once_with_the_newest_review() -> None:
    old = reply("Official_Review", 1, content={"rating": 4})
    new = old | {"tmdate": 1_710_000_000_000, "content": {"rating": {"value": 6}}}
    other = reply("Official_Review", 2, content={"rating": 4})
    assert facts_of(root(), new, other, old).ratings == (6.0, 4.0)


def test_authors_may_be_objects() -> None:
    authors = [{"fullname": "Ada Lovelace", "username": "~A1"}, "Émilie", {"x": 1}, None, 7]
    assert facts_of(root(authors=authors)).authors == ("Ada Lovelace", "Émilie")


def test_external_ids_lose_their_version() -> None:
    note = root() | {"externalIds": ["doi:10.1000/AbC", "arxiv:2401.01234v2", "dblp:conf/x/y", 3]}
    facts = facts_of(note)
    assert [str(i) for i in facts.ids] == ["doi:10.1000/abc", "arxiv:2401.01234", "dblp:conf/x/y"]
    assert facts.doi == "10.1000/abc"


@pytest.mark.parametrize(
    ("dates", "year"),
    [
        ({"pdate": 1_705_000_000_000}, 2024),
        ({"pdate": 1_705_000_000}, 2023),  # seconds are no milliseconds
        ({"pdate": "2024"}, 2023),
        ({"pdate": None, "cdate": None}, None),
    ],
)
def test_years_come_from_what_is_surely_a_date(dates: dict[str, object], year: int | None) -> None:
    note = root() | {"cdate": 1_695_000_000_000} | dates
    assert facts_of(note).year == year


def test_notes_of_other_forums_do_not_speak() -> None:
    assert observe(notes_of([or_note("bbbbbbbbbb")]), PAPER, hint="v2") is None  # type: ignore[list-item]


def test_replies_without_their_submission_still_speak() -> None:
    facts = facts_of(reply("Decision", content={"decision": "Accept"}))
    assert (facts.title, facts.decision, facts.withdrawn) == (None, Decision.ACCEPTED, None)


def test_replies_are_no_candidates() -> None:
    notes = notes_of([root(), reply("Official_Comment", content={"title": "A title"})])  # type: ignore[list-item]
    assert [c.answered for c in candidates(notes, hint="v2")] == [PAPER]


# --- two APIs ----------------------------------------------------------------------------------


def nothing(request: Request) -> Reply:
    return or_answer(request) if request.path.endswith("/login") else json_reply({"notes": []})


@pytest.mark.parametrize("not_found", [nothing, lambda _r: or_error("NotFoundError", 404)])
@pytest.mark.anyio
async def test_what_version_2_does_not_know_is_asked_of_version_1(
    not_found: Callable[[Request], Reply],
) -> None:
    turn: list[str] = []

    def handler(request: Request) -> Reply:
        turn.append(request.query["forum"])
        return not_found(request) if len(turn) == 1 else or_answer(request)

    async with world("openreview", handler) as w:
        outcomes = await fetched(w.source, asks_for([PAPER]))
    assert isinstance(outcomes[1], Observed)
    assert outcomes[1].hint == "v1"
    assert turn == [PAPER.value] * 2


@pytest.mark.anyio
async def test_the_api_that_answered_is_asked_first_the_next_time() -> None:
    async with world("openreview", or_answer) as w:
        outcomes = await fetched(w.source, asks_for([PAPER], hint="v1"))
        assert len(w.server.requests) == 1
    assert getattr(outcomes[1], "hint", "") == "v1"


@pytest.mark.anyio
async def test_a_failure_of_one_api_does_not_make_a_paper_missing() -> None:
    first = iter([nothing])

    def handler(request: Request) -> Reply:
        return next(first, lambda _r: json_reply({"message": "no"}, 400))(request)

    async with world("openreview", handler) as w:
        outcomes = await fetched(w.source, asks_for([PAPER]))
    assert isinstance(outcomes[1], Failed)


@pytest.mark.anyio
async def test_a_title_is_asked_of_both_apis_before_it_is_not_found() -> None:
    async with world("openreview", or_answer) as w:
        found = await searched(w.source, "Unheard of")
        assert [r.query["content.title"] for r in w.server.requests] == ["Unheard of"] * 2
    assert found[1] == Found(candidates=())


# --- getting in ----------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_without_an_account_it_is_blocked_and_nothing_is_sent() -> None:
    async with world("openreview", or_answer, secrets={}) as w:
        assert w.source.blocked() == "needs a login"
        outcomes = await fetched(w.source, asks_for([PAPER]))
        found = await searched(w.source, "A title")
        assert w.server.requests == []
    assert outcomes[1] == found[1] == Blocked(reason="needs a login")


@pytest.mark.parametrize("secrets", [{"username": "me"}, {"password": "x"}, {"token": " "}])
@pytest.mark.anyio
async def test_half_an_account_is_none(secrets: dict[str, str]) -> None:
    async with world("openreview", or_answer, secrets=secrets) as w:
        assert w.source.blocked() == "needs a login"


@pytest.mark.anyio
async def test_one_login_serves_all_questions() -> None:
    async with world("openreview", or_answer, secrets=ACCOUNT) as w:
        assert w.source.blocked() is None
        await fetched(w.source, asks_for(PAPERS[:5], hint="v2"))
        logins = [r for r in w.server.requests if r.path.endswith("/login")]
        notes = [r for r in w.server.requests if r.path.endswith("/notes")]
    assert len(logins) == 1  # both addresses are the same stand-in here
    assert {r.headers["authorization"] for r in notes} == {"Bearer fresh-token"}


@pytest.mark.anyio
async def test_a_pasted_token_is_used_without_a_login() -> None:
    async with world("openreview", or_answer, secrets={"token": "mine", **ACCOUNT}) as w:
        await fetched(w.source, asks_for([PAPER]))
        assert [r.path for r in w.server.requests] == ["/notes"]
        assert w.server.requests[0].headers["authorization"] == "Bearer mine"


def expiring(*refusals: Reply) -> Callable[[Request], Reply]:
    """The first questions are refused although a token comes with them."""
    left = iter(refusals)

    def handler(request: Request) -> Reply:
        if request.path.endswith("/login"):
            return or_answer(request)
        return next(left, None) or or_answer(request)

    return handler


CHALLENGE = or_error("ChallengeRequiredError", 403)
EXPIRED = or_error("TokenExpiredError", 401)


@pytest.mark.parametrize("refusal", [CHALLENGE, EXPIRED])
@pytest.mark.anyio
async def test_an_expired_token_is_renewed_once(refusal: Reply) -> None:
    async with world("openreview", expiring(refusal), secrets=ACCOUNT) as w:
        outcomes = await fetched(w.source, asks_for([PAPER]))
        assert [r.path for r in w.server.requests] == ["/login", "/notes", "/login", "/notes"]
    assert isinstance(outcomes[1], Observed)


@pytest.mark.parametrize("refusal", [CHALLENGE, EXPIRED])
@pytest.mark.anyio
async def test_a_token_that_is_refused_twice_blocks_the_source(refusal: Reply) -> None:
    async with world("openreview", expiring(*[refusal] * 99), secrets=ACCOUNT) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS[:9]))
        assert len(w.server.requests) == 4
    assert set(outcomes.values()) == {Blocked(reason="needs a login: the login was refused")}


@pytest.mark.anyio
async def test_a_refused_pasted_token_blocks_without_a_login() -> None:
    async with world("openreview", expiring(*[CHALLENGE] * 9)) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS[:9]))
        assert [r.path for r in w.server.requests] == ["/notes"]
    assert set(outcomes.values()) == {Blocked(reason="needs a login: the token was refused")}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            json_reply({"mfaPending": True, "mfaPendingToken": "x", "mfaMethods": ["totp"]}),
            Blocked(reason="needs an interactive login; set OPENREVIEW_TOKEN"),
        ),
        (
            or_error("Invalid username or password", 400),
            Blocked(reason="login was refused: Invalid username or password it is"),
        ),
        (
            json_reply({"user": {}}),
            Failed(reason="shape", detail="no token in the answer to the login"),
        ),
        (
            json_reply({"token": "a\r\nX-Evil: 1"}),
            Failed(reason="shape", detail="no token in the answer to the login"),
        ),
    ],
)
@pytest.mark.anyio
async def test_a_login_that_does_not_work_says_why(
    answer: Reply, expected: Blocked | Failed
) -> None:
    async with world("openreview", lambda _r: answer, secrets=ACCOUNT) as w:
        outcomes = await fetched(w.source, asks_for([PAPER]))
    assert outcomes[1] == expected


@pytest.mark.anyio
async def test_a_private_paper_is_blocked_alone() -> None:
    async with world("openreview", expiring(or_error("ForbiddenError", 403))) as w:
        ids = [PAPERS[0], PAPER]
        outcomes = await fetched(w.source, asks_for(ids))
    assert outcomes[1] == Blocked(reason="private")
    assert isinstance(outcomes[2], Observed)


def test_secrets_are_not_shown_by_their_options() -> None:
    assert "pass word" not in repr(SourceOptions(secrets=ACCOUNT))


# --- limits ------------------------------------------------------------------------------------


def limited(reset: object) -> Reply:
    return or_error("RateLimitError", 429, limit=36, remaining=0, resetTime=reset)


@pytest.mark.anyio
async def test_a_429_parks_until_the_time_that_it_names() -> None:
    reply = limited("2026-02-02T03:40:00.000Z")  # START + 3,600 s
    async with world("openreview", lambda _r: reply) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS[:5]))
        assert len(w.server.requests) == 1
        assert [until for until, _ in w.gate.parkings] == [START + 3_600]
    assert {type(o) for o in outcomes.values()} == {Throttled}


@pytest.mark.parametrize("reset", [None, 7, "soon", "2026-02-02T03:40:00", "9" * 90, [], "-"])
def test_a_senseless_reset_time_says_nothing(reset: object) -> None:
    reply = limited(reset)
    assert reset_time(Answer(429, {}, reply.body, "application/json", "")) is None


@pytest.mark.anyio
async def test_a_429_without_a_time_parks_at_once() -> None:
    async with world("openreview", lambda _r: limited(None)) as w:
        await fetched(w.source, asks_for(PAPERS[:5]))
        assert len(w.server.requests) == 1
        assert w.gate.parkings[0][0] >= START + 1_800


@pytest.mark.anyio
async def test_the_budget_of_an_hour_is_kept_and_remembered() -> None:
    gate = MemoryGate()
    async with world("openreview", or_answer, min_interval_s=None, gate=gate) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS))
        assert len(w.server.requests) == 60
        (until, reason) = gate.parkings[0]
        assert START + 3_599 <= until <= START + 3_602
        assert reason == "own budget of 60 requests an hour is spent"
    endings = [type(o) for o in outcomes.values()]
    assert (endings.count(Missing), endings.count(Throttled)) == (30, 50)


@pytest.mark.anyio
async def test_a_quicker_pace_of_the_users_own_lifts_the_budget() -> None:
    async with world("openreview", or_answer, min_interval_s=0.5) as w:
        outcomes = await fetched(w.source, asks_for(PAPERS))
        assert w.gate.parkings == []
    assert {type(o) for o in outcomes.values()} == {Missing}
