"""The paper's claims that no statistic of the spectra tests, numbered on from those of paper.py; arXiv 2201.11902."""

from typing import NamedTuple


class Unmeasured(NamedTuple):
    number: str
    says: str
    """The paper, in short."""
    shown: tuple[str, ...]
    """Modules of ``aespectra.figures`` that bear on it."""


BY_EYE = [
    Unmeasured(
        number="19",
        says="low d: noise comes out as digits, but not as the same one within a set, across sets or across seeds",
        shown=("reconstructions",),
    ),
    Unmeasured(
        number="20", says="middle d: noise comes out as one digit-like image for all sets", shown=("reconstructions",)
    ),
    Unmeasured(
        number="21", says="high d: noise comes out as one character that is no digit", shown=("reconstructions",)
    ),
    Unmeasured(number="22", says="that character differs across d and across seeds", shown=("reconstructions",)),
    Unmeasured(
        number="23", says="there are two groups: sets with a mean below .5, and the others", shown=("reconstructions",)
    ),
]
"""On reconstructions: tables I and II."""

THEOREMS = [
    Unmeasured(
        number="24", says="I.1: where a point is reconstructed exactly, both spectra agree", shown=("figure_1",)
    ),
    Unmeasured(number="25", says="I.2: ‖λ(J_L(z)) − λ(J_L(z′))‖² ≤ ‖J_L(z) − J_L(z′)‖²", shown=()),
    Unmeasured(
        number="26",
        says="I.3: a projection onto the data reverses no orientation and turns nothing",
        shown=("figure_5", "figure_6"),
    ),
]
"""I.2 is false for matrices that are not normal, and no figure tests it."""
