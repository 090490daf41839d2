"""The chart of one paper: what is drawn, how, and that nothing lies over anything else."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from drawings import (
    HOSTILE,
    NOW,
    ago,
    drawing,
    forecast,
    line,
    parse,
    strokes,
    texts,
    walked,
    words,
)

from citewatch.charts.colours import INK, LINES, PAPER, QUIET, RUNG_TEXT, Colours
from citewatch.charts.paper import Drawing, paper_chart
from citewatch.charts.svg import inline, standalone, width_of
from citewatch.domain.milestones import Ladder
from citewatch.services.reported import Line

OBSERVED = line(days=400, first=100)
PAST = replace(line(days=3000, until=400, first=1, reconstructed=True), until=None)
FILE = {"alone": True, "width": 960, "height": 480}


def drawn(made: Drawing) -> ET.Element:
    chart = paper_chart(made)
    assert chart is not None
    return chart


def test_observed_and_reconstructed_are_drawn_differently() -> None:
    chart = drawn(drawing(PAST, OBSERVED))
    (whole,), (broken,) = strokes(chart, "l"), strokes(chart, "d")
    assert max(x for x, _ in walked(broken)) <= walked(whole)[0][0]
    assert "reconstructed from the dates of citing works" in (chart.findtext("desc") or "")
    legend = words(drawn(drawing(PAST, OBSERVED, **FILE)))
    assert {"observed", "reconstructed from the dates of citing works"} <= set(legend)


def test_what_does_not_occur_is_not_explained() -> None:
    legend = " ".join(words(drawn(drawing(OBSERVED, **FILE))))
    for absent in ("reconstructed", "expected", "break"):
        assert absent not in legend


def test_a_gap_stays_a_gap() -> None:
    early, late = line(days=400, until=300), line(days=200, first=120)
    chart = drawn(drawing(early, late, **FILE))
    first, second = (walked(d) for d in strokes(chart, "l"))
    assert second[0][0] - first[-1][0] > 100
    assert "a break: not known at that time" in words(chart)


def test_a_line_ends_with_its_last_confirmation_and_not_later() -> None:
    chart = drawn(drawing(OBSERVED, line("openalex", days=390, until=200, first=40)))
    fresh, old = (walked(d)[-1][0] for d in strokes(chart, "l"))
    assert old < fresh - 50


def test_sources_are_never_joined_and_each_carries_its_name_and_count() -> None:
    others = [line("openalex", first=60), line("crossref", first=61), line("=cmd", first=5)]
    colours = Colours.of(["semantic_scholar", "openalex", "crossref", "=cmd"])
    chart = drawn(drawing(OBSERVED, *others, labels={"semantic_scholar": "S2"}, colours=colours))
    assert len(strokes(chart, "l")) == 4
    classes = {p.attrib["class"] for p in chart.iter("path") if p.attrib["class"].startswith("l")}
    assert len(classes) == 4
    assert {"S2 139", "openalex 99", "=cmd 44"} <= set(words(chart))


def test_the_forecast_is_a_fan_from_the_last_count_on() -> None:
    chart = drawn(drawing(OBSERVED, forecast=forecast(139)))
    (fan,), (middle,), (whole,) = (strokes(chart, kind) for kind in ("fan", "e", "l"))
    assert walked(fan)[0] == walked(middle)[0] == pytest.approx(walked(whole)[-1], abs=0.2)
    assert "80 % between" in (chart.findtext("desc") or "")


def test_a_forecast_is_drawn_no_further_than_the_past_allows() -> None:
    short = line(days=30)
    assert "149" in (drawn(drawing(short, forecast=forecast(139))).findtext("desc") or "")
    assert "179" not in (drawn(drawing(short, forecast=forecast(139))).findtext("desc") or "")
    assert strokes(drawn(drawing(short, forecast=forecast(139), source="openalex")), "fan") == []


def test_the_ladder_is_lines_with_its_badges() -> None:
    chart = drawn(drawing(line(days=400, first=80)))
    assert strokes(chart, "r")
    assert "100+" in words(chart)
    assert strokes(drawn(drawing(line(days=400, first=80), ladder=None)), "r") == []


def test_a_single_reading_is_seen() -> None:
    chart = drawn(drawing(Line(source="semantic_scholar", times=(ago(3),), counts=(0,))))
    assert len(list(chart.iter("circle"))) == 1
    assert "0" in words(chart)


def test_without_a_line_there_is_no_chart() -> None:
    assert paper_chart(drawing()) is None
    assert paper_chart(drawing(Line(source="s", times=(), counts=()))) is None


def test_a_title_is_only_text_and_the_file_is_xml() -> None:
    made = drawing(line(HOSTILE), title=HOSTILE, source=HOSTILE, **FILE)
    text = standalone(drawn(made))
    parsed = parse(text)
    assert "<script" not in text
    assert "\x1b" not in text
    assert any(w.startswith("A <script>alert") for w in (e.text or "" for e in parsed.iter()))


def test_a_file_asks_for_nothing_and_names_itself() -> None:
    text = standalone(drawn(drawing(PAST, OBSERVED, **FILE)))
    parsed = parse(text)
    assert parsed.attrib["role"] == "img"
    ids = {e.attrib["id"] for e in parsed.iter() if "id" in e.attrib}
    assert set(parsed.attrib["aria-labelledby"].split()) <= ids
    for asking in ("href", "url(", "@import", "<image", "<script", "<foreignObject"):
        assert asking not in text
    assert text.count("http") == 1  # the name of SVG itself
    assert "prefers-color-scheme:dark" in text


@pytest.mark.parametrize("size", [{}, FILE], ids=["small", "file"])
@pytest.mark.parametrize("first", [0, 3, 9, 95, 1300, 17_950, 250_000])
@pytest.mark.parametrize("step", [0, 1, 40])
def test_no_text_lies_over_another_or_leaves_the_picture(
    size: dict[str, object], first: int, step: int
) -> None:
    lines = [line(first=first, step=step)]
    lines += [
        line(s, first=first // 2 + n, step=step) for n, s in enumerate(("openalex", "crossref"))
    ]
    made = drawing(
        *lines, forecast=forecast(lines[0].counts[-1]), labels={"openalex": "OA"}, **size
    )
    chart = drawn(made)
    boxes = []
    for x, y, anchor, said in texts(chart):
        wide = width_of(said)
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
        boxes.append((left, y - 9, left + wide, y + 1, said))
        assert left >= -1, said
        assert y <= made.height, said
        assert left + wide <= made.width + 1 or y < 20, said
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            apart = (
                one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            )
            assert apart, (one, other)


def test_readings_closer_than_a_dot_do_not_make_the_file_grow() -> None:
    times = tuple(range(ago(1800), NOW, 86_400))
    daily = Line(source="semantic_scholar", times=times, counts=tuple(range(len(times))))
    chart = drawn(drawing(daily))
    assert len(inline(chart)) < 12_000
    (path,), (last,) = strokes(chart, "l"), chart.iter("circle")
    places = walked(path)
    assert all(b[1] <= a[1] and a[0] <= b[0] for a, b in pairwise(places))
    assert places[-1] == pytest.approx(
        (float(last.attrib["cx"]), float(last.attrib["cy"])), abs=0.3
    )


# --- colours ---------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_every_letter_has_contrast_enough(side: int) -> None:
    for pair in (INK, QUIET, RUNG_TEXT, *LINES):
        assert contrast(pair[side], PAPER[side]) >= 4.5, pair


LESS = {
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}  # fmt: skip
"""How colours look to eyes that lack one kind of cone: G. M. Machado, M. M. Oliveira and
L. A. F. Fernandes, IEEE TVCG 15 (2009), for linear light."""


@pytest.mark.parametrize("eyes", LESS)
@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_the_sources_asked_by_default_differ_for_every_eye(side: int, eyes: str) -> None:
    seen = []
    for colours in LINES[:3]:
        linear = [(int(colours[side][n : n + 2], 16) / 255) ** 2.2 for n in (1, 3, 5)]
        mixed = [sum(f * c for f, c in zip(row, linear, strict=True)) for row in LESS[eyes]]
        seen.append([max(0.0, part) ** (1 / 2.2) for part in mixed])
    for place, one in enumerate(seen):
        for other in seen[place + 1 :]:
            assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 0.2


def test_a_source_keeps_its_colour_whoever_else_is_there() -> None:
    assert Colours.of(["crossref"]).place("crossref") == 2
    assert Colours.of(["scholar", "crossref", "other"]).place("crossref") == 2
    many = Colours.of(["scholar", "semantic_scholar", "openalex", "other"])
    places = [many.place(s) for s in ("scholar", "semantic_scholar", "openalex", "other")]
    assert len(set(places)) == 4


def test_a_ladder_of_thousands_of_steps_is_thinned() -> None:
    chart = drawn(drawing(line(first=1, step=9000), ladder=Ladder((), 1)))
    assert 2 <= len(strokes(chart, "r")) <= 8
