"""Where the scanner says that values stand, against what tomllib reads."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citewatch.config.positions import Form, lines_of, spots_of

SAMPLE = '''# a comment with [brackets] and "quotes
title = "root" # = [x]

[a.b]
'quoted key' = 1
"esc\\u0041ped" = { x = 1, y.z = [ { q = "}" }, ] }
dotted . key = 1979-05-27 07:32:00
text = """
[not.a.header]
key = "no key" \\"""
""""
raw = \'\'\'
[[no]]
\'\'\'

[[list]]
n = 1
[[list.inner]]
m = [
  1, # one ]
  # two
  "three",
]
[[list]]
[list.sub]
n = 2
'''


def test_every_place_of_a_tricky_text_has_its_line() -> None:
    lines = lines_of(SAMPLE, tomllib.loads(SAMPLE))
    assert lines == {
        (): 1,
        ("title",): 2,
        ("a",): 4,
        ("a", "b"): 4,
        ("a", "b", "quoted key"): 5,
        ("a", "b", "escAped"): 6,
        ("a", "b", "escAped", "x"): 6,
        ("a", "b", "escAped", "y"): 6,
        ("a", "b", "escAped", "y", "z"): 6,
        ("a", "b", "escAped", "y", "z", 0): 6,
        ("a", "b", "escAped", "y", "z", 0, "q"): 6,
        ("a", "b", "dotted"): 7,
        ("a", "b", "dotted", "key"): 7,
        ("a", "b", "text"): 8,
        ("a", "b", "raw"): 12,
        ("list",): 16,
        ("list", 0): 16,
        ("list", 0, "n"): 17,
        ("list", 0, "inner"): 18,
        ("list", 0, "inner", 0): 18,
        ("list", 0, "inner", 0, "m"): 19,
        ("list", 0, "inner", 0, "m", 0): 20,
        ("list", 0, "inner", 0, "m", 1): 22,
        ("list", 1): 24,
        ("list", 1, "sub"): 25,
        ("list", 1, "sub", "n"): 26,
    }


def test_nothing_is_said_when_the_text_and_the_values_differ() -> None:
    assert lines_of("a = 1\nb = 2\n", {"a": 1}) == {}
    assert lines_of("a = ]\n", {"a": 1}) == {}
    assert spots_of("a = [" * 3000, {}) is None


@pytest.mark.parametrize(
    "value",
    [
        '""""a"""""',
        '"""\\""""',
        "''''''",
        "'''a'''''",
        '"""\\\\"""',
        "1_000",
        "-inf",
        "07:32:00.5",
        "1979-05-27T07:32:00Z",
        "1979-05-27 07:32:00-07:00",
        "[[], [[1,],],]",
        "{}",
        "{ }",
        '"#"',
    ],
)
def test_the_span_of_a_value_is_exactly_its_text(value: str) -> None:
    text = f"a={value}#]\nb = 1\n"
    data = tomllib.loads(text)
    spots = spots_of(text, data)
    assert spots is not None
    assert text[spots["a",].start : spots["a",].end] == value


def is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


KEYS = st.sampled_from(["a", "b", "c-d", "'e.f'", '"g \\" h"', '"i\\u005Dj"', '""', "1"])
DOTTED = st.lists(KEYS, min_size=1, max_size=3).map(" . ".join)
SCALARS = st.sampled_from(
    [
        "1",
        "-0.5e3",
        "true",
        '"x]#"',
        "'y}\"'",
        '"""\n[q]\n""\\""""',
        "'''\n''k = 1'''",
        "1979-05-27",
        "1979-05-27 07:32:00",
        "0xff",
        "nan",
    ]
)
GAPS = st.sampled_from(["", " ", "\n", " # ] } \n", "\r\n\t"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.tuples(st.lists(inner, max_size=3), GAPS, GAPS).map(
            lambda x: f"[{x[1]}{f'{x[2]},{x[1]}'.join(x[0])}{x[2]}]"
        ),
        st.lists(st.tuples(DOTTED, inner), max_size=3).map(
            lambda pairs: f"{{ {', '.join(f'{k}= {v}' for k, v in pairs)} }}"
        ),
    ),
    max_leaves=6,
)
STATEMENTS = st.one_of(
    st.tuples(DOTTED, VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    DOTTED.map(lambda key: f"[ {key} ] # header"),
    DOTTED.map(lambda key: f"[[{key}]]"),
    st.sampled_from(["", "# [comment]", "  "]),
)


@settings(deadline=None)
@given(st.lists(STATEMENTS, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_the_scanner_sees_in_any_valid_text_what_tomllib_sees(
    statements: list[str], newline: str
) -> None:
    text = ""
    for statement in statements:
        if is_toml(longer := text + statement + newline):
            text = longer
    data = tomllib.loads(text)
    spots = spots_of(text, data)
    assert spots is not None
    for place, spot in spots.items():
        if spot.form not in (Form.SCALAR, Form.ARRAY, Form.INLINE):
            continue
        value: object = data
        for part in place:
            value = value[part]  # type: ignore[index]
        again = tomllib.loads(f"v = {text[spot.start : spot.end]}")["v"]
        assert repr(again) == repr(value)


@settings(deadline=None)
@given(st.integers(0, len(SAMPLE)), st.integers(0, 12), st.text("[]{}\"'=.,#\n\\ax1 ", max_size=4))
def test_a_damaged_text_that_is_still_valid_is_read_alike_or_not_at_all(
    at: int, cut: int, new: str
) -> None:
    text = SAMPLE[:at] + new + SAMPLE[at + cut :]
    if is_toml(text):
        assert spots_of(text, tomllib.loads(text)) is not None
    else:
        lines_of(text, {})
