"""Badges change in place: their characters and not one byte more, or nothing at all."""

from __future__ import annotations

import codecs
import errno
import fcntl
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.errors import InputError
from citewatch.intake import replacing
from citewatch.intake.document import open_document, parse_document
from citewatch.intake.replacing import replace_bytes
from citewatch.intake.rewrite import apply_edits

LIST = "Zażółć – étude “x”, 2020, 10+ citations  \nnext\t\n \n25+ citations"
WESTERN = LIST.replace("Zażółć", "Müller")
MARKS = {"utf-8-sig": b"", "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE,
         "utf-32-le": codecs.BOM_UTF32_LE, "utf-32-be": codecs.BOM_UTF32_BE}  # fmt: skip
ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}


def _forms(end: str) -> dict[str, bytes]:
    text, western = LIST.replace("\n", end), WESTERN.replace("\n", end)
    rare = western.replace("–", "-").replace("“", "\x81").replace("”", "\x8d")
    plain = {"utf-8": text.encode(), "cp1252": western.encode("cp1252")}
    plain["latin-1"] = rare.encode("latin-1")
    return plain | {code: mark + text.encode(code) for code, mark in MARKS.items()}


FORMS = {
    f"{code}, {name}": data for name, end in ENDS.items() for code, data in _forms(end).items()
}


def edit(data: bytes, old: str, new: str) -> bytes:
    document = parse_document(data, path=Path("cv.txt"))
    at = document.text.index(old)
    return apply_edits(document, [(at, at + len(old), new)])


@pytest.mark.parametrize("form", FORMS)
def test_only_the_badge_changes_whatever_the_encoding(form: str) -> None:
    before = FORMS[form]
    document = parse_document(before, path=Path("cv.txt"))
    first, second = document.text.index("10+"), document.text.index("25+")
    after = apply_edits(document, [(second, second + 3, "1,300+"), (first, first + 3, "100+")])
    code, mark = document.encoding, document.mark
    expected = document.text.replace("10+", "100+").replace("25+", "1,300+")
    assert after == mark + expected.encode(code)
    assert edit(edit(after, "100+", "10+"), "1,300+", "25+") == before


def test_no_edit_is_no_change() -> None:
    for data in FORMS.values():
        assert apply_edits(parse_document(data, path=Path("x")), []) == data


