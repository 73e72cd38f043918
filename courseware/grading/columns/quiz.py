"""The column of a quiz: the best of its attempts."""

from courseware.grading.columns import column
from courseware.grading.gradebook import Cell, LearnerWork, cell_of
from courseware.i18n import message


@column("quiz")
def quiz(work: LearnerWork, ref: str) -> Cell:
    return cell_of(
        work.tries.get(ref, ()),
        message("%(points)s of %(most)s points in the only attempt so far; scored by machine."),
        message("%(points)s of %(most)s points, the best of %(count)s attempts; scored by machine."),
        message("Begun, not handed in."),
    )
