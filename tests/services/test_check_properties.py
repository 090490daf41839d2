"""Whatever a list claims and whatever is counted: writing settles it, and touches nothing else."""

from __future__ import annotations

from pathlib import Path

from checking_world import check, listed
from hypothesis import given, settings
from hypothesis import strategies as st

from citewatch.domain.badges import badges_in
from citewatch.domain.checking import Verdict
from citewatch.intake.document import parse_document
from citewatch.intake.rewrite import apply_edits
from citewatch.services.corrections import claims_shown, corrections
from worlds import World, day, paper

SHAPES = (
    "{n}+ citations", "({n} citations)", "cited {n} times", "Citations: {n}", "over {n} citations",
    "{k}k+ citations", "more than {k}k citations", "[{c} citations]", "{c}+ cites", "Cited by {c}",
    r"\textbf{{{n}+ citations}}", "almost {n} citations", "no badge at all",
)  # fmt: skip
Line = tuple[str, int, int]
lines = st.lists(
    st.tuples(st.sampled_from(SHAPES), st.integers(1, 25_000), st.integers(0, 25_000)),
    min_size=1, max_size=6,
)  # fmt: skip


def words(line: Line) -> str:
    shape, claim, _ = line
    return shape.format(n=claim, k=max(1, claim // 1000), c=f"{claim:,}")


@settings(max_examples=100, deadline=None)
@given(lines, st.booleans())
def test_what_was_written_is_settled_and_the_rest_is_as_it_was(
    given_lines: list[Line], allow_lower: bool
) -> None:
    papers = [paper(f"p{n}", f"A Title of Paper Number {n}", year=2000 + n) for n in range(9)]
    papers = papers[: len(given_lines)]
    world = World(*papers)
    world.ask(day(0), {n: count for n, (_, _, count) in enumerate(given_lines)})
    text = "\n".join(f"é{n}  {words(line)} \t" for n, line in enumerate(given_lines))

    checked = check(world, listed(text, *papers), 0)
    plan = corrections(checked, text, allow_lower=allow_lower)
    data = apply_edits(parse_document(text.encode(), path=Path("cv")), plan.edits)
    after = data.decode()
    again = check(world, listed(after, *papers), 0)

    assert [r for r in again.badges if r.verdict in (Verdict.RAISE, Verdict.LOWER)] == [
        r for r in again.badges if r.verdict is Verdict.RAISE and r.judged.suggest is None
    ], "only what has no new text is left"
    assert corrections(again, after, allow_lower=allow_lower).edits == ()
    for before_line, after_line in zip(text.split("\n"), after.split("\n"), strict=True):
        assert outside(before_line) == outside(after_line)
    for row in checked.badges:
        if row.judged.suggest is not None and row.verdict is not Verdict.ADD:
            new = next(iter(badges_in(row.judged.suggest)))
            assert row.claim is not None
            assert row.claim < new.claim <= (row.citations or 0)
    shown = claims_shown(checked, plan.rows)
    claimed = {r.key: r.claim for r in again.badges if r.verdict is Verdict.CURRENT}
    assert {key: claim for key, (claim, _) in shown.items()} == claimed


def outside(line: str) -> str:
    """A line without the characters of its badge."""
    badge = next(iter(badges_in(line)), None)
    return line if badge is None else line[: badge.start] + "|" + line[badge.end :]
