"""The secret that a source is asked with: tried, refused twice, set aside."""

from __future__ import annotations

_REFUSALS = 2
"""One refusal may be a hiccup of the gateway; two are meant."""


class Key:
    """One source's key or token for one pass.

    What was refused twice is set aside: the pass goes on without it where the source
    allows, and says so. The next pass tries it again, since the user may have mended it.
    """

    def __init__(self, secret: str, *, name: str = "key", needed: bool = False) -> None:
        self._secret = secret.strip()
        self._name = name
        self._then = "" if needed else "; went on without it"
        self._refusals = 0
        self.state = "set" if self._secret else "none"
        """``none``, ``set`` (not tried yet), ``accepted`` or ``refused``."""
        self.notes: list[str] = []
        """What the user should know, in sentences."""
        if self._secret and not (self._secret.isascii() and self._secret.isprintable()):
            self._set_aside(f"{name} has characters that no {name} has{self._then}")

    @property
    def value(self) -> str:
        """What to send; "" where there is nothing to send (any more)."""
        return "" if self.state == "refused" else self._secret

    def accept(self) -> None:
        """An answer came to a request that carried it."""
        if self.state == "set":
            self.state = "accepted"

    def refuse(self, status: int) -> None:
        """A request that carried it was refused with this status."""
        if not self.value:
            return
        self._refusals += 1
        if self._refusals >= _REFUSALS and self.state != "refused":
            self._set_aside(f"{self._name} was refused ({status}){self._then}")

    def _set_aside(self, note: str) -> None:
        self.state = "refused"
        self.notes.append(note)
