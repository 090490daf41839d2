"""What is shipped for running citewatch elsewhere: run as far as it can be run here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from citewatch.bootstrap import RealClock
from citewatch.sandbox import Sandbox, World

DEPLOY = Path(__file__).resolve().parents[1] / "docs" / "deploy"
DAY = 86_400


def test_the_unit_file_is_one_that_systemd_takes(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd-analyze here")
    program = Path(sys.executable).with_name("citewatch")
    text = (DEPLOY / "citewatch.service").read_text(encoding="utf-8")
    unit = tmp_path / "citewatch.service"
    unit.write_text(text.replace("/usr/local/bin/citewatch", str(program)), encoding="utf-8")
    said = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    about = [line for line in said.stderr.splitlines() if "citewatch.service" in line]
    assert about == [], said.stderr


def test_the_container_runs_as_nobody_in_particular_and_says_how_it_is() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    words = [line.partition(" ")[0] for line in text.splitlines() if re.match(r"[A-Z]+ ", line)]
    assert words.count("VOLUME") == words.count("HEALTHCHECK") == words.count("USER") == 1
    assert words.index("USER") < words.index("ENTRYPOINT")
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert {"pyproject.toml", "constraints.txt", "README.md", "migrations", "src"} == set(names)
    assert [name for name in names if not (DEPLOY.parents[1] / name).exists()] == []


def steps() -> dict[str, str]:
    """The shell of each step of the workflow."""
    workflow = yaml.safe_load((DEPLOY / "github-actions.yml").read_text(encoding="utf-8"))
    return {s["name"]: s["run"] for s in workflow["jobs"]["pass"]["steps"] if "run" in s}


class Runner:
    """A machine of the kind that runs workflows: a fresh checkout each time."""

    def __init__(self, folder: Path, config: str) -> None:
        self.folder = folder
        self.origin = folder / "origin.git"
        self._number = 0
        self.git("init", "--quiet", "--bare", str(self.origin), cwd=folder)
        start = folder / "start"
        self.git("clone", "--quiet", str(self.origin), str(start), cwd=folder)
        (start / "config.toml").write_text(config, encoding="utf-8")
        self.git("add", "config.toml", cwd=start)
        self.git("commit", "--quiet", "-m", "Begin", cwd=start)
        self.git("push", "--quiet", "origin", "HEAD:main", cwd=start)

    @property
    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CITEWATCH_", "GIT_"))}
        programs = str(Path(sys.executable).parent)
        me = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a"}
        return kept | me | {
            "GIT_COMMITTER_EMAIL": "a@b", "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "xdg"),
        }  # fmt: skip

    def git(self, *words: str, cwd: Path) -> str:
        return subprocess.run(
            ["git", *words], cwd=cwd, env=self.environ, capture_output=True, text=True, check=True
        ).stdout  # fmt: skip

    def job(self, *, first: bool = False) -> tuple[str, str]:
        """Run the job: the step that failed ("" for none), and all that was said."""
        self._number += 1
        checkout = self.folder / f"job-{self._number}"
        words = ("clone", "--quiet", "--branch", "main", str(self.origin), str(checkout))
        self.git(*words, cwd=self.folder)
        environ = self.environ | {"BRANCH": "citewatch-data", "FIRST_RUN": str(first).lower()}
        said = ""
        for name, shell in steps().items():
            if name == "Install":
                continue
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", shell],
                cwd=checkout, env=environ, capture_output=True, text=True, check=False,
            )  # fmt: skip
            said += done.stdout + done.stderr
            if done.returncode:
                return name, said
        return "", said

    def branches(self) -> dict[str, str]:
        listed = self.git(
            "for-each-ref", "--format=%(refname:short) %(objectname)", cwd=self.origin
        )
        return dict(line.split() for line in listed.splitlines())


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    clock = RealClock()
    with Sandbox(World(clock.time() - 10 * DAY), clock.time, limits=False) as box:
        parts = []
        for name, urls in box.urls.items():
            lines = "".join(f'{key} = "{url}"\n' for key, url in urls.items())
            on = str(name == "semantic_scholar").lower()
            parts.append(f'[sources.{name}]\nenabled = {on}\nmin_interval = "0s"\n{lines}')
        paper = 'papers = [{ title = "ZOO: Zeroth Order Optimization", arxiv = "1708.03999" }]'
        yield Runner(tmp_path, "\n".join([*parts, f"[watchlists.mine]\n{paper}\n"]))


def test_the_workflow_keeps_the_database_and_never_begins_anew_by_itself(runner: Runner) -> None:
    failed, said = runner.job()
    assert failed == "Fetch the database"
    assert "first_run" in said
    assert set(runner.branches()) == {"main"}

    failed, said = runner.job(first=True)
    assert failed == "", said
    assert "semantic_scholar  ok" in said
    first = runner.branches()["citewatch-data"]

    failed, said = runner.job()
    assert failed == "", said
    assert "nothing to do" in said
    after = runner.branches()
    assert after["citewatch-data-before"] == first

    failed, said = runner.job(first=True)
    assert failed == "Fetch the database"
    assert "already" in said
    assert runner.branches() == after


def test_the_workflow_stops_at_a_database_that_is_not_what_was_kept(runner: Runner) -> None:
    failed, said = runner.job(first=True)
    assert failed == "", said
    spoil = runner.folder / "spoil"
    runner.git(
        "clone", "-q", "-b", "citewatch-data", str(runner.origin), str(spoil), cwd=runner.folder
    )
    database = spoil / "citewatch.db"
    database.write_bytes(database.read_bytes()[:-100])
    runner.git("commit", "--quiet", "-am", "Spoil", cwd=spoil)
    runner.git("push", "--quiet", "origin", "HEAD:citewatch-data", cwd=spoil)
    before = runner.branches()
    failed, _ = runner.job()
    assert failed == "Fetch the database"
    assert runner.branches() == before
