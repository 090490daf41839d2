"""Readers of marked-up lists on broken and hostile files: an error in one sentence, or a list."""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citewatch.errors import ListError
from citewatch.intake.document import Document, parse_document
from citewatch.intake.formats import READERS

LISTS = Path(__file__).parent / "lists"
KINDS = {".tex": "LaTeX", ".bib": "BibTeX", ".json": "JSON", ".ris": "RIS", ".csv": "CSV"}
SAMPLES = {path.name: path.read_text("utf-8") for path in sorted(LISTS.iterdir())}
PIECES = (
    "{", "}", "[", "]", "\\", "$", "%", "#1", "&", '"', ",", "@", "=", "\n\n", "\r", "\t",
    "\\item ", "\\begin{itemize}", "\\end{itemize}", "\\newcommand{\\a}[1]{\\a{#1}}", "\\a{",
    "\\cited{9}", "\\href{", "\\section{Publications}", "@article{k, title={", "@string{s = s # s}",
    "TY  - JOUR\n", "ER  - \n", '{"title": ', "null", "1e999", "NaN", "sep=;\n", "\u202e", "é",
    "cited 12 times", "1,300+ citations", "Roe, J., ", "2019", "https://doi.org/10.5555/x",
)  # fmt: skip
SECONDS_A_MEGABYTE = 4.0
"""The machines of tests are slow and shared; on a desk it is a quarter of that."""


def kind_of(name: str) -> str:
    return KINDS[Path(name).suffix]


def read(kind: str, text: str) -> None:
    try:
        document = parse_document(text.encode("utf-8", "replace"), path=Path("hostile"))
    except ListError:
        return
    try:
        found = READERS[kind](document)
    except ListError:
        return
    check(document, found.entries)


def check(document: Document, entries: object) -> None:
    for entry in entries:  # type: ignore[attr-defined]
        assert entry.paper.title or entry.paper.ids
        lo, hi = entry.span or (0, 0)
        assert 0 <= lo <= hi <= len(document.text)
        for badge in filter(None, (entry.place, *(badge for _, badge in entry.also))):
            assert document.text[badge.start : badge.end] == badge.text
            assert badge.text


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    """A sample list with pieces cut, doubled, moved and put in."""
    name = draw(st.sampled_from(sorted(SAMPLES)))
    text = SAMPLES[name]
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 60))
        match draw(st.integers(0, 3)):
            case 0:
                text = text[:at] + text[at + length :]
            case 1:
                text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
            case 2:
                text = text[:at] + text[at : at + length] * 2 + text[at + length :]
            case _:
                text = text[:at] + draw(st.text(max_size=12)) + text[at + length :]
    return kind_of(name), text


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(mutated())
def test_mutated_lists_are_read_or_refused(sample: tuple[str, str]) -> None:
    read(*sample)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(sorted(READERS)), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
)
def test_heaps_of_markup_are_read_or_refused(kind: str, text: str) -> None:
    read(kind, text)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(set(KINDS.values())))
@pytest.mark.parametrize("piece", sorted({*PIECES, "Roe, J. 2019. Title. ", "a " * 40}))
def test_no_pattern_takes_longer_than_its_length_asks(kind: str, piece: str) -> None:
    text = piece * (100_000 // max(1, len(piece)))
    begun = process_time()
    read(kind, text)
    assert process_time() - begun < SECONDS_A_MEGABYTE * 0.1 + 0.5


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_no_other_file_is_opened(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = parse_document(SAMPLES[name].encode(), path=Path("/nowhere") / name)
    READERS[kind_of(name)](document)  # whatever is imported late is there now

    def refuse(*args: object, **_: object) -> None:
        raise AssertionError(f"a reader opened {args[0]!r}")

    for module, attribute in ((builtins, "open"), (io, "open"), (os, "open")):
        monkeypatch.setattr(module, attribute, refuse)
    monkeypatch.setattr(Path, "open", refuse)
    READERS[kind_of(name)](document)


def test_all_readers_of_formats_are_here() -> None:
    readers: dict[str, Callable[..., object]] = dict(READERS)
    assert set(KINDS.values()) <= readers.keys()
