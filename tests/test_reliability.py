"""Every trouble ends as docs/reliability.md says: one clear message, nothing lost."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def load(path: Path) -> Any:
    """A module by its path: the folder of benchmarks has names that tests have too."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


_, troubles, at_work = (
    load(ROOT / "benchmarks" / f"{name}.py") for name in ("worlds", "troubles", "at_work")
)
TROUBLES = (*troubles.TROUBLES, *at_work.AT_WORK)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, int]:
    """A folder that has seen some use, and how many readings it holds."""
    stage = troubles.prepare(tmp_path_factory.mktemp("troubles") / "before")
    return stage, stage.readings()


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda t: t.what)
def test_a_trouble_is_told_in_one_message_and_costs_no_reading(
    trouble: Any, before: tuple[Any, int], tmp_path: Path
) -> None:
    stage, readings = before
    said, after = troubles.play(trouble, stage, tmp_path / "after")
    assert troubles.complaints(trouble, said, after, readings) == [], said


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda t: t.what)
def test_a_trouble_stands_in_the_document(trouble: Any) -> None:
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| {trouble.what} |")]
    assert f"| `citewatch {trouble.command}` | {trouble.code} |" in row
    assert trouble.told in row


def test_who_only_looks_upgrades_an_older_database_that_nobody_holds(
    before: tuple[Any, int], tmp_path: Path
) -> None:
    shutil.copytree(before[0].folder, tmp_path / "home")
    stage = troubles.Stage(tmp_path / "home")
    troubles.of_the_first_release(stage)
    assert stage.run("report").code == 0
    assert list(stage.folder.glob("citewatch.before-0001-*.db"))
    assert stage.readings() == before[1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes, where this process may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    done = shutil.which("mount") and subprocess.run(mount, check=False, capture_output=True)
    if not done or done.returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_disk_without_room_is_told_by_every_command_and_costs_no_reading(
    before: tuple[Any, int], small_disk: Path
) -> None:
    """The real thing beside the limit on files: ENOSPC from the system itself."""
    _, readings = before
    shutil.copytree(before[0].folder, small_disk / "home")
    stage = troubles.Stage(small_disk / "home")
    many = stage.counts("many.csv", 6000, first=2600)
    for words in (
        ("import-history", many.name),
        ("backup", "new.db"),
        ("restore", "kept.db", "--force"),
        ("sync",),
    ):
        with (small_disk / "fill").open("wb") as rest:
            left = shutil.disk_usage(small_disk).free - 60_000
            rest.write(b"x" * max(0, left))
        names = {p.name for p in stage.folder.iterdir()}
        said = stage.run(*words)
        assert said.code == (0 if words == ("sync",) else 2), said
        assert "no room on the disk" in said.err
        assert "Traceback" not in said.err
        assert stage.readings() == readings
        left_over = {p.name for p in stage.folder.iterdir()} - names
        assert left_over <= {"backups", "citewatch.db.lock"}
        (small_disk / "fill").unlink()
