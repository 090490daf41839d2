"""Changes with titles by people who mean harm."""

from __future__ import annotations

from citewatch.domain.papers import Change, Kind
from citewatch.ports import LoggedChange, Message

NOW = 1_790_000_000
S2 = "semantic_scholar"
ZOO = "ZOO: Zeroth Order Optimization based Black-box Attacks to Deep Neural Networks"
HOSTILE = (
    "</title><script>alert(1)</script> & \x1b[31mred\x07 line\nbreak\r\n\u202eevil\u2066\ufeff "
    "${subject} $key {{7*7}} @everyone \ufffe\udc80 “Grüße” 𝒵"
)


def row(
    number: int, kind: Kind, *, paper: int | None = 1, title: str | None = ZOO, text: str = "",
    threshold: int | None = None, source: str = S2, at: int = NOW,
) -> LoggedChange:  # fmt: skip
    change = Change(
        kind=kind, at=at, source=source, text=text or f"{kind.value} happened", paper=paper,
        threshold=threshold,
    )  # fmt: skip
    key = None if paper is None else f"paper-{paper}"
    return LoggedChange(
        number=number, change=change, key=key, title=None if paper is None else title
    )


def message(*changes: LoggedChange, key: str = "0123456789-abc", at: int = NOW) -> Message:
    return Message(key=key, at=at, changes=changes)
