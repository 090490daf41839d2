"""What a backup holds, and what a restore did."""

from __future__ import annotations

from collections.abc import Iterator

from citewatch.cli.render.words import minute, plural
from citewatch.ports import Contents, Restored


def contents_line(contents: Contents) -> str:
    """``FILE: 53 papers, 4609 readings, 72 changes, newest reading …, 0.8 MB``."""
    newest = contents.newest_reading_at
    return ", ".join(
        (
            f"{contents.path}: {plural(contents.papers, 'paper')}",
            plural(contents.readings, "reading"),
            plural(contents.changes, "change"),
            "no reading yet" if newest is None else f"newest reading {minute(newest)} UTC",
            f"{contents.bytes / 1e6:.1f} MB",
        )
    )


def restored_lines(done: Restored, path: str) -> Iterator[str]:
    """What is there now, where the old one is, what was lost, what is settled."""
    yield f"restored {contents_line(done.contents)}"
    if done.aside is None:
        return
    yield f"what was in {path} is kept as {done.aside}"
    loss = done.loss
    if loss is not None and (loss.readings or loss.changes or loss.decisions):
        since = "" if loss.since is None else f" since {minute(loss.since)} UTC"
        given_up = [
            plural(number, word)
            for number, word in (
                (loss.readings, "reading"), (loss.changes, "change"), (loss.decisions, "decision"),
            )
            if number
        ]  # fmt: skip
        yield f"only there: {', '.join(given_up)}{since}"
        if loss.changes:
            yield "what these changes told is found and told again when it is seen again"
    if done.settled is None:
        yield (
            "it is damaged and could not be read: milestones that were announced since "
            "the backup may be announced again"
        )
    elif done.settled:
        milestones = plural(done.settled, "milestone")
        yield f"{milestones} of it settled here too: they are not announced again"
