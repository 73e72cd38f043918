"""The column of a scenario: the best of the runs handed in."""

from courseware.grading.columns import column
from courseware.grading.gradebook import Cell, LearnerWork, cell_of
from courseware.i18n import message


@column("scenario")
def scenario(work: LearnerWork, ref: str) -> Cell:
    return cell_of(
        work.tries.get(ref, ()),
        message("%(points)s of %(most)s points in the only run so far; checked by machine."),
        message("%(points)s of %(most)s points, the best of %(count)s runs; checked by machine."),
        message("Opened, not handed in."),
    )