@given(st.text(min_size=1).filter(str.strip), st.data())
def test_any_edits_give_the_text_with_the_edits(text: str, data: st.DataObject) -> None:
    try:
        document = parse_document(text.encode(), path=Path("x"))
    except (InputError, UnicodeEncodeError):
        return
    size = len(document.text)
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=6)))
    edits = [(a, b, f"<{a}>") for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    expected, kept = "", 0
    for start, end, new in edits:
        expected += document.text[kept:start] + new
        kept = end
    expected += document.text[kept:]
    assert apply_edits(document, edits) == document.mark + expected.encode(document.encoding)


@pytest.mark.parametrize(
    "edits", [[(0, 4, "a"), (3, 6, "b")], [(2, 1, "")], [(-1, 2, "")], [(0, 10_000, "")]]
)
def test_edits_that_overlap_or_lie_outside_are_refused(edits: list[tuple[int, int, str]]) -> None:
    with pytest.raises(ValueError, match="overlaps another or lies outside"):
        apply_edits(parse_document(FORMS["utf-8, LF"], path=Path("x")), edits)


def test_a_character_that_the_encoding_lacks_is_named() -> None:
    with pytest.raises(InputError) as caught:
        edit(FORMS["cp1252, LF"], "25+", "≥25")
    assert "cv.txt: line 4: the character '≥' (U+2265)" in caught.value.problem
    assert "cp1252" in caught.value.problem
    assert "UTF-8" in caught.value.remedy


# --- the file ---------------------------------------------------------------------


@pytest.fixture
def cv(tmp_path: Path) -> Path:
    path = tmp_path / "cv.tex"
    path.write_bytes(b"old\r\n")
    return path


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_the_file_is_replaced_and_the_old_one_kept(cv: Path) -> None:
    cv.chmod(0o640)
    backup = replace_bytes(cv, b"new\r\n", expected=b"old\r\n")
    assert cv.read_bytes() == b"new\r\n"
    assert cv.stat().st_mode & 0o777 == 0o640
    assert backup == cv.with_name("cv.tex.bak")
    assert backup.read_bytes() == b"old\r\n"
    assert backup.stat().st_mode & 0o777 == 0o640
    assert names(cv.parent) == ["cv.tex", "cv.tex.bak"]


def test_no_backup_is_ever_written_over(cv: Path) -> None:
    cv.with_name("cv.tex.bak").write_bytes(b"precious")
    assert replace_bytes(cv, b"2", expected=b"old\r\n") == cv.with_name("cv.tex.bak2")
    assert replace_bytes(cv, b"3", expected=b"2") == cv.with_name("cv.tex.bak3")
    held = {p.name: p.read_bytes() for p in cv.parent.iterdir()}
    assert held == {
        "cv.tex": b"3", "cv.tex.bak": b"precious", "cv.tex.bak2": b"old\r\n", "cv.tex.bak3": b"2",
    }  # fmt: skip


def test_a_backup_of_the_same_bytes_serves_again(cv: Path) -> None:
    replace_bytes(cv, b"2", expected=b"old\r\n")
    replace_bytes(cv, b"old\r\n", expected=b"2")
    assert replace_bytes(cv, b"2", expected=b"old\r\n") == cv.with_name("cv.tex.bak")
    assert names(cv.parent) == ["cv.tex", "cv.tex.bak", "cv.tex.bak2"]


def test_the_same_bytes_are_not_written(cv: Path) -> None:
    before = cv.stat()
    assert replace_bytes(cv, b"old\r\n", expected=b"old\r\n") is None
    assert (cv.stat().st_ino, cv.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert names(cv.parent) == ["cv.tex"]


def test_a_link_stays_and_the_real_file_is_replaced(cv: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.tex"
    link.parent.mkdir()
    link.symlink_to(cv)
    assert replace_bytes(link, b"new", expected=b"old\r\n") == cv.with_name("cv.tex.bak")
    assert link.is_symlink()
    assert cv.read_bytes() == b"new"
    assert names(link.parent) == ["link.tex"]


def test_a_backup_s_name_that_is_a_link_leads_nowhere(cv: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    cv.with_name("cv.tex.bak").symlink_to(victim)
    assert replace_bytes(cv, b"new", expected=b"old\r\n") == cv.with_name("cv.tex.bak2")
    assert victim.read_bytes() == b"mine"


@pytest.mark.parametrize("how", ["edited", "gone", "replaced", "folder"])
def test_a_file_that_changed_meanwhile_is_left_alone(cv: Path, how: str) -> None:
    cv.unlink()
    if how == "folder":
        cv.mkdir()
    elif how != "gone":
        cv.write_bytes(b"theirs")
    with pytest.raises(InputError, match=r"nothing was (changed|written)"):
        replace_bytes(cv, b"new", expected=b"old\r\n")
    assert names(cv.parent) == ([] if how == "gone" else ["cv.tex"])


@pytest.mark.parametrize("same_file", [True, False])
def test_an_editor_that_saves_at_the_last_moment_wins(
    cv: Path, monkeypatch: pytest.MonkeyPatch, same_file: bool
) -> None:
    real = os.fsync

    def save(handle: int) -> None:
        real(handle)
        if same_file:
            cv.write_bytes(b"theirs")
        else:
            other = cv.with_name("editor")
            other.write_bytes(b"theirs")
            other.replace(cv)

    monkeypatch.setattr(replacing.os, "fsync", save)
    with pytest.raises(InputError, match="changed by someone else meanwhile; nothing was written"):
        replace_bytes(cv, b"new", expected=b"old\r\n")
    assert cv.read_bytes() == b"theirs"
    assert names(cv.parent) == ["cv.tex"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "no room on the disk; nothing was changed"),
        (errno.EDQUOT, "no room on the disk; nothing was changed"),
        (errno.EIO, "cannot be written: Input/output error; nothing was changed"),
        (errno.EROFS, "cannot be written: Read-only file system; nothing was changed"),
    ],
)
@pytest.mark.parametrize("at", [1, 2])
def test_a_failed_write_changes_nothing_and_leaves_nothing(
    cv: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str, at: int
) -> None:
    calls: list[int] = []
    real = os.fsync

    def fail(handle: int) -> None:
        calls.append(handle)
        if len(calls) == at:
            raise OSError(code, os.strerror(code))
        real(handle)

    monkeypatch.setattr(replacing.os, "fsync", fail)
    with pytest.raises(InputError) as caught:
        replace_bytes(cv, b"new", expected=b"old\r\n")
    assert caught.value.problem == f"{cv}: {message}"
    assert cv.read_bytes() == b"old\r\n"
    assert names(cv.parent) == ["cv.tex"]


def test_a_disk_that_is_full_in_earnest_changes_nothing(cv: Path) -> None:
    """The kernel itself cuts the writing off (a limit on the size of files)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(InputError, match="no room on the disk; nothing was changed"):
            replace_bytes(cv, b"n" * 5000, expected=b"old\r\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert cv.read_bytes() == b"old\r\n"
    assert names(cv.parent) == ["cv.tex"]


def test_a_write_protected_file_is_not_replaced(cv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is write-protected for root, who may be running this.
    monkeypatch.setattr(replacing.os, "access", lambda file, mode: False)
    with pytest.raises(InputError, match="cannot be written: Permission denied"):
        replace_bytes(cv, b"new", expected=b"old\r\n")
    assert names(cv.parent) == ["cv.tex"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is write-protected for root")
def test_a_write_protected_folder_changes_nothing(cv: Path) -> None:
    cv.parent.chmod(0o555)
    try:
        with pytest.raises(InputError, match="cannot be written: Permission denied"):
            replace_bytes(cv, b"new", expected=b"old\r\n")
    finally:
        cv.parent.chmod(0o755)
    assert cv.read_bytes() == b"old\r\n"


def test_a_file_whose_owner_cannot_be_kept_is_left_alone(
    cv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int, uid: int, gid: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    state = os.stat_result((0o100644, cv.stat().st_ino, 0, 1, 4242, 4242, 5, 0, 0, 0))
    monkeypatch.setattr(replacing.os, "fchown", refuse)
    with pytest.raises(InputError, match="belongs to another user or group"):
        replacing._write_new(cv, b"new", state, path=cv)
    assert names(cv.parent) == ["cv.tex"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays(cv: Path) -> None:
    os.chown(cv, 4242, 4343)
    backup = replace_bytes(cv, b"new", expected=b"old\r\n")
    assert backup is not None
    for path in (cv, backup):
        assert (path.stat().st_uid, path.stat().st_gid) == (4242, 4343)


def test_a_file_with_two_names_is_left_alone(cv: Path) -> None:
    os.link(cv, cv.with_name("other.tex"))
    with pytest.raises(InputError, match="has 2 names"):
        replace_bytes(cv, b"new", expected=b"old\r\n")
    assert cv.read_bytes() == b"old\r\n"


def test_a_pipe_in_the_file_s_place_is_refused_at_once(cv: Path) -> None:
    cv.unlink()
    os.mkfifo(cv)
    with pytest.raises(InputError, match="no regular file"):
        replace_bytes(cv, b"new", expected=b"old\r\n")


_KILLED = """
import os, signal, sys
from pathlib import Path
from citewatch.intake import replacing
real = Path.replace
def die(self, target):
    os.kill(os.getpid(), signal.SIGKILL)
Path.replace = die
replacing.replace_bytes(Path(sys.argv[1]), b"new", expected=b"old\\r\\n")
"""


def test_killed_between_writing_and_moving_the_old_file_stands_and_the_next_run_works(
    cv: Path,
) -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED, str(cv)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert cv.read_bytes() == b"old\r\n"
    (left,) = cv.parent.glob(".cv.tex.*.citewatch-new")
    os.utime(left, (1_700_000_000, 1_700_000_000))
    assert replace_bytes(cv, b"new", expected=b"old\r\n") == cv.with_name("cv.tex.bak")
    assert names(cv.parent) == ["cv.tex", "cv.tex.bak"], "what was left behind is gone"


def test_what_others_are_writing_is_not_cleared_away(cv: Path) -> None:
    mine = {
        cv.with_name(n)
        for n in (".cv.tex.a.citewatch-new", ".cv.tex.swp", ".cv.texts.x.citewatch-new")
    }
    for place in mine:
        place.touch()
    old = cv.with_name(".cv.texts.x.citewatch-new")
    os.utime(old, (1, 1))
    replace_bytes(cv, b"new", expected=b"old\r\n")
    assert all(place.exists() for place in mine)


def _write(path: Path, data: bytes, ready: object, results: object) -> None:
    ready.wait()  # type: ignore[attr-defined]
    try:
        replace_bytes(path, data, expected=b"old\r\n")
    except InputError as error:
        results.put(error.problem)  # type: ignore[attr-defined]
    else:
        results.put("")  # type: ignore[attr-defined]


def test_of_several_at_once_one_writes_and_the_others_are_told(cv: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready, results = context.Barrier(4), context.Queue()
    versions = [f"version {n}".encode() for n in range(4)]
    others = [context.Process(target=_write, args=(cv, v, ready, results)) for v in versions]
    for one in others:
        one.start()
    said = [results.get(timeout=60) for _ in others]
    for one in others:
        one.join(60)
    assert sorted(map(bool, said)) == [False, True, True, True]
    told = ("changed by someone else meanwhile", "another program holds it right now")
    assert all(any(one in words for one in told) for words in said if words)
    assert cv.read_bytes() in versions
    assert names(cv.parent) == ["cv.tex", "cv.tex.bak"]
    assert cv.with_name("cv.tex.bak").read_bytes() == b"old\r\n"


def test_a_file_that_another_program_holds_is_left_alone_at_once(cv: Path) -> None:
    with cv.open("rb") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another program holds it right now"):
            replace_bytes(cv, b"new", expected=b"old\r\n")
    assert replace_bytes(cv, b"new", expected=b"old\r\n") is not None


def test_the_document_of_a_file_is_its_bytes(tmp_path: Path) -> None:
    for number, data in enumerate(FORMS.values()):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(data)
        assert open_document(path).data == data
