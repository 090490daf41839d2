"""How papers and the list move, for programs: parts of the report's JSON and CSV."""

from __future__ import annotations

from citewatch.cli.render.words import rfc3339
from citewatch.services.reported import Comparison, PaperTrend, Report


def paper_trend_json(trend: PaperTrend) -> dict[str, object]:
    """What is known of one paper's moves beyond the deltas."""
    found: dict[str, object] = {}
    if trend.age_years is not None:
        found["age_years"] = trend.age_years
    if trend.acceleration is not None:
        found["acceleration"] = round(trend.acceleration, 1)
    if trend.best_month is not None:
        month, gain = trend.best_month
        found["best_month"] = {"month": month, "gain": gain}
    if trend.rank is not None:
        found["rank_30d"] = trend.rank
    return found


def compare_json(compared: Comparison | None) -> dict[str, object] | None:
    """The spread over the sources, and why."""
    if compared is None:
        return None
    return {
        "lowest": compared.lowest,
        "highest": compared.highest,
        "reasons": list(compared.reasons),
    }


def list_trend_json(report: Report) -> dict[str, object]:
    """How the whole list moves."""
    trend = report.trend
    return {
        "over_time": [
            {
                "at": rfc3339(then.at), "papers": then.counted, "citations": then.citations,
                "h_index": then.h_index, "i10_index": then.i10_index, "g_index": then.g_index,
            }
            for then in trend.over_time
        ],
        "raises_h": [{"key": key, "missing": missing} for key, missing in trend.raises_h],
        "by_source": dict(trend.by_source),
        "movers": [{"key": key, "gain": gain} for key, gain in trend.movers],
        "woke": [{"key": key, "why": why} for key, why in trend.woke],
    }  # fmt: skip


def trend_cells(trend: PaperTrend) -> list[object]:
    """``age_years``, ``acceleration``, ``best_month``, ``best_month_gain``, ``rank_30d``."""
    month, gain = trend.best_month or (None, None)
    speed = trend.acceleration
    return [trend.age_years, None if speed is None else round(speed, 1), month, gain, trend.rank]


def compare_cells(compared: Comparison | None) -> list[object]:
    """``lowest``, ``highest``, ``reasons``."""
    if compared is None:
        return [None, None, None]
    return [compared.lowest, compared.highest, "; ".join(compared.reasons)]
