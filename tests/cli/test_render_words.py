"""Text from strangers, made fit to be printed."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.cli.render.words import (
    clean,
    markdown,
    minute,
    plural,
    rfc3339,
    short_name,
    signed,
    write_csv,
    write_json,
)


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("a\x1b[31mred\x1b[0m b", "ared b"),
        ("title\x1b]0;owned\x07 ok", "title ok"),
        ("link\x1b]8;;http://evil\x1b\\x", "linkx"),
        ("c1 \x9b31m here", "c1 here"),
        ("bell\x07 back\x08space", "bell back space"),
        ("two\r\nlines\tand\u2028more", "two lines and more"),
        ("\u202eesrever\u202c", "esrever"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("  wide   blanks ", "wide blanks"),
        ("Ünïcode 深度 ∞ 👩‍🔬", "Ünïcode 深度 ∞ 👩‍🔬"),
        ("left\x1b", "left"),
        ("open\x1b]0;never closed", "open0;never closed"),
    ],
)
def test_controls_are_gone_and_words_stay(hostile: str, harmless: str) -> None:
    assert clean(hostile) == harmless


@given(st.text(st.characters(), max_size=200))
def test_nothing_that_acts_on_a_terminal_survives(text: str) -> None:
    assert all(c.isprintable() or c.isspace() or ord(c) > 0xA0 for c in clean(text))
    assert clean(text).encode("utf-8").decode("utf-8") == clean(text)
    assert not set(clean(text)) & set("\r\n\t\x1b\x9b\u202e")


def test_times_are_utc() -> None:
    assert rfc3339(1_795_305_600) == "2026-11-22T00:00:00Z"
    assert minute(1_795_305_660) == "2026-11-22 00:01"


def test_numbers_in_words() -> None:
    assert (signed(3), signed(0), signed(-3)) == ("+3", "0", "-3")
    assert (plural(1, "paper"), plural(2, "paper")) == ("1 paper", "2 papers")


def test_unknown_sources_get_a_short_name_of_their_own() -> None:
    assert (short_name("semantic_scholar"), short_name("google\x07_scholar")) == ("S2", "google _")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r@", " ="])
def test_a_cell_is_never_a_formula(start: str) -> None:
    out = io.StringIO()
    write_csv(["text"], [[f'{start}HYPERLINK("http://evil")']], out)
    ((cell,),) = list(csv.reader(io.StringIO(out.getvalue())))[1:]
    assert cell.startswith("'")


def test_negative_numbers_stay_numbers_in_csv() -> None:
    out = io.StringIO()
    write_csv(["a", "b"], [[-5, None]], out)
    assert out.getvalue() == "a,b\n-5,\n"


def test_cells_with_commas_and_quotes_are_quoted() -> None:
    out = io.StringIO()
    write_csv(["a"], [['Say "hi", twice']], out)
    assert out.getvalue() == 'a\n"Say ""hi"", twice"\n'


@given(st.text(max_size=80))
def test_json_of_any_text_is_read_back_the_same_and_can_be_encoded(text: str) -> None:
    out = io.StringIO()
    write_json({"text": text}, out)
    assert json.loads(out.getvalue().encode("utf-8")) == {"text": text}


def test_json_escapes_what_could_act_on_a_terminal() -> None:
    out = io.StringIO()
    write_json(["\x9b31m \u202e \x1b ü"], out)
    assert out.getvalue() == '[\n  "\\u009b31m \\u202e \\u001b ü"\n]\n'


def test_markdown_shows_text_as_itself() -> None:
    assert markdown("a|b <img src=x> *c* [d](e)\n`f` \\") == (
        "a\\|b &lt;img src=x&gt; \\*c\\* \\[d\\](e) \\`f\\` \\\\"
    )
