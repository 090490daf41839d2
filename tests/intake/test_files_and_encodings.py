"""Files that can and cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from citewatch.errors import ListError
from citewatch.intake import read_list
from citewatch.intake.decode import MAX_BYTES

TEXT = (
    "Publications\n\n[1] Robust Trees\nJürgen Möller, Bo Li\nMade Things, 2019 – 100+ citations\n"
)


def write(folder: Path, data: bytes, *, name: str = "cv.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_unicode_files_are_read_without_a_note(tmp_path: Path, encoding: str, newline: str) -> None:
    found = read_list(write(tmp_path, TEXT.replace("\n", newline).encode(encoding)))
    assert found.entries[0].paper.authors == ("Jürgen Möller", "Bo Li")
    assert found.entries[0].line == 3
    assert found.notes == ()


def test_another_encoding_is_read_as_windows_1252_with_a_note(tmp_path: Path) -> None:
    found = read_list(write(tmp_path, TEXT.encode("cp1252")))
    assert found.entries[0].paper.authors == ("Jürgen Möller", "Bo Li")
    assert found.entries[0].paper.claim == 100
    assert "Windows-1252" in found.notes[0]


def test_bytes_that_are_not_even_windows_1252_are_latin_1(tmp_path: Path) -> None:
    found = read_list(write(tmp_path, TEXT.replace("–", "-").encode("latin-1") + b"\x81\n"))
    assert "Latin-1" in found.notes[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\r\n\t", "empty"),
        (b"\xef\xbb\xbf  \n", "empty"),
        (b"\xff\xfe\n\x00", "empty"),
        (bytes(range(256)) * 10, "binary"),
        (b"some text\0more", "binary"),
        (b"\x01\x02\x03\x04" * 100, "binary"),
        (b"\xff\xfea", "UTF-16"),
        (b"%PDF-1.7\n%\xe2\xe3", "damaged"),
        (b"PK\x03\x04....", "Word"),
        (b"{\\rtf1 x}", "RTF"),
        (b"\\documentclass{article}\n", "LaTeX"),
        (b"% mine\n\\begin{document}\n", "LaTeX"),
        (b"@article{roe2019,\n year={2019}}\n", "BibTeX"),
        (b"% mine\n@inproceedings{roe2019,\n", "BibTeX"),
        (b"<!DOCTYPE html>\n<p>", "no paper found"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b'[{"title": "X"}]', "JSON"),
        (b"TY  - JOUR\nAU  - X\n", "RIS"),
    ],
)
def test_what_cannot_be_read_gets_one_clear_message(
    tmp_path: Path, data: bytes, words: str
) -> None:
    path = write(tmp_path, data)
    with pytest.raises(ListError) as error:
        read_list(path)
    assert words in error.value.problem
    assert str(path) in error.value.problem
    assert error.value.remedy


@pytest.mark.parametrize("name", ["cv.pdf", "CV.DOCX", "cv.html", "cv.md", "cv", "cv.old"])
def test_a_file_is_read_as_what_it_is_whatever_its_name_says(tmp_path: Path, name: str) -> None:
    found = read_list(write(tmp_path, TEXT.encode(), name=name))
    assert [entry.paper.title for entry in found.entries] == ["Robust Trees"]
    assert bool(found.notes) == (name in ("cv.pdf", "CV.DOCX"))


def test_html_is_known_by_its_looks(tmp_path: Path) -> None:
    page = b"<html><h2>Papers</h2><ul><li>Bo Li, Jane Roe. Robust Trees. Made Things, 2019.</ul>"
    (entry,) = read_list(write(tmp_path, page)).entries
    assert entry.paper.title == "Robust Trees"


def test_a_format_that_is_not_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="XML is not a format that can be read") as error:
        read_list(write(tmp_path, b"<?xml version='1.0'?><a/>"))
    assert "text, PDF, LaTeX" in error.value.remedy


def test_a_missing_file_and_a_folder_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="no such file"):
        read_list(tmp_path / "absent.txt")
    with pytest.raises(ListError, match="a folder"):
        read_list(tmp_path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said_so(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT.encode())
    path.chmod(0)
    with pytest.raises(ListError, match="not allowed"):
        read_list(path)


def test_a_huge_file_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ListError, match="larger than 20 MB"):
        read_list(path)


def test_a_numbered_list_is_not_taken_for_json(tmp_path: Path) -> None:
    found = read_list(write(tmp_path, b"[1] Robust Trees\nBo Li, Jane Roe\nMade Things, 2019\n"))
    assert len(found.entries) == 1


def test_every_real_list_is_read_or_refused_in_one_message(data_dir: Path) -> None:
    endings = [ending(path) for path in sorted((data_dir / "real" / "cvs").iterdir())]
    assert len(endings) > 20
    assert all(endings)


def ending(path: Path) -> bool:
    """Whether reading a file ends as it may: with entries, or with a full message."""
    try:
        return bool(read_list(path).entries)
    except ListError as error:
        return error.problem.startswith(str(path)) and bool(error.remedy)
