"""The column `so far`: the mean of what has been scored, each piece of work counting alike."""

from courseware.grading.columns import column
from courseware.grading.gradebook import NOTHING, Cell, LearnerWork, best
from courseware.i18n import message


@column("total")
def total(work: LearnerWork, _: str) -> Cell:
    shares = [100 * (counted.points or 0) / (counted.most or 1) for tries in work.tries.values() if (counted := best(tries))]
    if not shares:
        return NOTHING
    return Cell(sum(shares) / len(shares), None, message("The mean of %(count)s pieces of work scored so far, each counting alike.", count=len(shares)))
