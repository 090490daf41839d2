"""The change of a file as a unified patch, in bytes: whatever its encoding and line ends."""

from __future__ import annotations

import difflib
from itertools import pairwise

_CONTEXT = 3
_PLAIN = frozenset(range(32, 127)) - frozenset(b'"\\')


def unified_patch(before: bytes, after: bytes, *, name: bytes) -> bytes:
    """What ``patch -p0`` makes ``after`` of ``before`` with; b"" where nothing changes.

    ``name`` is the file as seen from the folder in which the patch is applied.
    """
    if before == after:
        return b""
    old, new = _lines(before), _lines(after)
    shown = _quoted(name)
    out = [b"--- " + shown + b"\n", b"+++ " + shown + b"\n"]
    for group in _groups(old, new):
        (_, a, _, c, _), (_, _, b, _, d) = group[0], group[-1]
        out.append(b"@@ -%s +%s @@\n" % (_range(a, b), _range(c, d)))
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                out += [b" " + line for line in map(_ended, old[i1:i2])]
                continue
            out += [b"-" + line for line in map(_ended, old[i1:i2])]
            out += [b"+" + line for line in map(_ended, new[j1:j2])]
    return b"".join(out)


_Opcode = tuple[str, int, int, int, int]


def _groups(old: list[bytes], new: list[bytes]) -> list[list[_Opcode]]:
    """Changed stretches of lines, each with its context."""
    if len(old) == len(new):
        # Badges change within their lines: no search for what has moved is needed.
        edges = [0]
        edges += [i for i in range(1, len(old)) if (old[i] == new[i]) != (old[i - 1] == new[i - 1])]
        edges.append(len(old))
        opcodes = [
            ("equal" if old[a] == new[a] else "replace", a, b, a, b) for a, b in pairwise(edges)
        ]
    else:
        opcodes = list(difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes())
    return _grouped(opcodes)


def _grouped(opcodes: list[_Opcode]) -> list[list[_Opcode]]:
    """Opcodes cut where more than twice the context is equal (as difflib does)."""
    groups: list[list[_Opcode]] = []
    group: list[_Opcode] = []
    for place, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        if tag != "equal":
            group.append((tag, i1, i2, j1, j2))
            continue
        head = 0 if place == 0 else min(_CONTEXT, i2 - i1)
        tail = 0 if place == len(opcodes) - 1 else min(_CONTEXT, i2 - i1)
        if group and i2 - i1 <= 2 * _CONTEXT and tail:
            group.append((tag, i1, i2, j1, j2))
            continue
        if group:
            groups.append([*group, ("equal", i1, i1 + head, j1, j1 + head)])
        group = [("equal", i2 - tail, i2, j2 - tail, j2)] if tail else []
    return [*groups, group] if any(tag != "equal" for tag, *_ in group) else groups


def _lines(data: bytes) -> list[bytes]:
    """Lines as patch sees them: up to and with each byte 10."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _ended(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _range(start: int, end: int) -> bytes:
    length = end - start
    if length == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if length else start, length)


def _quoted(name: bytes) -> bytes:
    """As git and patch write names: plain, with a tab behind blanks, or as a C string."""
    if all(byte in _PLAIN or byte > 127 for byte in name):
        return name + (b"\t" if b" " in name else b"")
    inner = b"".join(bytes([byte]) if byte in _PLAIN else b"\\%03o" % byte for byte in name)
    return b'"' + inner + b'"'
