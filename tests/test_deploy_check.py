"""Checking badges before a commit and on a build machine: what is shipped for it, run here."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from citewatch.bootstrap import RealClock

DEPLOY = Path(__file__).resolve().parents[1] / "docs" / "deploy"
CV = """Publications

[1] Robust Trees for Noisy Forests
Jane Roe, Erika Muster and Anton van den Berg
Journal of Made Things, 2019 (Best paper, 100+ citations)

[2] Learning to Count without Looking
Erika Muster, Jane Roe
Made Conference (MC), 2018
"""


class Repository:
    """A repository with a CV, its configuration, and a database in which 437 were counted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "cv"
        self.folder.mkdir()
        self.home = folder
        self.cv = self.folder / "cv.txt"
        self.cv.write_text(CV, encoding="utf-8")
        self.run("git", "init", "--quiet", "--initial-branch=main")
        self.run("citewatch", "init", "cv.txt")
        seen = datetime.fromtimestamp(RealClock().time(), UTC) - timedelta(hours=1)
        (self.home / "counts.csv").write_text(
            "paper,source,date,count\n"
            f"robust-trees-for-2019,semantic_scholar,{seen.isoformat(timespec='seconds')},437\n"
            f"learning-to-count-2018,semantic_scholar,{seen.isoformat(timespec='seconds')},60\n"
        )
        self.run("citewatch", "import-history", "../counts.csv")
        (self.folder / ".gitignore").write_text("citewatch.db*\n*.bak*\n")

    @property
    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CITEWATCH_", "GIT_"))}
        programs = str(Path(sys.executable).parent)
        me = {
            f"GIT_{who}_{what}": "a@b"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        }
        return kept | me | {
            "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "xdg"),
        }  # fmt: skip

    def run(self, *words: str, code: int = 0, **more: str) -> str:
        done = subprocess.run(
            words, cwd=self.folder, env=self.environ | more, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def commits(self) -> int:
        return int(self.run("git", "rev-list", "--count", "--all").strip())


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def hook() -> dict[str, object]:
    text = (DEPLOY / "pre-commit-config.yaml").read_text(encoding="utf-8")
    (repo,) = yaml.safe_load(text)["repos"]
    (found,) = repo["hooks"]
    assert repo["repo"] == "local"
    return dict(found)


def install(repository: Repository, entry: str) -> None:
    """What pre-commit does with such a hook: its words are run, without file names."""
    script = repository.folder / ".git" / "hooks" / "pre-commit"
    script.write_text(f"#!/bin/sh\nexec {shlex.join(shlex.split(entry))}\n")
    script.chmod(0o755)


def test_a_badge_that_is_out_of_date_stops_the_commit(repository: Repository) -> None:
    found = hook()
    assert (found["language"], found["pass_filenames"]) == ("system", False)
    install(repository, str(found["entry"]).replace("cv.tex", "cv.txt"))
    repository.run("git", "add", ".")
    said = repository.run("git", "commit", "--quiet", "-m", "Begin", code=1)
    assert "100+ citations → 400+ citations" in said
    repository.cv.write_text(CV.replace("100+", "400+"), encoding="utf-8")
    repository.run("git", "add", ".")
    repository.run("git", "commit", "--quiet", "-m", "Begin")
    assert repository.commits() == 1


def test_a_badge_of_which_nothing_is_known_does_not_stop_it(repository: Repository) -> None:
    install(repository, str(hook()["entry"]).replace("cv.tex", "cv.txt"))
    repository.cv.write_text(CV.replace("100+", "900+"), encoding="utf-8")
    repository.run("git", "add", ".")
    repository.run("git", "commit", "--quiet", "-m", "Begin")
    (repository.folder / "citewatch.db").unlink()
    repository.cv.write_text(CV, encoding="utf-8")
    repository.run("git", "commit", "--quiet", "-am", "More")
    assert repository.commits() == 2


def job(repository: Repository) -> str:
    """The shell of the workflow's steps, but for the installation."""
    text = (DEPLOY / "github-check.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(text)["jobs"]["check"]["steps"]
    shells = {step["name"]: step["run"] for step in steps if "run" in step}
    assert list(shells) == ["Install", "Fetch the database", "Check"]
    return f"({shells['Fetch the database']})\n({shells['Check']})\n"


def publish(repository: Repository) -> None:
    """Put the database on its branch, as the other workflow does."""
    for words in (
        ("init", "--quiet", "--bare", "../origin.git"),
        ("remote", "add", "origin", "../origin.git"),
    ):
        repository.run("git", *words)
    database = (repository.folder / "citewatch.db").read_bytes()
    checksum = f"{hashlib.sha256(database).hexdigest()}  citewatch.db\n"
    (repository.folder / "citewatch.db.sha256").write_text(checksum)
    repository.run("git", "checkout", "--quiet", "--orphan", "citewatch-data")
    repository.run("git", "add", "--force", "citewatch.db", "citewatch.db.sha256")
    repository.run("git", "commit", "--quiet", "-m", "The database")
    repository.run("git", "push", "--quiet", "origin", "citewatch-data")


def test_the_job_fails_while_a_badge_is_out_of_date_and_leaves_a_patch(
    repository: Repository,
) -> None:
    publish(repository)
    summary = repository.home / "summary.md"
    more = {"LIST": "cv.txt", "BRANCH": "citewatch-data", "GITHUB_STEP_SUMMARY": str(summary)}
    bash = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", job(repository))
    said = repository.run(*bash, code=1, **more)
    assert "::error file=cv.txt::badges are out of date" in said
    assert "100+ citations → 400+ citations" in summary.read_text(encoding="utf-8")
    repository.cv.write_text(CV.replace("100+", "400+"), encoding="utf-8")
    assert "::error" not in repository.run(*bash, **more)
    spoiled = repository.folder / "config.toml"
    spoiled.write_text("nonsense")
    repository.run(*bash, code=2, **more)
