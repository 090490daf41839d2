"""``python -m citewatch``."""

from __future__ import annotations

import sys

from citewatch.cli.main import run


def main() -> None:
    """The entry point of the ``citewatch`` command."""
    sys.exit(run())


if __name__ == "__main__":
    main()
