"""The column `so far`: the mean of what has been scored, each piece of work counting alike."""

from courseware.grading.columns import column
from courseware.grading.gradebook import NOTHING, Cell, LearnerWork
from courseware.i18n import message


@column("total")
def total(work: LearnerWork, _: str) -> Cell:
    shares = [100 * found[1] for ref in work.tries if (found := work.counted(ref))]
    if not shares:
        return NOTHING
    return Cell(sum(shares) / len(shares), None, message("The mean of %(count)s pieces of work scored so far, each counting alike.", count=len(shares)))
