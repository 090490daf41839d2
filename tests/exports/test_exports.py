"""What other programs are given: read back by readers of their formats."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml

from citewatch.domain.identifiers import URL, Identifier
from citewatch.exports.badges import badges
from citewatch.exports.bibtex import as_bibtex
from citewatch.exports.document import as_json
from citewatch.exports.homepages import as_al_folio, as_scholar_json, scholar_name
from citewatch.exports.macros import as_macros
from citewatch.exports.sheet import Reading, as_csv, as_parquet, counts_sheet, readings_sheet
from citewatch.services.reported import Report
from worlds import day

HOSTILE = '=HYPERLINK("http://x") \\input{/etc/passwd} <script>&é%_#{'
ZOO = "zoo-zeroth-order-2017"
LINK = (
    "https://scholar.google.com/citations?view_op=view_citation&user=AbC_123AAAAJ"
    "&citation_for_view=AbC_123AAAAJ:u5HHmVD_uO8C"
)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_a_sheet_names_and_links_who_counted_and_when(report: Report) -> None:
    first = rows(as_csv(counts_sheet(report)))[0]
    assert {name: first[name] for name in ("key", "citations", "badge", "source_name")} == {
        "key": ZOO, "citations": "437", "badge": "400", "source_name": "Semantic Scholar",
    }  # fmt: skip
    assert first["observed_at"].endswith("Z")
    assert first["source_url"].startswith("https://www.semanticscholar.org/")


def test_unknown_counts_are_empty_and_no_zero(report: Report) -> None:
    never = [row for row in rows(as_csv(counts_sheet(report))) if row["key"].startswith("never")]
    assert {row["citations"] for row in never} == {""}
    assert {row["status"] for row in never} == {"never"}


def test_a_spreadsheet_sees_no_formula(report: Report) -> None:
    titles = {row["title"] for row in rows(as_csv(counts_sheet(report)))}
    assert f"'{HOSTILE}" in titles


def test_parquet_keeps_types_and_the_unknown(report: Report) -> None:
    from arro3.io import read_parquet

    table = read_parquet(io.BytesIO(as_parquet(counts_sheet(report)))).read_all()
    keys, counts = table["key"].to_pylist(), table["citations"].to_pylist()
    times = dict(zip(keys, table["observed_at"].to_pylist(), strict=True))
    assert dict(zip(keys, counts, strict=True))[ZOO] == 437
    assert dict(zip(keys, counts, strict=True))["never-asked-about-2020"] is None
    assert times[ZOO].timestamp() == day(40)
    assert b"Semantic Scholar https://" in table.schema.metadata[b"citewatch"]


def test_readings_are_one_row_each_with_the_columns_that_imports_read(report: Report) -> None:
    said = [
        Reading(key=ZOO, source="semantic_scholar", at=day(1), count=100, status="ok"),
        Reading(key=ZOO, source="semantic_scholar", at=day(2), count=None, status="missing"),
    ]
    found = rows(as_csv(readings_sheet(said, report)))
    assert [(r["paper"], r["date"][-9:], r["count"], r["status"]) for r in found] == [
        (ZOO, "00:00:00Z"[-9:], "100", "ok"),
        (ZOO, "00:00:00Z"[-9:], "", "missing"),
    ]


def test_json_leaves_out_what_is_unknown(report: Report) -> None:
    document = json.loads(as_json(report))
    papers = {paper["key"]: paper for paper in document["papers"]}
    assert papers[ZOO]["citations"] == 437
    assert "citations" not in papers["never-asked-about-2020"]
    assert document["totals"]["citations"] == 444
    assert document["sources"]["semantic_scholar"]["url"].startswith("https://")


def test_bibtex_is_read_by_others_and_bears_counts_with_source_and_day(report: Report) -> None:
    import bibtexparser

    library = bibtexparser.parse_string(as_bibtex(report, {ZOO: ("A. One", "B. and C.")}).decode())
    assert library.failed_blocks == []
    zoo = library.entries_dict[ZOO]
    assert zoo["note"].startswith("437 citations (Semantic Scholar, ")
    assert zoo["eprint"] == "1708.03999"
    assert zoo["author"] == "A. One and {B. and C.}"
    assert "note" not in library.entries_dict["never-asked-about-2020"]


def test_no_command_of_a_title_reaches_latex(report: Report) -> None:
    text = as_bibtex(report, {}).decode()
    assert r"\input{" not in text
    assert r"\textbackslash{}input\{" in text


DOCUMENT = r"""
\documentclass{article}
\newcommand{\badge}[1]{mine}
\begin{document}
\input{counts.tex}\input{counts.tex}
Key \citations{zoo-zeroth-order-2017}, id \citations{1708.03999}, own \badge{x},
badge \citewatchof{badge}{zoo-zeroth-order-2017}, none \citations{never-asked-about-2020},
total \citewatchcitations, h \citewatchhindex, as of \citewatchasof, by \citewatchsources.
\end{document}
"""


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
@pytest.mark.slow
def test_macros_compile_and_leave_the_users_own_alone(report: Report, tmp_path: Path) -> None:
    (tmp_path / "counts.tex").write_bytes(as_macros(report))
    (tmp_path / "cv.tex").write_text(DOCUMENT)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "cv.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "no count is known of 'never-asked-about-2020'" in done.stdout
    assert "the name badge is taken" in done.stdout


def test_macros_know_a_paper_by_key_and_identifier(report: Report) -> None:
    text = as_macros(report).decode()
    for name in (ZOO, "1708.03999"):
        assert rf"\citewatch@set{{citations}}{{{name}}}{{437}}" in text
        assert rf"\citewatch@set{{badge}}{{{name}}}{{400+ citations}}" in text
    assert "never-asked-about-2020" not in text


def test_a_badge_says_whose_and_of_when_and_asks_nobody(report: Report) -> None:
    files = badges(report)
    picture = ET.fromstring(files[f"{ZOO}.svg"])  # noqa: S314
    title = next(picture.iter("{http://www.w3.org/2000/svg}title"))
    assert title.text is not None
    assert title.text.startswith("citations (Semantic Scholar): 400+, as of ")
    links = {e.get("href") for e in picture.iter() if e.get("href")}
    assert all(link.startswith("https://www.semanticscholar.org/") for link in links if link)
    assert not any(e.tag.endswith(("image", "script", "style")) for e in picture.iter())


def test_an_endpoint_has_only_the_keys_that_shields_takes(report: Report) -> None:
    files = badges(report)
    known = {"schemaVersion", "label", "message", "color"}
    for name, content in files.items():
        if name.endswith(".json") and name != "index.json":
            assert set(json.loads(content)) <= known
    # Below the ladder's first step there is no badge, and the number itself is shown.
    assert json.loads(files["hyperlink-http-x.json"])["message"] == "7"
    assert "never-asked-about-2020.svg" not in files


def test_al_folio_finds_a_paper_by_its_scholar_identifier_or_its_key(report: Report) -> None:
    name = scholar_name([Identifier(URL, LINK)])
    document = yaml.safe_load(as_al_folio(report, {ZOO: name or ""}))
    assert document["papers"]["AbC_123AAAAJ:u5HHmVD_uO8C"]["citations"] == 437
    assert document["papers"]["hyperlink-http-x"]["citations"] == 7
    assert set(document["papers"]) == {"AbC_123AAAAJ:u5HHmVD_uO8C", "hyperlink-http-x"}


def test_a_link_elsewhere_is_no_scholar_identifier() -> None:
    elsewhere = LINK.replace("scholar.google.com", "example.org")
    assert scholar_name([Identifier(URL, elsewhere)]) is None


def test_scholar_json_has_the_shape_that_homepages_read(report: Report) -> None:
    files = as_scholar_json(report, {}, person="A. One")
    data = json.loads(files["gs_data.json"])
    assert data["citedby"] == 444
    assert data["publications"][ZOO]["num_citations"] == 437
    shield = json.loads(files["gs_data_shieldsio.json"])
    assert (shield["schemaVersion"], shield["message"]) == (1, "444")


def test_nothing_known_is_said_as_unknown(report: Report) -> None:
    bare = tuple(replace(p, counts=(), citations=None, source=None) for p in report.papers)
    empty = replace(
        report, papers=bare, totals=replace(report.totals, citations=None, h_index=None)
    )
    assert rb"\gdef\citewatchcitations{??}" in as_macros(empty)
    shield = as_scholar_json(empty, {}, person="A")["gs_data_shieldsio.json"]
    assert json.loads(shield)["message"] == "unknown"
    assert set(badges(empty)) == {"index.json"}
