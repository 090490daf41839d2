"""The stand-in's OpenReview, by its documents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sandbox_bench import Bench

from citewatch.sandbox import (
    SANDBOX_MFA_USERNAME,
    SANDBOX_PASSWORD,
    SANDBOX_TOKEN,
    SANDBOX_USERNAME,
    event,
)

OLD, NEW = "v1_url", "base_url"
FIRST_FORUM = "5haAJAcofjc"
TOKEN = {"Authorization": f"Bearer {SANDBOX_TOKEN}"}


def login(bench: Bench, key: str = NEW, **fields: Any) -> httpx.Response:
    body = {"id": SANDBOX_USERNAME, "password": SANDBOX_PASSWORD, **fields}
    return bench.post("openreview", "/login", key, json=body)


def notes(bench: Bench, key: str, headers: dict[str, str] = TOKEN, **params: Any) -> httpx.Response:
    named = {name.replace("__", "."): value for name, value in params.items()}
    return bench.get("openreview", "/notes", key, params=named, headers=headers)


def plain(value: object) -> object:
    return value["value"] if isinstance(value, dict) and "value" in value else value


@pytest.mark.parametrize("key", [OLD, NEW])
def test_guests_are_sent_to_the_challenge_on_both_hosts(bench: Bench, key: str) -> None:
    answer = notes(bench, key, headers={}, id=FIRST_FORUM)
    assert answer.status_code == 403
    assert answer.json()["name"] == "ChallengeRequiredError"
    assert answer.json()["status"] == 403


def test_a_login_gives_a_token_that_opens_its_host_only(bench: Bench) -> None:
    answer = login(bench)
    assert answer.json()["user"]["profile"]["id"].startswith("~")
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert notes(bench, NEW, headers=headers, forum="GrF7lnPr2x").status_code == 200
    assert notes(bench, OLD, headers=headers, id=FIRST_FORUM).status_code == 403


def test_a_wrong_password_gets_no_token(bench: Bench) -> None:
    answer = login(bench, password="guess")
    assert answer.status_code == 400
    assert "token" not in answer.json()


def test_an_account_with_a_second_factor_gets_no_token(bench: Bench) -> None:
    answer = login(bench, id=SANDBOX_MFA_USERNAME).json()
    assert answer["mfaPending"] is True
    assert "token" not in answer


def test_an_expired_token_is_a_401_on_the_new_host_and_a_challenge_on_the_old(bench: Bench) -> None:
    names = []
    for key in (NEW, OLD):
        token = login(bench, key, expiresIn=60).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert notes(bench, key, headers=headers, forum=FIRST_FORUM).status_code == 200
        bench.now += 61
        answer = notes(bench, key, headers=headers, forum=FIRST_FORUM)
        names.append((answer.status_code, answer.json()["name"]))
    assert names == [(401, "TokenExpiredError"), (403, "ChallengeRequiredError")]


def test_an_unknown_id_is_a_404_on_the_new_host_and_an_empty_list_on_the_old(bench: Bench) -> None:
    answer = notes(bench, NEW, id=FIRST_FORUM)
    assert (answer.status_code, answer.json()["name"]) == (404, "NotFoundError")
    assert notes(bench, OLD, id="nothing000").json() == {"notes": []}


def test_a_private_forum_is_forbidden(bench: Bench) -> None:
    answer = notes(bench, NEW, id="pRiVaTe0042")
    assert (answer.status_code, answer.json()["name"]) == (403, "ForbiddenError")


def test_the_old_host_has_bare_values_and_one_invitation(bench: Bench) -> None:
    (note,) = notes(bench, OLD, id=FIRST_FORUM).json()["notes"]
    assert note["content"]["venueid"] == "NeurIPS.cc/2022/Conference"
    assert note["invitation"].endswith("/-/Blind_Submission")
    assert "version" not in note


def test_the_new_host_has_wrapped_values_and_several_invitations(bench: Bench) -> None:
    (note,) = notes(bench, NEW, id="GrF7lnPr2x").json()["notes"]
    assert note["content"]["title"]["value"].startswith("Linearity Grafting")
    assert len(note["invitations"]) > 1
    assert isinstance(note["parentInvitations"], str)


def test_a_forum_holds_the_paper_and_its_replies(bench: Bench) -> None:
    body = notes(bench, OLD, forum=FIRST_FORUM, limit=1000).json()
    paper, *replies = body["notes"]
    assert paper["id"] == FIRST_FORUM
    assert {reply["replyto"] for reply in replies} == {FIRST_FORUM}
    kinds = {reply["invitation"].rsplit("/-/", 1)[-1] for reply in replies}
    assert kinds == {"Official_Review", "Decision"}


def test_replies_come_inside_the_note_when_asked_for(bench: Bench) -> None:
    (note,) = notes(bench, OLD, id=FIRST_FORUM, details="replies").json()["notes"]
    listed = notes(bench, OLD, forum=FIRST_FORUM).json()["notes"][1:]
    assert note["details"]["replies"] == listed


def test_ratings_are_numbers_words_and_zero(bench: Bench) -> None:
    replies = notes(bench, OLD, forum=FIRST_FORUM).json()["notes"][1:]
    ratings = [reply["content"].get("rating") for reply in replies]
    assert "6: marginally above acceptance threshold" in ratings
    assert 0 in ratings


def test_a_review_that_was_taken_back_carries_ddate(bench: Bench) -> None:
    replies = notes(bench, OLD, forum=FIRST_FORUM).json()["notes"][1:]
    assert [reply["content"]["rating"] for reply in replies if "ddate" in reply] == [1]


def test_some_venues_are_lists_some_dates_missing_some_authors_objects(bench: Bench) -> None:
    (note,) = notes(bench, NEW, id="rJ3cTd9LmA").json()["notes"]
    assert isinstance(note["content"]["venueid"]["value"], list)
    assert "tmdate" not in note
    assert note["content"]["authors"]["value"][0] == {
        "fullname": "Linyi Li",
        "username": "~Linyi_Li1",
    }


@pytest.mark.parametrize("key", [OLD, NEW])
def test_a_title_is_found_only_when_exact(bench: Bench, key: str) -> None:
    title = {
        OLD: "Robustness Verification for Transformers",
        NEW: "Linearity Grafting: Relaxed Neuron Pruning Helps Certifiable Robustness",
    }[key]
    assert len(notes(bench, key, content__title=title).json()["notes"]) == 1
    assert notes(bench, key, content__title=title.lower()).json()["notes"] == []


def test_a_full_text_search_gives_near_titles_too(bench: Bench) -> None:
    params = {"term": "Efficiently Computing Local Lipschitz Constants of Neural Networks"}
    found = {
        key: bench.get("openreview", "/notes/search", key, params=params, headers=TOKEN).json()
        for key in (OLD, NEW)
    }
    titles = {key: [plain(n["content"]["title"]) for n in found[key]["notes"]] for key in found}
    assert any("Local Lipschitz" in title for title in titles[OLD])
    assert any("Global Lipschitz" in title for title in titles[NEW])


def test_a_batch_leaves_out_what_is_missing_or_private(bench: Bench) -> None:
    body = {"ids": [FIRST_FORUM, "nothing000", "sCZbhBvqQaU", "GrF7lnPr2x", "pRiVaTe0042"]}
    found = {
        key: [
            note["id"]
            for note in bench.post(
                "openreview", "/notes/search", key, json=body, headers=TOKEN
            ).json()["notes"]
        ]
        for key in (OLD, NEW)
    }
    assert found == {OLD: [FIRST_FORUM, "sCZbhBvqQaU"], NEW: ["GrF7lnPr2x"]}


def test_count_comes_only_when_asked(bench: Bench) -> None:
    assert "count" not in notes(bench, OLD, forum=FIRST_FORUM).json()
    body = notes(bench, OLD, forum=FIRST_FORUM, count="true", limit=1).json()
    assert len(body["notes"]) == 1
    assert body["count"] == 6


def test_over_the_quota_the_refusal_says_when_it_ends(strict: Bench) -> None:
    for _ in range(98):
        assert notes(strict, OLD, id=FIRST_FORUM).status_code == 200
    answer = notes(strict, OLD, id=FIRST_FORUM)
    assert (answer.status_code, answer.json()["name"]) == (429, "RateLimitError")
    details = answer.json()["details"]
    reset = datetime.strptime(details["resetTime"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    strict.now = reset.timestamp()
    assert notes(strict, OLD, id=FIRST_FORUM).status_code == 200


@pytest.mark.parametrize(
    ("name", "key", "forum", "before", "after"),
    [
        (
            "openreview_accepted",
            OLD,
            "BQgAToASdX8",
            "NeurIPS.cc/2022/Conference/Submission",
            "NeurIPS.cc/2022/Conference",
        ),
        (
            "openreview_accepted_v2",
            NEW,
            "GrF7lnPr2x",
            "ICML.cc/2022/Conference/Submission",
            "ICML.cc/2022/Conference",
        ),
        (
            "openreview_rejected",
            NEW,
            "rJ3cTd9LmA",
            ["ICLR.cc/2025/Conference/Submission"],
            ["ICLR.cc/2025/Conference/Rejected_Submission"],
        ),
        (
            "openreview_withdrawn",
            NEW,
            "wTd7Rk2QxE",
            "ICLR.cc/2025/Conference/Submission",
            "ICLR.cc/2025/Conference/Withdrawn_Submission",
        ),
    ],
)
def test_decisions_appear_on_their_day(
    bench: Bench, name: str, key: str, forum: str, before: object, after: object
) -> None:
    states, replies = [], []
    for day in (event(name).first_day - 1, event(name).first_day):
        bench.to_day(day)
        body = notes(bench, key, forum=forum).json()["notes"]
        states.append(plain(body[0]["content"]["venueid"]))
        replies.append(len(body))
    assert states == [before, after]
    assert replies[1] == replies[0] + 1
