"""Every kit there is: those beside this file, and those that another package names.

A new source needs one file here, ``kit_NAME.py`` with a ``KIT``. Somebody else's source is
held to the same suite with ``CITEWATCH_KITS=their.module pytest tests/sources``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import source_kits
from source_kit import Kit


def found() -> dict[str, Kit]:
    """Kits by the names of their sources."""
    here = sorted(path.stem for path in Path(__file__).parent.glob("kit_*.py"))
    named = os.environ.get("CITEWATCH_KITS", "").split()
    kits = [*source_kits.KITS, *(import_module(name).KIT for name in (*here, *named))]
    return {kit.name: kit for kit in kits}


KITS = found()


def without_kit(sources: Iterable[str], kits: Iterable[str]) -> str:
    """What is to be done where no kit speaks for a source of the registry; "" where all is well."""
    missing = sorted(set(sources) - set(kits))
    return "".join(
        f"{name} is in the registry and not held to the contract: "
        f"write tests/sources/kit_{name}.py with a KIT, or name its module in CITEWATCH_KITS\n"
        for name in missing
    )
