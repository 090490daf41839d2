"""Answers with status 200 that are none: one named failure for each paper, and never a number."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace

import pytest
from contract_cases import (
    assert_ends,
    assert_sound,
    ending,
    found_for,
    kit_world,
    outcomes_of,
    truth_of,
    with_body,
)
from source_kit import ODD, UNREADABLE, Kit
from source_world import Reply, Request, asks_for, fetched

from citewatch.domain.papers import Failed, Missing
from citewatch.ports import Inspector

pytestmark = pytest.mark.anyio

PAGE = b"<!DOCTYPE html><html><body>Checking your browser</body></html>"
XHTML = b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'
BOMB = gzip.compress(b"0" * 21_000_000)
"""Twenty kilobytes that become more than is ever read."""
NESTED_GZIP = gzip.compress(BOMB)
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "ha">%s]><feed>&i;</feed>' % b"".join(
    b'<!ENTITY %c "%s">' % (name, b"&%c;" % (name - 1) * 10) for name in b"bcdefghi"
)


def body(content: bytes, content_type: str = "", **headers: str) -> Callable[[Kit], Reply]:
    """This body, of the type that the source usually sends."""
    return lambda kit: Reply(200, content, headers, content_type or kit.dialect.content_type)


def encoded(content: bytes, encoding: str) -> Callable[[Kit], Reply]:
    return lambda kit: Reply(200, content, {"Content-Encoding": encoding}, kit.dialect.content_type)


WRONG_BODIES: dict[str, tuple[Callable[[Kit], Reply], str]] = {
    "body: empty": (body(b""), "failed:empty"),
    "body: blanks": (body(b" \n" * 10), "failed:empty"),
    "body: ten megabytes of nothing": (body(b" " * 10_000_000), "failed:empty"),
    "body: a page": (body(PAGE, "text/html"), UNREADABLE),
    "body: a page that claims otherwise": (body(PAGE), UNREADABLE),
    "body: XHTML": (body(XHTML), UNREADABLE),
    "body: half a list": (body(b'[{"paperId": "ab'), UNREADABLE),
    "body: half an object": (body(b'{"results": [{"id": "https://x'), UNREADABLE),
    "body: half a feed": (body(b"<feed><entry>"), UNREADABLE),
    "body: another object": (body(b'{"data": 3}'), ODD),
    "body: an empty object": (body(b"{}"), ODD),
    "body: a list of the wrong things": (body(b'[1, "x"]'), ODD),
    "body: a number": (body(b"7"), ODD),
    "body: a text": (body(b'"words"'), ODD),
    "body: null": (body(b"null"), ODD),
    "body: NaN": (body(b"NaN"), ODD),
    "body: not in UTF-8": (body('{"title": "é"}'.encode("latin-1")), "failed:charset"),
    "body: in UTF-16": (body("<feed/>".encode("utf-16")), "failed:charset"),
    "body: depth": (body(b"[" * 200_000), UNREADABLE),
    "body: depth in objects": (body(b'{"a":' * 100_000), UNREADABLE),
    "body: depth in XML": (body(b"<a>" * 100_000), UNREADABLE),
    "body: a billion laughs": (body(LAUGHS, "application/xml"), UNREADABLE),
    "body: a number of 5,000 digits": (body(b"[" + b"9" * 5_000 + b"]"), UNREADABLE),
    "body: NULs": (body(b"\0" * 100), UNREADABLE),
    "body: a PDF": (body(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"), "failed:charset"),
    "body: a gzip bomb": (encoded(BOMB, "gzip"), "failed:too_large"),
    "body: a gzip bomb in gzip": (encoded(NESTED_GZIP, "gzip"), "failed:charset"),
    "body: gzip that is none": (encoded(b"plain", "gzip"), "failed:encoding"),
    "body: gzip cut short": (encoded(BOMB[:30], "gzip"), "failed:encoding"),
    "body: an encoding not asked for": (encoded(b"xyz", "br"), "failed:encoding"),
}


@pytest.mark.parametrize("case", WRONG_BODIES)
async def test_a_wrong_body_is_a_named_failure(kit: Kit, case: str) -> None:
    make, usual = WRONG_BODIES[case]
    reply = make(kit)
    async with kit_world(kit, lambda _r: reply) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known[:2])))
        # One more for each paper where a batch is taken apart, and never by patience.
        assert len(w.server.requests) <= 4
        found = await found_for(w, f"Paper {kit.known[0]}")
        assert (w.clock.sleeps, w.gate.parkings) == ([], [])
    assert_ends(kit, list(outcomes.values()), case, usual)
    assert ending(found) in (kit.endings(case, usual) if kit.searches else {"nothing found"})


async def test_a_second_look_at_a_wrong_body_is_a_named_ending_too(kit: Kit) -> None:
    """Where there is one (`ports.Inspector`): it counts nothing and raises nothing."""
    turn = iter(WRONG_BODIES)

    def handler(_request: Request) -> Reply:
        return WRONG_BODIES[next(turn)][0](kit)

    async with kit_world(kit, handler) as w:
        if not isinstance(w.source, Inspector):
            return
        for case in WRONG_BODIES:
            asks = asks_for(kit.ids(kit.known[0]))
            looks = [reading async for readings in w.source.inspect(asks) for reading in readings]
            ((asked, outcome),) = looks
            assert asked == asks[0]
            assert_sound(outcome)
            assert isinstance(outcome, Failed | Missing), case


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
async def test_a_part_of_the_answer_is_no_answer(kit: Kit, share: float) -> None:
    """Cut at the source, with a length that is right for what is left."""
    cut = with_body(kit, lambda whole: whole[: int(len(whole) * share)])
    outcomes, _ = await outcomes_of(kit, cut)
    truth = await truth_of(kit)
    for outcome, whole in zip(outcomes, truth, strict=True):
        assert outcome == whole or ending(outcome) in kit.endings("body: a part", UNREADABLE)


# --- characters ------------------------------------------------------------------------


async def test_what_is_in_utf_8_is_read_whatever_the_header_says(kit: Kit) -> None:
    def handler(request: Request) -> Reply:
        reply = kit.answer(request)
        kind = f"{kit.dialect.content_type}; charset=iso-8859-1"
        return replace(reply, body=kit.dialect.extended(reply.body, "é 漢 😀"), content_type=kind)

    outcomes, _ = await outcomes_of(kit, handler)
    assert outcomes == await truth_of(kit)


@pytest.mark.parametrize(
    "charset", ["utf-16", "no-such-charset", "\x80", "unicode_escape", "utf-7"]
)
async def test_a_charset_that_is_not_so_changes_no_reading(kit: Kit, charset: str) -> None:
    kind = f"{kit.dialect.content_type}; charset={charset}"
    outcomes, _ = await outcomes_of(kit, with_body(kit, lambda whole: whole, kind))
    for outcome, whole in zip(outcomes, await truth_of(kit), strict=True):
        assert outcome == whole or isinstance(outcome, Failed)


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "utf-32", "cp037"])
async def test_another_charset_gives_the_same_reading_or_none(kit: Kit, charset: str) -> None:
    def recoded(whole: bytes) -> bytes:
        return kit.dialect.extended(whole, "é").decode().encode(charset, "replace")

    outcomes, _ = await outcomes_of(kit, with_body(kit, recoded))
    for outcome, whole in zip(outcomes, await truth_of(kit), strict=True):
        assert outcome == whole or isinstance(outcome, Failed)


async def test_a_byte_order_mark_is_passed_over(kit: Kit) -> None:
    outcomes, _ = await outcomes_of(kit, with_body(kit, lambda whole: b"\xef\xbb\xbf" + whole))
    assert outcomes == await truth_of(kit)


async def test_a_type_that_is_not_so_changes_no_reading(kit: Kit) -> None:
    """``text/plain`` for everything: some proxies do that."""
    outcomes, _ = await outcomes_of(kit, with_body(kit, lambda whole: whole, "text/plain"))
    for outcome, whole in zip(outcomes, await truth_of(kit), strict=True):
        assert outcome == whole or ending(outcome) in kit.endings("a false type", UNREADABLE)
