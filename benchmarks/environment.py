"""The environment in which the other clients are installed."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CLIENTS = ("semanticscholar", "arxiv", "pyalex", "habanero")
_VERSIONS = """
import json, sys
from importlib.metadata import PackageNotFoundError, version
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Environment:
    """An interpreter, and the clients that it has."""

    python: Path
    versions: Mapping[str, str]
    """By name; without those that are not there."""
    trouble: str = ""
    """Why some are not there."""

    @property
    def words(self) -> str:
        """What was compared with, for a note."""
        if not self.versions:
            return f"Without the other clients: {self.trouble}."
        return "Compared with " + ", ".join(f"{n} {v}" for n, v in self.versions.items()) + "."


def add_options(options: argparse.ArgumentParser) -> None:
    """What benchmarks with other clients take on their command line."""
    options.add_argument(
        "--clients", type=Path, metavar="FOLDER",
        help="an environment with the other clients, made there if it does not exist",
    )  # fmt: skip
    options.add_argument(
        "--offline", action="store_true", help="install nothing; leave out what is not there"
    )


@contextmanager
def clients_of(asked: argparse.Namespace) -> Iterator[Environment]:
    """The environment that the command line asks for; one that was not asked for is removed."""
    with tempfile.TemporaryDirectory(prefix="citewatch-bench-") as name:
        folder = asked.clients.absolute() if asked.clients else Path(name) / "clients"
        python = folder / "bin" / "python"
        trouble = "none are installed there"
        if not python.exists():
            trouble = "nothing may be installed" if asked.offline else _install(folder, python)
        yield Environment(python, _versions(python) if python.exists() else {}, trouble)


def _install(folder: Path, python: Path) -> str:
    """Make it; why that failed, "" when it did not."""
    venv.create(folder, with_pip=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", *CLIENTS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stderr.strip().splitlines()
    return f"they cannot be installed ({said[-1] if said else 'pip failed'})" * (
        done.returncode != 0
    )


def _versions(python: Path) -> Mapping[str, str]:
    done = subprocess.run(
        [python, "-c", _VERSIONS, *CLIENTS], capture_output=True, check=True, env=clean()
    )
    found: Mapping[str, str] = json.loads(done.stdout)
    return found


def clean() -> dict[str, str]:
    """What children see: nothing that leads to another project's modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
