"""Papers that are not in the list and make trouble for whoever looks for those that are.

Every title and author list here is invented, save the names that overlap on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from citewatch.sandbox.events import event
from citewatch.sandbox.records import DAY_S, Ruling, Shape, Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A troublemaker: what it is called, where it is known, and why it is here."""

    key: str
    title: str
    authors: tuple[str, ...]
    year: int
    venue: str
    count: int
    why: str
    arxiv: str | None = None
    doi: str | None = None


OTHERS: tuple[Other, ...] = (
    Other(
        key="twin16",
        title="Robust Deep Reinforcement Learning against Adversarial Perturbations "
        "on Observations",
        authors=("Hongge Chen", "Duane Boning", "Ingrid Solheim"),
        year=2021,
        venue="arXiv.org",
        count=41,
        arxiv="2106.09731",
        why="near-identical title, overlapping authors",
    ),
    Other(
        key="sequel24",
        title="Robustness Verification of Tree-based Models II: Boosted Ensembles",
        authors=("Hongge Chen", "Huan Zhang", "Duane Boning", "Cho-Jui Hsieh"),
        year=2021,
        venue="International Conference on Machine Learning",
        count=17,
        arxiv="2102.04418",
        why="a sequel by the same authors",
    ),
    Other(
        key="twin36",
        title="Towards Fast Computation for Certified Robustness of ReLU Networks",
        authors=("Marta Lindqvist", "Owen Achterberg"),
        year=2019,
        venue="arXiv.org",
        count=12,
        arxiv="1905.11742",
        why="of and for exchanged, other authors",
    ),
    Other(
        key="twin18",
        title="An Efficient Adversarial Attack of Tree Ensembles",
        authors=("Chong Zhang", "Cho-Jui Hsieh", "Nils Overgaard"),
        year=2022,
        venue="arXiv.org",
        count=6,
        arxiv="2203.10552",
        why="of for for, overlapping authors",
    ),
    Other(
        key="twin20",
        title="On L2-norm Robustness of Ensemble Decision Stumps and Trees",
        authors=("Yihan Wang", "Duane Boning", "Petra Havelka"),
        year=2021,
        venue="arXiv.org",
        count=5,
        arxiv="2105.06613",
        why="one symbol differs",
    ),
    Other(
        key="same43",
        title="Gradient Boosted Decision Trees for High Dimensional Sparse Output",
        authors=("Rosalind Okafor", "Emil Brandstetter"),
        year=2020,
        venue="Journal of Applied Forestry Statistics",
        count=158,
        doi="10.5555/jafs.2020.117",
        why="the same title by different authors in another year",
    ),
    Other(
        key="namesake47",
        title="Orthogonal Tensor Decomposition of Diffusion Images in Linear Time",
        authors=("Huan Zhang", "Wei Lu", "Agnes Moreau"),
        year=2016,
        venue="Magnetic Imaging Letters",
        count=73,
        doi="10.5555/mil.2016.0447",
        why="a namesake in another field in the same year",
    ),
    Other(
        key="namesake46",
        title="Fixing the Convergence Problems in Asynchronous Power Grid Descent Control",
        authors=("Huan Zhang", "Tomas Rybar"),
        year=2016,
        venue="Grid Control",
        count=22,
        doi="10.5555/gc.2016.33",
        why="a namesake with most words of the title",
    ),
    Other(
        key="near53",
        title="Towards a Scalable, Accurate and Fast Simulator for Heterogeneous Memory Systems",
        authors=("Venkatesh Akella", "Ludmila Sokol"),
        year=2015,
        venue="Workshop on Memory Architecture",
        count=11,
        doi="10.5555/wma.2015.9",
        why="the best match for the paper that no source knows; it is wrong",
    ),
    Other(
        key="near53b",
        title="HySIM: A Hydrology Simulator for Alpine Catchments",
        authors=("Beatrix Huber", "Anton Pichler"),
        year=2013,
        venue="Water Models",
        count=130,
        doi="10.5555/wm.2013.204",
        why="shares the acronym of the paper that no source knows",
    ),
    Other(
        key="giant",
        title="A Paper That Everybody Cites",
        authors=("Ottilie Brandauer", "Severin Kowalczyk"),
        year=2016,
        venue="Journal of Made-Up Results",
        count=12_000,
        arxiv="1603.99001",
        doi="10.5555/jmr.2016.001",
        why="more citations than Semantic Scholar lists",
    ),
    Other(
        key="twin51",
        title="ZOO: Zeroth Order Optimization based Black-box Attacks to Deep Neural Networks "
        "with Training Substitute Models",
        authors=("Pin-Yu Chen", "Caspar Lund"),
        year=2019,
        venue="arXiv.org",
        count=19,
        arxiv="1904.08846",
        why="with for without",
    ),
)

PRIVATE_FORUM = "pRiVaTe0042"
"""A forum that answers ForbiddenError to everyone."""


def other_submissions(start: float) -> tuple[Submission, ...]:
    """OpenReview forums of unlisted papers; ``start`` is the world's first instant."""
    open_then = Ruling(at=0.0, state="submission")
    withdrawn = start + event("openreview_withdrawn").first_day * DAY_S
    rejected = start + event("openreview_rejected").first_day * DAY_S
    return (
        _iclr_2025(
            "wTd7Rk2QxE",
            "Efficiently Computing Global Lipschitz Constants of Neural Networks "
            "via Bound Propagation",
            authors=("Zhouxing Shi", "Cho-Jui Hsieh", "Ilse Vandaele"),
            ratings=(3, 5, 3),
            rulings=(open_then, Ruling(at=withdrawn, state="withdrawn")),
        ),
        _iclr_2025(
            "rJ3cTd9LmA",
            "General Cutting Planes for Bound-Propagation-Based Program Verification",
            authors=("Linyi Li", "Jonas Felder"),
            ratings=(0, "6: marginally above the acceptance threshold", 3, "N/A"),
            rulings=(open_then, Ruling(at=rejected, state="rejected", words="Reject")),
            quirks={Shape.VENUE_LIST, Shape.NO_DATES},
        ),
        _iclr_2025(
            PRIVATE_FORUM,
            "A Submission That Nobody May Read",
            authors=("Anonymous",),
            rulings=(open_then,),
        ),
    )


def _iclr_2025(
    name: str,
    title: str,
    *,
    authors: tuple[str, ...],
    rulings: tuple[Ruling, ...],
    ratings: tuple[int | str, ...] = (),
    quirks: Iterable[str] = (),
) -> Submission:
    return Submission(
        id=name,
        api=2,
        title=title,
        authors=authors,
        year=2025,
        group="ICLR.cc/2025/Conference",
        label="ICLR 2025",
        ratings=ratings,
        rulings=rulings,
        quirks=frozenset({Shape.AUTHOR_OBJECTS, *quirks}),
        private=name == PRIVATE_FORUM,
    )
