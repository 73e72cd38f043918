"""What changes grades: recording the scores of machines, marking and releasing answers to quizzes, writing, marking and releasing case answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from courseware.assessment.attempts import total
from courseware.assessment.kinds.scenario import ScenarioQuestion
from courseware.assessment.looking_up import knowing
from courseware.assessment.models import HandedIn, QuestionScore, QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.questions import Question
from courseware.assessment.rubrics import CRITERION_POINTS, SOUND, WORTH, ByRubric
from courseware.db import insert
from courseware.errors import Invalid, Refused
from courseware.grading.ledger import Mark, append
from courseware.grading.models import CaseAnswer, Evidence, MarkerComment, QuestionMark, RubricMark
from courseware.grading.rubrics import CaseStudy, points
from courseware.i18n import message
from courseware.people.access import Who

EVIDENCE = cast(Table, Evidence.__table__)
LONGEST = 20_000  # characters of a case answer, and of a comment
SUM = "sum-of-questions/1"
OVERTAKEN = message("Somebody else has marked this answer since you opened it. Look at their marks, then decide again; what you typed is still below.")


@dataclass(frozen=True)
class Unit:
    """One scored unit of a piece of work: what `Evidence` says besides whose it is and when."""

    objective: str
    source: str
    score: float
    weight: float
    shows_ability: bool = False


def record_quiz(session: Session, attempt: QuizAttempt, now: datetime, by: Who | None = None) -> None:
    """Enter the sum of a marked attempt in the ledger; `by` is the person who gave the last score of it, if one did."""
    paper = Paper.from_json(attempt.paper)
    earned = total(session, attempt.id)
    append(session, Mark("marked" if by else "score", attempt.person_id, f"quiz:{attempt.quiz_id}", attempt.id, earned, paper.points, SUM, by.id if by else None), now)


def release_quiz(session: Session, attempt: QuizAttempt, resolve: Callable[[str], Question], now: datetime, by: Who | None = None) -> bool:
    """Let the learner see the marks of a marked attempt, and count them as evidence; `by` is who releases it. False if that was done before."""
    if by is not None:
        session.refresh(attempt, with_for_update=True)
    if attempt.status == "released":
        return False
    if attempt.status != "marked":
        raise Refused(message("Only a fully marked attempt can be released: give every answer its points first."))
    attempt.status = "released"
    paper = Paper.from_json(attempt.paper)
    scores = {row.question_id: row for row in session.scalars(select(QuestionScore).where(QuestionScore.attempt_id == attempt.id).order_by(QuestionScore.id))}
    levels = newest_answer_levels(session, attempt.id) if any(row.by_id for row in scores.values()) else {}
    questions = knowing(session, attempt.id, {one.id: resolve(one.id) for one in paper.questions})
    units = [unit for one in paper.questions for unit in _units(questions[one.id], scores[one.id].fraction, one.points, levels.get(one.id, {})) if paper.counts]
    _give_evidence(session, units, attempt.person_id, f"quiz:{attempt.quiz_id}", attempt.id, now)
    if by is not None:
        append(session, Mark("released", attempt.person_id, f"quiz:{attempt.quiz_id}", attempt.id, total(session, attempt.id), paper.points, SUM, by.id), now)
    session.flush()
    return True


def _units(question: Question, fraction: float, points: float, levels: Mapping[str, int]) -> list[Unit]:
    """What one question says about objectives: one unit, or one for each row of its rubric. An unanswered rubric is all at level 0."""
    if not question.gives_evidence:
        return []
    if isinstance(question, ScenarioQuestion):
        return _checked_units(question, points)
    if not isinstance(question, ByRubric):
        return [Unit(question.objective, f"question:{question.id}", min(1.0, max(0.0, fraction)), points)]
    given = [(row, levels.get(row.id, 0)) for row in question.criteria]
    return [Unit(row.objective or question.objective, f"criterion:{question.id}/{row.id}", WORTH[level], row.points, level >= SOUND) for row, level in given]


def _checked_units(question: ScenarioQuestion, points: float) -> list[Unit]:
    """One unit for each check of a scenario that was worked on as a question; one that was never opened has reached nothing."""
    worked = question.worked
    reached = {finding["check"]: float(finding["fraction"]) for finding in worked.findings} if worked else {}
    whole = sum(check.weight for check in question.checks)
    return [
        Unit(check.objective, f"question:{question.id}/{check.id}", reached.get(check.id, 0.0), points * check.weight / whole, bool(worked and worked.passed))
        for check in question.checks
    ]  # fmt: skip


def mark_answer(session: Session, attempt: QuizAttempt, *, question: ByRubric, levels: Mapping[str, int], comment: str, seen: int, by: Who, now: datetime) -> None:
    """Keep levels and a comment for one answer of a quiz, as `mark_case` does. With the last level it has its points; with the last answer the attempt is marked."""
    session.refresh(attempt, with_for_update=True)
    given = session.scalar(select(HandedIn.response).where(HandedIn.attempt_id == attempt.id, HandedIn.question_id == question.id))
    if attempt.status == "draft" or not question.is_answered(given):
        raise Refused(message("There is no answer here to mark: nothing was handed in for this question."))
    newest = newest_answer_mark(session, attempt.id, question.id)
    kept, comment = dict(newest.levels) if newest else {}, comment[:LONGEST]
    if (newest.id if newest else 0) != seen:
        if newest and (kept, newest.comment) == (dict(levels), comment):
            return
        raise Refused(OVERTAKEN)
    _refuse_unknown(levels, question.ids("criteria"))
    whole = {**kept, **levels}
    session.add(QuestionMark(attempt_id=attempt.id, question_id=question.id, levels=whole, comment=comment, by_id=by.id, at=now))
    session.flush()
    if whole.keys() >= set(question.ids("criteria")):
        _score_answer(session, attempt, question, whole, by, now)


def _score_answer(session: Session, attempt: QuizAttempt, question: ByRubric, levels: Mapping[str, int], by: Who, now: datetime) -> None:
    """Append the score of an answer, and what follows from it: the ledger once nothing waits, evidence again where it was released."""
    score = question.marked(levels)
    points = score.fraction * question.points
    session.add(
        QuestionScore(attempt_id=attempt.id, question_id=question.id, fraction=score.fraction, points=points, rule=score.rule, rule_version=score.version, by_id=by.id, at=now)
    )
    session.flush()
    scored = select(QuestionScore.id).where(QuestionScore.attempt_id == attempt.id, QuestionScore.question_id == HandedIn.question_id)
    if session.scalar(select(func.count()).select_from(HandedIn).where(HandedIn.attempt_id == attempt.id, ~scored.exists())):
        return
    record_quiz(session, attempt, now, by)
    if attempt.status == "released" and Paper.from_json(attempt.paper).counts:
        _give_evidence(session, _units(question, score.fraction, question.points, levels), attempt.person_id, f"quiz:{attempt.quiz_id}", attempt.id, now)
    elif attempt.status != "released":
        attempt.status = "marked"
    session.flush()


def newest_answer_mark(session: Session, attempt_id: int, question_id: str) -> QuestionMark | None:
    of = select(QuestionMark).where(QuestionMark.attempt_id == attempt_id, QuestionMark.question_id == question_id)
    return session.scalar(of.order_by(QuestionMark.id.desc()).limit(1))


def newest_answer_levels(session: Session, attempt_id: int) -> dict[str, dict[str, int]]:
    """The levels that people gave in an attempt, by question and criterion."""
    rows = session.execute(select(QuestionMark.question_id, QuestionMark.levels).where(QuestionMark.attempt_id == attempt_id).order_by(QuestionMark.id))
    return {row.question_id: row.levels for row in rows}


def record_scenario(
    session: Session, *, person_id: int, scenario: str, attempt_id: int, passed: bool, checks: Sequence[tuple[str, str, float, float]], rule: str, now: datetime
) -> None:
    """Turn the checks of a handed-in scenario into evidence. `checks` are (id, objective, fraction, weight)."""
    work = f"scenario:{scenario}"
    units = [Unit(objective, f"check:{scenario}/{id}", fraction, weight, passed) for id, objective, fraction, weight in checks]
    _give_evidence(session, units, person_id, work, attempt_id, now)
    earned = sum(fraction * weight for _, _, fraction, weight in checks)
    append(session, Mark("score", person_id, work, attempt_id, earned, sum(weight for *_, weight in checks), rule), now)


def open_case(session: Session, *, person_id: int, case: CaseStudy, revision: int, language: str, due_at: datetime | None, now: datetime) -> CaseAnswer:
    """Give the person's answer to a case, locked, beginning an empty one the first time."""
    theirs = select(CaseAnswer).where(CaseAnswer.person_id == person_id, CaseAnswer.case_id == case.id).with_for_update().execution_options(populate_existing=True)
    answer = session.scalar(theirs)
    if answer is None:
        values = {
            "person_id": person_id, "case_id": case.id, "revision": revision, "language": language, "questions": [], "text": "", "sequence": 0, "status": "draft",
            "started_at": now, "saved_at": now, "due_at": due_at,
        }  # fmt: skip
        session.execute(insert(session.connection().dialect, CaseAnswer).values(values).on_conflict_do_nothing(index_elements=["person_id", "case_id"]))
        answer = session.scalars(theirs).one()
    return answer


