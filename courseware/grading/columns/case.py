"""The column of a case study: the rubric's points, shown when they are released, as to the learner."""

from courseware.grading.columns import column
from courseware.grading.gradebook import Cell, LearnerWork, cell_of
from courseware.i18n import message

WAITING = {
    "draft": message("A draft, not handed in."),
    "submitted": message("Handed in, waiting to be marked."),
    "marked": message("Marked, not released. The points stand here, beside the name, when they are released."),
}


@column("case")
def case(work: LearnerWork, ref: str) -> Cell:
    tries = work.tries.get(ref, ())
    by_rubric = message("%(points)s of %(most)s points by the rubric.")
    return cell_of(tries, by_rubric, by_rubric, WAITING.get(tries[-1].status if tries else "draft", WAITING["draft"]))
