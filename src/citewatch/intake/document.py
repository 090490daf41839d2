"""A text file with its bytes: positions in the text are positions in the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from citewatch.intake.decode import decode, read_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """``mark + text.encode(encoding)`` are exactly the file's bytes, line ends included."""

    path: Path
    mark: bytes
    """The byte order mark, usually empty."""
    encoding: str
    text: str
    notes: tuple[str, ...] = ()
    """How it was decoded, where that was not certain."""

    @property
    def data(self) -> bytes:
        """The file's bytes."""
        return self.mark + self.text.encode(self.encoding)


def open_document(path: Path) -> Document:
    """Read a text file. Raises ListError as `decode` does."""
    return parse_document(read_bytes(path), path=path)


def parse_document(data: bytes, *, path: Path) -> Document:
    """The document that these bytes are; ``path`` names it in messages."""
    found = decode(data, file=str(path))
    return Document(
        path=path, mark=found.mark, encoding=found.encoding, text=found.text, notes=found.notes
    )
