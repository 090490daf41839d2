"""Charts and pages as their user asks for them."""

from __future__ import annotations

import io
import os
import pty
from pathlib import Path
from threading import Thread

import pytest
from command_world import Citewatch

from citewatch.cli.main import run
from citewatch.sandbox import Sandbox

KEY = "zoo-zeroth-order-2017"


@pytest.fixture
def synced(listed: Sandbox, citewatch: Citewatch) -> Citewatch:
    """A list whose papers were asked for once."""
    assert citewatch("sync").code in (0, 3)
    return citewatch


def test_a_page_goes_to_stdout_or_into_a_file(synced: Citewatch, folder: Path) -> None:
    said = synced("report", "--format", "html")
    assert said.code == 0
    assert said.out.startswith("<!DOCTYPE html>")
    assert "<h1>Citations: cv</h1>" in said.out
    assert said.out.count("<figure>") > 40
    assert synced("report", "--format", "html", "--output", "r.html").out == ""
    assert (folder / "r.html").read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_a_page_before_the_first_sync_says_that_nothing_was_asked(
    listed: Sandbox, citewatch: Citewatch
) -> None:
    said = citewatch("report", "--format", "html")
    assert said.code == 0
    assert "No source has answered yet" in said.out
    assert "citewatch sync" in said.err


def test_latex_is_a_document_with_all_papers(synced: Citewatch) -> None:
    said = synced("report", "--format", "latex")
    assert said.code == 0
    assert said.out.count(r"\\[1pt]") == 54
    assert r"\subsection*{Citations: cv}" in said.out


@pytest.mark.parametrize(("name", "magic"), [("a.svg", b"<?xml"), ("b.PNG", b"\x89PNG")])
def test_a_plot_is_what_its_name_says(
    synced: Citewatch, folder: Path, name: str, magic: bytes
) -> None:
    said = synced("history", KEY, "--plot", name)
    assert (said.code, said.out, said.err) == (0, "", f"wrote {name}\n")
    assert (folder / name).read_bytes().startswith(magic)


def test_any_other_ending_is_a_usage_error_and_writes_nothing(
    synced: Citewatch, folder: Path
) -> None:
    before = sorted(folder.iterdir())
    for name in ("a.gif", "svg", "a.svg.txt"):
        said = synced("history", KEY, "--plot", name)
        assert said.code == 2
        assert "ends in .svg or .png" in said.err
    assert sorted(folder.iterdir()) == before


def test_what_cannot_be_drawn_or_written_is_said_in_one_line(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    said = citewatch("history", KEY, "--plot", "a.svg")
    assert said.code == 2
    assert f"no source has given a count of {KEY}" in said.err
    assert not (folder / "a.svg").exists()
    citewatch("sync")
    said = citewatch("history", KEY, "--plot", "nowhere/a.svg")
    assert said.code == 2
    assert "nowhere/a.svg: cannot be written" in said.err


def test_a_plot_of_one_source_has_no_other(synced: Citewatch, folder: Path) -> None:
    assert synced("history", KEY, "--source", "openalex", "--plot", "a.svg").code == 0
    text = (folder / "a.svg").read_text(encoding="utf-8")
    assert "OpenAlex" in text
    assert "Semantic Scholar" not in text


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *words: str, columns: str = "90") -> str:
    """What a command prints on a terminal."""
    leader, follower = pty.openpty()
    read: list[bytes] = []

    def listen() -> None:
        try:
            while chunk := os.read(leader, 65536):
                read.append(chunk)
        except OSError:
            pass

    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "xterm-256color")
    listener = Thread(target=listen)
    listener.start()
    with io.TextIOWrapper(os.fdopen(follower, "wb", 0), encoding="utf-8") as out:
        monkeypatch.setattr("sys.stdout", out)
        assert run(list(words)) == 0
    listener.join(10)
    os.close(leader)
    return b"".join(read).decode("utf-8")


def test_a_terminal_shows_a_chart_a_pipe_shows_bars(
    synced: Citewatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dots(text: str) -> bool:
        return any("\u2801" <= c <= "\u28ff" for c in text)

    assert not dots(synced("history", KEY).out)
    shown = on_a_terminal(monkeypatch, "history", KEY)
    assert dots(shown)
    assert "since (UTC)" in shown
    assert not dots(on_a_terminal(monkeypatch, "history", KEY, columns="40"))
