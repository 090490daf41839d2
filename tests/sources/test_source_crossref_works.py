"""Crossref's records: titles with markup, dates with holes, notices both ways, recordings."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit_crossref import listed, record

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Facts, Failed, Found, Observed
from citewatch.sources.answers import Answer
from citewatch.sources.crossref_works import (
    Limits,
    Works,
    read_limits,
    read_list,
    read_record,
    read_search,
    read_work,
    refused_fields,
)
from citewatch.sources.markup import plain

OWN = "10.5555/paper"


def facts_of(**more: object) -> Facts:
    observed = read_record(record(OWN, 3, **more))
    assert observed is not None
    return observed.facts


def notice(kind: object, doi: object = "10.5555/Notice", *date: object) -> dict[str, object]:
    return {"type": kind, "DOI": doi, "label": str(kind), "updated": {"date-parts": [list(date)]}}


# --- facts -------------------------------------------------------------------------------


def test_a_record_gives_the_facts_that_it_states() -> None:
    assert facts_of() == Facts(
        title="Paper 10.5555/paper",
        authors=("Ada Lovelace", "The Analytical Collaboration"),
        year=2020,
        published_on="2020-01-02",
        venue="Journal of Made-Up Results",
        doi=OWN,
    )


@pytest.mark.parametrize(
    ("issued", "year", "day"),
    [
        ({"date-parts": [[2017, 6, 12]]}, 2017, "2017-06-12"),
        ({"date-parts": [[2017, 6]]}, 2017, None),
        ({"date-parts": [[2017]]}, 2017, None),
        ({"date-parts": [[2017, None, None]]}, 2017, None),
        ({"date-parts": [[None]]}, None, None),
        ({"date-parts": [[]]}, None, None),
        ({"date-parts": []}, None, None),
        ({"date-parts": [[2019, 2, 30]]}, 2019, None),
        ({"date-parts": [[2019, 13, 1]]}, 2019, None),
        ({"date-parts": [[True, 2, 3]]}, None, None),
        ({"date-parts": [["2017", 6, 12]]}, None, None),
        ({"date-parts": [[0, 1, 1]]}, None, None),
        ({"date-parts": [[2017.0, 6, 12]]}, None, None),
        ({"date-parts": 2017}, None, None),
        ("2017", None, None),
        (None, None, None),
    ],
)
def test_dates_are_taken_as_far_as_they_go(
    issued: object, year: int | None, day: str | None
) -> None:
    facts = facts_of(issued=issued)
    assert (facts.year, facts.published_on) == (year, day)


@pytest.mark.parametrize(
    ("given_title", "title"),
    [
        (["Deep <i>learning</i>"], "Deep learning"),
        (["H<sub>2</sub>O &amp; CO<jats:sub>2</jats:sub>"], "H2O & CO2"),
        (["Rowman &amp;amp; Littlefield"], "Rowman & Littlefield"),
        (["&lt;i&gt;Ab initio&lt;/i&gt; &#956;-jets"], "Ab initio μ-jets"),
        (["The role of\n      <scp>AI</scp>\n      in ecology"], "The role of AI in ecology"),
        (
            [
                '<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML"><mml:mi>K</mml:mi></mml:math>-theory'
            ],
            "K-theory",
        ),
        (["If a<b and c>d then"], "If a<b and c>d then"),
        (["One<br/>two<p>three</p>"], "One two three"),
        (["\u0000\ud800\u001b[1mBold\u200b"], "[1mBold"),
        (["  ", "", 7, "Second"], "Second"),
        ("A string", "A string"),
        ([], None),
        (None, None),
        ([["nested"]], None),
        ({"title": "x"}, None),
    ],
)
def test_titles_are_freed_of_markup(given_title: object, title: str | None) -> None:
    assert facts_of(title=given_title).title == title


@pytest.mark.parametrize(
    ("doi", "kind", "title", "subtitle", "whole"),
    [
        ("10.1145/1.2", "proceedings-article", "ZOO", "Zeroth Order", "ZOO: Zeroth Order"),
        ("10.1145/1.2", "journal-article", "ZOO:", "Zeroth Order", "ZOO: Zeroth Order"),
        ("10.1007/1", "book-chapter", "A study", "Part two", "A study: Part two"),
        ("10.1007/1", "book-chapter", "A study: part two", "Part Two", "A study: part two"),
        ("10.1111/1", "journal-article", "Causes of edema", "Edema in DKA", "Causes of edema"),
        ("10.1145/1.2", "proceedings-article", "ZOO", "", "ZOO"),
    ],
)
def test_a_subtitle_belongs_to_the_title_where_it_is_part_of_it(
    doi: str, kind: str, title: str, subtitle: str, whole: str
) -> None:
    work = record(doi, 1, type=kind, title=[title], subtitle=[subtitle])
    observed = read_record(work)
    assert observed is not None
    assert observed.facts.title == whole


def test_names_are_put_together_and_what_is_none_is_left_out() -> None:
    authors = [
        {"given": "Ada", "family": "Lovelace", "suffix": "Jr."},
        {"family": "Plato"},
        {"given": "&Eacute;milie", "family": "du  Ch&acirc;telet"},
        {"name": "The <i>Made-Up</i> Group"},
        {"given": None, "family": 7},
        "Stray",
        None,
        {},
    ]
    assert facts_of(author=authors).authors == (
        "Ada Lovelace",
        "Plato",
        "Émilie du Châtelet",
        "The Made-Up Group",
    )
    assert facts_of(author="Ada").authors == ()


def test_the_volume_says_more_than_its_series() -> None:
    venues = ["Lecture Notes in Computer Science", "Computer Vision &amp; Others 2020"]
    assert facts_of(container_title=venues).venue == "Computer Vision & Others 2020"
    assert facts_of(container_title=[]).venue is None


# --- preprints ---------------------------------------------------------------------------


def end(value: object, kind: str = "doi") -> dict[str, object]:
    return {"id-type": kind, "id": value, "asserted-by": "object"}


def test_a_preprint_is_published_under_the_other_doi() -> None:
    preprint = facts_of(
        type="posted-content", relation={"is-preprint-of": [end("10.5555/Journal.1")]}
    )
    assert (preprint.doi, preprint.venue) == ("10.5555/journal.1", None)
    assert preprint.ids == (Identifier("doi", "10.5555/journal.1"),)
    assert facts_of(type="posted-content").doi is None


def test_a_published_paper_names_its_preprints() -> None:
    ends = [
        end("10.48550/arXiv.1706.03762"),
        end("10.1101/014852"),
        end("10.1101/014852"),
        end("hep-th/9901001", "arxiv"),
        end("https://arxiv.org/abs/2001.00001v2", "uri"),
        end("https://example.org/x", "uri"),
        end(OWN.upper()),
        end(None),
        end("not a doi"),
        end("10.5555/bad\ud800"),
        {},
        7,
    ]
    facts = facts_of(relation={"has-preprint": ends, "has-review": [end("10.5555/review")]})
    assert [str(i) for i in facts.ids] == [
        "arxiv:1706.03762",
        "arxiv:2001.00001",
        "arxiv:hep-th/9901001",
        "doi:10.1101/014852",
    ]
    assert facts.doi == OWN


@pytest.mark.parametrize(
    "relation", [None, [], "x", {"has-preprint": {}}, {"is-preprint-of": [[]]}]
)
def test_a_relation_of_another_shape_says_nothing(relation: object) -> None:
    assert facts_of(relation=relation).ids == ()


# --- retractions and corrections -----------------------------------------------------------


@pytest.mark.parametrize("kind", ["retraction", "removal", "withdrawal", "Retraction"])
def test_a_retraction_by_a_notice(kind: str) -> None:
    facts = facts_of(updated_by=[notice(kind, "10.5555/Notice", 2021, 3, 4)])
    assert facts.retracted is True
    assert facts.notices == (f"{kind.lower()} doi:10.5555/notice 2021-03-04",)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("correction", "correction"),
        ("erratum", "erratum"),
        ("expression_of_concern", "expression of concern"),
        ("Expression-of Concern", "expression of concern"),
        ("partial_retraction", "partial retraction"),
        ("new_version", "new version"),
        (None, "update"),
        ("\x00", "update"),
    ],
)
def test_another_notice_is_told_and_is_no_retraction(kind: object, words: str) -> None:
    facts = facts_of(updated_by=[notice(kind, "10.5555/notice", 2021)])
    assert (facts.retracted, facts.notices) == (False, (f"{words} doi:10.5555/notice 2021",))


@pytest.mark.parametrize("listed_updates", [None, [], {}, "x", 7, [None, 3, []]])
def test_no_notice_is_no_statement(listed_updates: object) -> None:
    facts = facts_of(updated_by=listed_updates, update_to=listed_updates)
    assert (facts.retracted, facts.notices) == (None, ())


def test_publisher_and_retraction_watch_name_one_notice_once() -> None:
    twice = [
        {**notice("retraction", "10.5555/NOTICE", 2021, 3, 9), "source": "publisher"},
        {**notice("retraction", "10.5555/notice", 2021, 3, 4), "source": "retraction-watch"},
        notice("correction", "10.5555/earlier", 2020, 1),
        notice("retraction", None),
    ]
    expected = (
        "correction doi:10.5555/earlier 2020-01",
        "retraction doi:10.5555/notice 2021-03-04",
        "retraction",
    )
    assert facts_of(updated_by=twice).notices == expected
    assert facts_of(updated_by=twice[::-1]).notices == expected


def test_a_later_reinstatement_takes_a_retraction_back() -> None:
    pulled, restored = notice("retraction", "10.5555/a", 2020, 5), "reinstatement"
    later = [pulled, notice(restored, "10.5555/b", 2021)]
    earlier = [pulled, notice(restored, "10.5555/b", 2019, 1, 1)]
    undated = [notice("retraction", "10.5555/a"), notice(restored, "10.5555/b", 2021)]
    assert [facts_of(updated_by=u).retracted for u in (later, earlier, undated)] == [
        False,
        True,
        True,
    ]


def test_a_notice_is_about_another_paper_and_is_not_retracted_itself() -> None:
    facts = facts_of(
        update_to=[notice("retraction", "10.5555/Victim", 2021, 3, 4), notice("erratum")]
    )
    assert facts.retracted is None
    assert facts.notices == (
        "is a retraction of doi:10.5555/victim 2021-03-04",
        "is an erratum of doi:10.5555/notice",
    )


def test_a_record_that_updates_itself_is_retracted_in_place() -> None:
    facts = facts_of(update_to=[notice("withdrawal", OWN.upper(), 2022)])
    assert (facts.retracted, facts.notices) == (True, (f"withdrawal doi:{OWN} 2022",))


# --- answers -------------------------------------------------------------------------------


def reply(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, named, json.dumps(value).encode(), "application/json", "")


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ([{"type": "select-not-available", "value": "updated"}], {"updated"}),
        ([{"type": "parameter-not-allowed", "value": "select"}], {"select"}),
        ([{"type": "select-not-available"}, 7, None], set()),
        ([{"type": "filter-not-available", "value": "doi"}], None),
        ([{"type": ["select"], "value": {}}], None),
        ("Select is wrong", None),
        (None, None),
    ],
)
def test_a_refused_select_is_told_from_other_refusals(told: object, names: set[str] | None) -> None:
    body = {"status": "failed", "message-type": "validation-failure", "message": told}
    assert refused_fields(reply(body, 400)) == names


@pytest.mark.parametrize(
    ("limit", "interval", "at_once", "limits"),
    [
        ("3", "1s", "3", Limits(1 / 3, 3)),
        ("1", "1s", "1", Limits(1.0, 1)),
        ("30", "1m", "0", Limits(2.0, None)),
        ("2", "500ms", "-1", Limits(0.25, None)),
        ("4", "2", "1.5", Limits(0.5, None)),
        ("1", "999h", "9999999", Limits(60.0, None)),
        ("0", "1s", "", Limits(None, None)),
        ("x", "1s", "²", Limits(None, None)),
        ("3", "1 fortnight", "2", Limits(None, 2)),
    ],
)
def test_limits_are_read_from_headers(
    limit: str, interval: str, at_once: str, limits: Limits
) -> None:
    headers = {
        "x_rate_limit_limit": limit,
        "x_rate_limit_interval": interval,
        "x_concurrency_limit": at_once,
    }
    assert read_limits(reply({}, **headers)) == limits
    assert read_limits(reply({})) == Limits()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from([OWN, "retraction", "<i>x</i>", "&amp;lt;p&gt;", "journal-article", 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def shaped(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, JSON))


DATE = st.fixed_dictionaries({"date-parts": st.lists(st.lists(JSON, max_size=4), max_size=2)})
UPDATES = st.lists(
    st.fixed_dictionaries({"type": JSON, "DOI": st.just(OWN) | JSON, "updated": DATE | JSON})
    | JSON,
    max_size=3,
)
WORKS = st.fixed_dictionaries(
    {"DOI": st.just(OWN) | JSON},
    optional={
        "is-referenced-by-count": JSON,
        "title": JSON,
        "subtitle": JSON,
        "type": JSON,
        "container-title": JSON,
        "issued": DATE | JSON,
        "author": st.lists(shaped("given", "family", "name") | JSON, max_size=3) | JSON,
        "relation": st.fixed_dictionaries(
            {"has-preprint": st.lists(shaped("id", "id-type") | JSON, max_size=3) | JSON}
        )
        | JSON,
        "updated-by": UPDATES | JSON,
        "update-to": UPDATES | JSON,
    },
)


@given(st.lists(WORKS | JSON, max_size=3), JSON)
def test_any_list_is_works_or_a_named_failure(works: list[Any], total: Any) -> None:
    value = listed(*works, total=total)
    for reading in (read_list(reply(value)), read_list(reply(works))):
        assert isinstance(reading, Works | Failed)
        for observed in reading.observed if isinstance(reading, Works) else ():
            assert observed.citation_count is None or 0 <= observed.citation_count <= 10_000_000
            storable(observed)
    assert isinstance(read_search(reply(value)), Found)
    assert isinstance(read_work(reply({"message": works[0] if works else None})), Observed | Failed)
    refused_fields(reply(value, 400))


def storable(observed: Observed) -> None:
    """Every text can be stored and printed."""
    facts = observed.facts
    texts = [str(observed.answered), facts.title, facts.venue, *facts.authors, *facts.notices]
    for text in texts:
        assert text is None or ("\0" not in text and text.encode())


@given(st.text())
def test_markup_is_removed_from_any_text(text: str) -> None:
    cleaned = plain(text)
    assert "\n" not in cleaned
    cleaned.encode()


# --- recordings ----------------------------------------------------------------------------


def recorded(data_dir: Path) -> Iterator[tuple[str, str, Answer]]:
    """(file, address, answer) of everything recorded."""
    for path in sorted((data_dir / "real/crossref").rglob("*.json*")):
        raw = path.read_bytes()
        value = json.loads(gzip.decompress(raw) if path.suffix == ".gz" else raw)
        response = value.get("response")
        if response is None:  # the body alone
            yield path.name, "", reply(value)
            continue
        headers = {name.lower(): text for name, text in response["headers"].items()}
        body = (response["body_text"] or "").encode()
        kind = headers.get("content-type", "")
        yield (
            path.name,
            value["request"]["uri"],
            Answer(response["status"], headers, body, kind, ""),
        )


def test_every_recorded_answer_is_a_value_or_a_named_failure(data_dir: Path) -> None:
    tally: Counter[tuple[str, str]] = Counter()
    number = 0
    for name, _address, answer in recorded(data_dir):
        number += 1
        body = json.loads(answer.body) if answer.body[:1] == b"{" else None
        given = body.get("message") if isinstance(body, dict) else None
        items = given.get("items", [given]) if isinstance(given, dict) else []
        counts = {i.get("is-referenced-by-count") for i in items if isinstance(i, dict)}
        for what, reading in (
            ("list", read_list(answer)),
            ("work", read_work(answer)),
            ("search", read_search(answer)),
        ):
            ending = reading.reason if isinstance(reading, Failed) else type(reading).__name__
            tally[what, "Missing" if reading is None else ending] += 1
            seen: tuple[Observed, ...] = ()
            if isinstance(reading, Works):
                seen = reading.observed
            elif isinstance(reading, Found):
                seen = reading.candidates
            elif isinstance(reading, Observed):
                seen = (reading,)
            for observed in seen:
                assert observed.citation_count in counts | {None}, name
                storable(observed)
        if answer.status != 200:
            assert isinstance(read_search(answer), Failed), name
        limits = read_limits(answer)
        assert (limits.gap_s is None) == ("x-rate-limit-limit" not in answer.headers), name
    if not number:
        pytest.skip("none of these recordings are here")
    assert number == 191
    assert tally["list", "Works"] == tally["search", "Found"] == 76
    assert (tally["work", "Observed"], tally["work", "Missing"]) == (35, 16)


def test_recorded_works_give_what_they_state(data_dir: Path) -> None:
    seen: dict[str, Observed] = {}
    for _name, _address, answer in recorded(data_dir):
        for reading in (read_list(answer), read_work(answer)):
            for observed in reading.observed if isinstance(reading, Works) else [reading]:
                if isinstance(observed, Observed) and observed.citation_count is not None:
                    seen[observed.answered.value] = observed
    if not seen:
        pytest.skip("none of these recordings are here")
    corrected = seen["10.1371/journal.pone.0033693"].facts
    assert corrected.retracted is False
    assert corrected.notices == (
        "correction doi:10.1371/annotation/c76da2c1-ccb8-4797-94c1-359d3ceceeda 2012-05-08",
    )
    preprint, journal = seen["10.1101/2024.04.01.587366"].facts, seen["10.1002/ece3.2314"].facts
    assert preprint.doi == "10.1016/j.xgen.2025.100814"
    assert journal.ids == (Identifier("doi", "10.1101/014852"),)
    assert seen["10.1111/2041-210x.13954"].facts.authors[1] == "Melissa S. Chapman"
    assert all("<" not in (o.facts.title or "") for o in seen.values())


def test_the_recorded_refusal_of_select_is_understood(data_dir: Path) -> None:
    found = [
        refused_fields(answer)
        for _name, address, answer in recorded(data_dir)
        if answer.status == 400 and "/works/" in address and "select=" in address
    ]
    if not found:
        pytest.skip("not recorded here")
    assert found == [{"select"}]