def save_case(
    session: Session, answer: CaseAnswer, *, text: str, questions: Sequence[str], sequence: int, due_at: datetime | None, now: datetime, language: str | None = None
) -> bool:
    """Keep a draft if its sequence is higher than what is kept. False if an equal or newer one is here already."""
    if answer.status != "draft":
        raise Refused(message("This answer was handed in on %(when)s and can no longer change.", when=answer.submitted_at))
    if len(text) > LONGEST:
        raise Invalid(message("An answer has at most %(most)s characters; yours has %(got)s.", most=LONGEST, got=len(text)), "text")
    if sequence <= answer.sequence:
        return False
    answer.text, answer.questions, answer.sequence, answer.saved_at, answer.due_at = text, list(questions), sequence, now, due_at
    answer.language = language or answer.language
    session.flush()
    return True


def hand_in_case(session: Session, answer: CaseAnswer, *, case: CaseStudy, now: datetime) -> bool:
    """Hand the draft in. False if that was done before. A late answer is taken and marked as late."""
    if answer.status != "draft":
        return False
    if not answer.text.strip():
        raise Invalid(message("There is nothing to hand in yet. Write your answer first; it is saved as you type."), "text")
    known = {question.id for question in case.questions}
    if len(set(answer.questions) & known) != case.choose:
        raise Invalid(message("Choose %(count)s of the questions before you hand in.", count=case.choose), "questions")
    answer.status, answer.submitted_at = "submitted", now
    session.flush()
    return True


