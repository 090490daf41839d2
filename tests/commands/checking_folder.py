"""A folder with a CV, a configuration made of it, and counts that were read in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from command_world import Citewatch, Said

from citewatch.bootstrap import RealClock

CV = """Publications

[1] Robust Trees for Noisy Forests
Jane Roe, Erika Müster and Anton van den Berg
Journal of Made Things, 2019 (Best paper, 100+ citations)\x20\x20

[2] Learning to Count without Looking
Erika Müster, Jane Roe
Made Conference (MC), 2018 (cited 340 times)

[3] A Theory of Everything Made
Jane Roe, Erika Müster
Journal of Made Things, 2016 – 1,300+ citations

[4] Nothing Yet about Anything
Anton van den Berg, Jane Roe
Made Conference (MC), 2024
"""
TREES, LOOKING, THEORY, NOTHING = (
    "robust-trees-for-2019", "learning-to-count-2018", "a-theory-of-2016", "nothing-yet-about-2024",
)  # fmt: skip


class Desk:
    """The folder, and what has been counted in it."""

    def __init__(self, folder: Path, citewatch: Citewatch, cv: str = CV) -> None:
        self.folder = folder
        self.citewatch = citewatch
        self.cv = folder / "cv.txt"
        self.cv.write_bytes(cv.encode())

    def init(self) -> None:
        said = self.citewatch("init", "cv.txt")
        assert said.code == 0, said.err

    def counted(self, *days_ago: float, source: str = "semantic_scholar", **counts: int) -> None:
        """Counts by key (with _ for -), seen on these days and today."""
        now = datetime.fromtimestamp(RealClock().time(), UTC)
        rows = [
            f"{key.replace('_', '-')},{source},{(now - timedelta(days=d)).isoformat(timespec='seconds')},{count}\n"
            for d in sorted(days_ago or (1, 0.01), reverse=True)
            for key, count in counts.items()
        ]
        path = self.folder / "counts.csv"
        path.write_text("paper,source,date,count\n" + "".join(rows), encoding="utf-8")
        said = self.citewatch("import-history", "counts.csv")
        assert said.code == 0, said.err

    def check(self, *words: object) -> Said:
        return self.citewatch("check", "cv.txt", *words)

    def badges(self, *words: object) -> dict[str, dict[str, object]]:
        """The rows of ``check --format json``, by paper."""
        return {row["paper"]: row for row in self.check("--format", "json", *words).data["badges"]}
