"""Publication lists: from a file's bytes to entries, doubts and leftovers."""

from citewatch.intake.formats import read_list
from citewatch.intake.reader import read_text

__all__ = ["read_list", "read_text"]
