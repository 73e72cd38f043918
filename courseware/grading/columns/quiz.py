"""The column of a quiz: what counts of its attempts, by the rule the quiz names."""

from courseware.grading.columns import column
from courseware.grading.gradebook import Cell, LearnerWork, cell_of
from courseware.i18n import message

SEVERAL = {
    "best": message("%(points)s of %(most)s points, the best of %(count)s attempts; scored by machine."),
    "first": message("%(points)s of %(most)s points, the first of %(count)s attempts, which counts; scored by machine."),
    "last": message("%(points)s of %(most)s points, the last of %(count)s attempts, which counts; scored by machine."),
    "mean": message("%(points)s of %(most)s points, the mean of %(count)s attempts; scored by machine."),
}
BY_PEOPLE = message("%(points)s of %(most)s points; attempts so far: %(count)s. A person marked some of the answers.")
WAITING = {
    "checked": message("Handed in; some answers wait to be marked by a person."),
    "marked": message("Marked, not released. The points stand here, beside the name, when they are released."),
}


@column("quiz")
def quiz(work: LearnerWork, ref: str) -> Cell:
    rule = work.rule(ref)
    tries = work.tries.get(ref, ())
    only = message("%(points)s of %(most)s points in the only attempt so far; scored by machine.")
    only, several = (only, SEVERAL[rule]) if all(one.by_machine for one in tries) else (BY_PEOPLE, BY_PEOPLE)
    waiting = WAITING.get(tries[-1].status) if tries else None
    return cell_of(tries, only, several, waiting or message("Begun, not handed in."), rule)
