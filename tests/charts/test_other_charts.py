"""Totals, sparklines, PNG, and charts out of characters."""

from __future__ import annotations

import struct

import pytest
from drawings import HOSTILE, NOW, ago, drawing, line, parse, strokes, walked, words

from citewatch.charts import png as dots
from citewatch.charts.paper import paper_chart
from citewatch.charts.png import png
from citewatch.charts.spark import spark_svg
from citewatch.charts.strokes import in_strokes
from citewatch.charts.svg import standalone, text
from citewatch.charts.terminal import terminal_chart
from citewatch.charts.totals import totals_chart
from citewatch.domain.milestones import Ladder
from citewatch.services.reported import Line


def test_totals_over_time_say_where_they_began_and_ended() -> None:
    chart = totals_chart("t", [(ago(300), 900), (ago(100), 950), (NOW, 1000)], title="Citations")
    assert "from 900 on 2026-01-27 to 1000 on 2026-11-23" in (chart.findtext("desc") or "")
    assert "1000" in words(chart)
    (path,) = strokes(chart, "l")
    assert len(walked(path)) == len(list(chart.iter("circle"))) == 3


def test_a_sparkline_has_gaps_where_nothing_is_known() -> None:
    root = parse(spark_svg([None, 5, 6, None, 8, 8]))
    assert len(list(root.iter("path"))) == 2
    assert root.attrib["aria-label"] == "from 5 to 8"
    assert spark_svg([None, None]) == ""
    assert "from 7 to 7" in spark_svg([7])


def test_a_png_is_twice_as_large_as_its_picture() -> None:
    chart = paper_chart(drawing(line(), alone=True, width=400, height=200))
    assert chart is not None
    data = png(standalone(chart))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", data[16:24]) == (800, 400)


# --- characters ------------------------------------------------------------------


def rows(*lines: Line, **more: object) -> list[str]:
    return terminal_chart(lines, now=NOW, width=60, **more)  # type: ignore[arg-type]


def test_a_chart_of_characters_fits_and_has_its_axes() -> None:
    made = rows(line(days=700, first=1300, step=2), ladder=Ladder())
    assert len(made) == 11
    assert max(map(len, made)) <= 60
    assert any(row.startswith("1400+ ┤") and "┄" in row for row in made)
    assert "2025" in made[-1]


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right() -> None:
    made = [row[8:] for row in rows(line(days=700, first=1300, step=5))[:9]]
    dotted = [[i for i, c in enumerate(row) if "\u2801" <= c <= "\u28ff"] for row in made]
    tops = [max(found) for found in dotted if found]
    assert tops == sorted(tops, reverse=True)


def test_what_is_reconstructed_has_half_the_dots() -> None:
    def count(reconstructed: bool) -> int:
        flat = line(days=700, step=0, reconstructed=reconstructed)
        body = "".join(rows(flat)[:9])
        return sum((ord(c) - 0x2800).bit_count() for c in body if "\u2801" <= c <= "\u28ff")

    assert count(True) * 2 == pytest.approx(count(False), abs=2)


def test_nothing_to_draw_or_no_room_is_no_chart() -> None:
    assert rows() == []
    assert terminal_chart([line()], now=NOW, width=30) == []


def test_charts_of_one_span_share_their_days() -> None:
    span = (ago(700), NOW)
    one, other = rows(line(days=700), span=span), rows(line(days=100), span=span)
    assert one[-1] == other[-1]


def test_counts_of_nought_are_drawn() -> None:
    made = rows(Line(source="s", times=(ago(40),), counts=(0,), until=NOW))
    assert any("0 ┤⣀" in row for row in made)


# --- letters without a font ------------------------------------------------------


def test_without_a_font_a_png_still_has_its_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    def fontless(**asked: object) -> bytes:
        return bytes(real(**asked, skip_system_fonts=True))

    chart = paper_chart(drawing(line(), alone=True, width=400, height=200))
    assert chart is not None
    picture = standalone(chart)
    real = dots.resvg_py.svg_to_bytes
    bare = fontless(svg_string=picture, zoom=2)
    monkeypatch.setattr(dots.resvg_py, "svg_to_bytes", fontless)
    dots.can_write.cache_clear()
    try:
        assert not dots.can_write()
        assert len(png(picture)) > len(bare) * 1.2
    finally:
        dots.can_write.cache_clear()


def test_every_letter_of_ascii_has_strokes_of_its_own() -> None:
    def drawn(character: str) -> str:
        chart = totals_chart("t", [(ago(3), 1), (NOW, 2)], title="T")
        text(chart, (0, 0), character)
        return parse(in_strokes(standalone(chart))).findall(".//{*}path")[-1].attrib["d"]

    alphabet = [chr(n) for n in range(33, 127) if chr(n) not in "@`"]
    shapes = [drawn(c) for c in alphabet if c not in "0O"]
    assert len(set(shapes)) == len(shapes)
    assert drawn("é") == drawn("e")
    assert drawn("深") not in shapes


def test_no_text_is_left_in_a_picture_of_strokes() -> None:
    chart = paper_chart(drawing(line(HOSTILE), title=HOSTILE, alone=True, width=400, height=200))
    assert chart is not None
    root = parse(in_strokes(standalone(chart)))
    assert not root.findall(".//{*}text")
    assert root.findall(".//{*}title")