def mark_case(
    session: Session, answer: CaseAnswer, *, case: CaseStudy, levels: Mapping[str, int], comment: str, seen: int, by: Who, now: datetime
) -> None:
    """Keep levels and a comment. `seen` is the newest mark the grader had before the eyes: a newer one is not overwritten.

    Sending the same levels and comment twice changes nothing.
    """
    session.refresh(answer, with_for_update=True)
    if answer.status == "draft":
        raise Refused(message("This answer has not been handed in yet."))
    if newest_mark(session, answer.id) != seen:
        if dict(levels) == newest_levels(session, answer.id) and comment[:LONGEST] == newest_comment(session, answer.id):
            return
        raise Refused(OVERTAKEN)
    known = {criterion.id for criterion in case.criteria}
    _refuse_unknown(levels, known)
    for criterion, level in levels.items():
        session.add(RubricMark(answer_id=answer.id, criterion=criterion, level=level, by_id=by.id, at=now))
    session.add(MarkerComment(answer_id=answer.id, text=comment[:LONGEST], by_id=by.id, at=now))
    session.flush()
    given = newest_levels(session, answer.id)
    if known <= given.keys():
        _enter(session, answer, case, given, "marked", by, now)
        if answer.status == "released":
            _count(session, answer, case, given, now)
        else:
            answer.status = "marked"
    session.flush()


def release_case(session: Session, answer: CaseAnswer, *, case: CaseStudy, by: Who, now: datetime) -> bool:
    """Let the learner see the marks, and count them as evidence. False if that was done before."""
    session.refresh(answer, with_for_update=True)
    if answer.status == "released":
        return False
    if answer.status != "marked":
        raise Refused(message("Only a fully marked answer can be released: give every criterion a level first."))
    given = newest_levels(session, answer.id)
    answer.status = "released"
    _enter(session, answer, case, given, "released", by, now)
    _count(session, answer, case, given, now)
    session.flush()
    return True


def _refuse_unknown(levels: Mapping[str, int], criteria: Collection[str]) -> None:
    if not levels:
        raise Invalid(message("Give at least one criterion a level; a comment alone is not a mark."))
    for criterion, level in levels.items():
        if criterion not in criteria or level not in range(len(WORTH)):
            raise Invalid(message("There is no level %(level)s of criterion %(criterion)s.", level=level, criterion=criterion))


def newest_mark(session: Session, answer_id: int) -> int:
    """The id of the newest rubric mark of an answer, 0 if there is none."""
    return session.scalar(select(func.max(RubricMark.id)).where(RubricMark.answer_id == answer_id)) or 0


def newest_comment(session: Session, answer_id: int) -> str:
    return session.scalar(select(MarkerComment.text).where(MarkerComment.answer_id == answer_id).order_by(MarkerComment.id.desc()).limit(1)) or ""


def newest_levels(session: Session, answer_id: int) -> dict[str, int]:
    rows = session.execute(select(RubricMark.criterion, RubricMark.level).where(RubricMark.answer_id == answer_id).order_by(RubricMark.id))
    return {row.criterion: row.level for row in rows}


def _enter(session: Session, answer: CaseAnswer, case: CaseStudy, levels: Mapping[str, int], kind: str, by: Who, now: datetime) -> None:
    note = ", ".join(f"{criterion} {level}" for criterion, level in sorted(levels.items()))
    earned = sum(points(level) for level in levels.values())
    append(session, Mark(kind, answer.person_id, f"case:{case.id}", answer.id, earned, case.points, "rubric-four-levels/1", by.id, note), now)


def _count(session: Session, answer: CaseAnswer, case: CaseStudy, levels: Mapping[str, int], now: datetime) -> None:
    given = [(criterion, levels[criterion.id]) for criterion in case.criteria]
    units = [Unit(criterion.objective, f"criterion:{criterion.id}", WORTH[level], CRITERION_POINTS, level >= SOUND) for criterion, level in given]
    _give_evidence(session, units, answer.person_id, f"case:{case.id}", answer.id, now)


def _give_evidence(session: Session, units: Sequence[Unit], person_id: int, work: str, work_id: int, now: datetime) -> None:
    """Append the evidence of one piece of work, in one statement."""
    whose = {"person_id": person_id, "work": work, "work_id": work_id, "at": now}
    if units:
        session.execute(EVIDENCE.insert(), [whose | asdict(unit) for unit in units])
