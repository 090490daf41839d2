"""The file of JSON lines: each change once, whatever interrupted us."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from notify_samples import HOSTILE, NOW, message, row

from citewatch.cli.render.changes import change_object
from citewatch.domain.papers import Kind
from citewatch.notify.jsonl import JsonLines
from citewatch.ports import Message

ROWS = [
    row(1, Kind.MILESTONE, threshold=100),
    row(2, Kind.DROP, title=HOSTILE, text=HOSTILE),
    row(3, Kind.SOURCE_DOWN, paper=None, source="crossref"),
]
GIVEN = message(*ROWS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "changes.jsonl"


def send(path: Path, given: Message = GIVEN) -> str:
    refusal = asyncio.run(JsonLines(path, lambda: "0123456789").send(given))
    return "" if refusal is None else refusal.reason


def numbers(path: Path) -> list[object]:
    return [json.loads(line).get("id") for line in path.read_text().splitlines()]


def test_each_line_is_a_change_as_changes_shows_it_with_a_key(path: Path) -> None:
    assert send(path) == ""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line.pop("idempotency_key") for line in lines] == [
        "0123456789-1", "0123456789-2", "0123456789-3",
    ]  # fmt: skip
    assert lines == [change_object(each) for each in ROWS]


def test_no_title_makes_two_lines_of_one(path: Path) -> None:
    send(path)
    content = path.read_bytes()
    assert content.isascii()
    assert len(content.splitlines()) == len(content.decode().splitlines()) == 3


def test_what_is_there_already_is_not_written_again(path: Path) -> None:
    send(path)
    before = path.read_bytes()
    send(path)
    assert path.read_bytes() == before
    send(path, message(*ROWS, row(4, Kind.LOST)))
    assert numbers(path) == [1, 2, 3, 4]


def test_a_crash_at_any_byte_leaves_no_line_twice_and_none_half(path: Path) -> None:
    send(path)
    whole = path.read_bytes()
    before = b'{"id": 0, "idempotency_key": "0123456789-0"}\n'
    for length in {*range(0, len(whole), 5), len(whole) - 1, len(whole)}:
        path.write_bytes(before + whole[:length])
        send(path)
        assert path.read_bytes() == before + whole, length


def test_somebody_else_s_last_line_is_left_alone(path: Path) -> None:
    path.write_bytes(b"a note of mine")
    send(path)
    first, _, rest = path.read_bytes().partition(b"\n")
    assert first == b"a note of mine"
    assert len(rest.splitlines()) == 3
    path.write_bytes(b'not json\n[1]\n{"idempotency_key": 5}\n\xff\n')
    send(path)
    assert len(path.read_bytes().splitlines()) == 7


def test_a_file_that_was_moved_away_begins_anew(path: Path) -> None:
    send(path)
    path.rename(path.with_name("old.jsonl"))
    send(path, message(row(4, Kind.LOST)))
    assert numbers(path) == [4]


def test_a_message_larger_than_the_tail_is_found_again(path: Path) -> None:
    many = message(*[row(n, Kind.CITING, title="x" * 2000) for n in range(1, 200)])
    path.write_bytes(b'{"id": 0}\n' * 20_000)
    send(path, many)
    size = path.stat().st_size
    send(path, many)
    assert path.stat().st_size == size


def test_a_test_message_is_a_line_that_says_so(path: Path) -> None:
    send(path, Message(key="test-9", at=NOW, test=True))
    (line,) = path.read_text().splitlines()
    assert json.loads(line) == {
        "kind": "test", "at": "2026-09-21T14:13:20Z", "text": "this channel works",
        "idempotency_key": "test-9",
    }  # fmt: skip


@pytest.mark.parametrize("place", ["missing/folder/f", "."])
def test_a_file_that_cannot_be_written_is_a_refusal(tmp_path: Path, place: str) -> None:
    assert send(tmp_path / place).startswith(str(tmp_path))
