"""Which of several attempts counts: best, first, last, the mean of all, or none. Pure: what an attempt is worth is passed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from courseware.i18n import message

RULES = {
    "best": message("The best attempt counts."),
    "first": message("The first attempt counts; the others are practice."),
    "last": message("The last attempt counts, whether it is better or not."),
    "mean": message("The mean of all attempts counts."),
    "none": message("Nothing counts: this quiz is for trying out."),
}


@dataclass(frozen=True)
class Counted:
    """The share of the points that counts, and the place (from 0) of the attempt it rests on; of a mean, the newest."""

    share: float
    place: int


def counted(shares: Sequence[float | None], rule: str = "best") -> Counted | None:
    """Give what counts of attempts in their order, None standing for one without a released mark. Of equal ones the earlier is the best.

    Where the first counts, nothing counts until it is released.
    """
    if rule == "none":
        return None
    marked = [Counted(share, place) for place, share in enumerate(shares) if share is not None]
    if not marked or (rule == "first" and marked[0].place):
        return None
    if rule == "mean":
        return Counted(fmean(one.share for one in marked), marked[-1].place)
    if rule == "best":
        return max(marked, key=lambda one: (one.share, -one.place))
    return marked[0] if rule == "first" else marked[-1]
