"""The result of a quiz: marks, feedback, what came too late, and what each answer says about the objectives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean
from typing import Any

import flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment import queries
from courseware.assessment.access import seen_attempt, visible
from courseware.assessment.counting import RULES
from courseware.assessment.kinds.scenario import ScenarioQuestion
from courseware.assessment.looking_up import knowing
from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.queries import Late, Settled, Try
from courseware.assessment.questions import Question, Response, Score
from courseware.assessment.reader import Quiz
from courseware.assessment.review import THING_WORDS, Opening, Shown
from courseware.assessment.rubrics import ByRubric
from courseware.assessment.tries import CERTAINTIES, Tried, parted
from courseware.compile import Course
from courseware.course.model import ModuleFile, Objective, SectionHead
from courseware.errors import NotFound
from courseware.grading.evidence import Standing, standing
from courseware.grading.models import Evidence
from courseware.grading.placement import Advice, advise
from courseware.grading.queries import LEVEL_WORDS, STATUS_WORDS, Marks, answer_marks_of
from courseware.i18n import Message
from courseware.people.models import Person
from courseware.web.routing import Area, Context, Page, Redirect, Result, signed_in

area = Area("results")


@dataclass(frozen=True)
class Scored:
    """One question of a result: the answer handed in, what the rule gave, the score that carries the feedback, and what of all that may be seen."""

    place: int
    question: Question
    objective: Objective
    order: Mapping[str, list[str]]
    settled: Settled
    most: float
    score: Score
    shown: Shown
    tries: Sequence[Tried] = ()
    marks: Marks | None = None

    @property
    def response(self) -> Response:
        return self.settled.response

    @property
    def got(self) -> float:
        return self.settled.points

    @property
    def lost(self) -> float:
        return self.most - self.got

    @property
    def is_full(self) -> bool:
        return self.lost < 1e-9

    @property
    def tone(self) -> str:
        """The word of the style sheet for the points: right, wrong, or between."""
        return "right" if self.is_full else "wrong" if self.got <= 0 else "caution"


@dataclass(frozen=True)
class ByObjective:
    """What an attempt says about one objective: its questions, and the standing just before and just after."""

    objective: Objective
    questions: tuple[Scored, ...]
    before: Standing
    after: Standing

    @property
    def got(self) -> float:
        return sum(question.got for question in self.questions)

    @property
    def most(self) -> float:
        return sum(question.most for question in self.questions)

    @property
    def share(self) -> float:
        return max(0.0, min(1.0, self.got / self.most))

    @property
    def is_moved(self) -> bool:
        return self.before.mastery.level is not self.after.mastery.level


@dataclass(frozen=True)
class LateAnswer:
    """What arrived after the end, beside its question: shown, not counted."""

    place: int
    question: Question
    order: Mapping[str, list[str]]
    response: Response
    at: datetime


@dataclass(frozen=True)
class ResultPage:
    """A handed-in attempt. `questions` and `objectives` are empty until they may be seen; `openings` says when. `writer` is None for the learner's own."""

    attempt: QuizAttempt
    quiz: Quiz
    module: ModuleFile | None
    tries: Sequence[Try]
    writer: str | None
    shown: Shown
    openings: Sequence[Opening] = ()
    late: tuple[LateAnswer, ...] = ()
    questions: tuple[Scored, ...] = ()
    objectives: tuple[ByObjective, ...] = ()
    weakest: SectionHead | None = None
    advice: Sequence[tuple[Advice, SectionHead]] = ()

    @property
    def words(self) -> Mapping[Any, Message]:
        return {**LEVEL_WORDS, **STATUS_WORDS}

    @property
    def got(self) -> float:
        return max(0.0, sum(question.got for question in self.questions))

    @property
    def most(self) -> float:
        return sum(question.most for question in self.questions)

    @property
    def short(self) -> list[Scored]:
        """The questions that lost points, those that lost most first; all in their order while the points are not to be seen."""
        if not self.shown.marks:
            return list(self.questions)
        return sorted((question for question in self.questions if not question.is_full), key=lambda question: (-question.lost, question.place))

    @property
    def full(self) -> list[Scored]:
        return [question for question in self.questions if self.shown.marks and question.is_full]

    @property
    def counts(self) -> Message:
        """Which of several attempts counts."""
        return RULES[self.quiz.counts]

    @property
    def openings_in_words(self) -> list[tuple[list[Message], datetime | None]]:
        return [([THING_WORDS[thing] for thing in one.things], one.at) for one in self.openings]

    @property
    def calibration(self) -> list[tuple[int, int, float]]:
        """For each certainty: how many answers were given with it, and the share that was right."""
        said = [(question.settled.certainty, question.score.fraction) for question in self.questions if question.settled.certainty]
        found = [(level, [right for certainty, right in said if certainty == level]) for level in CERTAINTIES]
        return [(level, len(rights), fmean(rights)) for level, rights in found if rights]

    @property
    def worst(self) -> ByObjective | None:
        """The objective that most of the lost points are about."""
        return max(self.objectives, key=lambda one: one.most - one.got, default=None) if self.shown.marks and self.short else None

    @property
    def is_late(self) -> bool:
        return any(one.is_late for one in self.tries if one.id == self.attempt.id)


@area.get("/attempts/<int:attempt_id>/result", policy=signed_in)
def show(ctx: Context, attempt_id: int) -> Result:
    """The result, for the learner and for whoever may see this learner's work. A draft is nobody else's business."""
    attempt = seen_attempt(ctx.session, ctx.who, attempt_id)
    is_own = attempt.person_id == ctx.who.id
    if attempt.status == "draft":
        if is_own:
            return Redirect(flask.url_for("sitting.review", attempt_id=attempt_id))
        raise NotFound
    return Page("results/show.html", result_page(ctx, attempt, is_own))


def result_page(ctx: Context, attempt: QuizAttempt, is_own: bool) -> ResultPage:
    """Give what a handed-in attempt shows now, to its learner or to whoever may see it."""
    paper = Paper.from_json(attempt.paper)
    course = ctx.site.revision(paper.revision)
    quiz = course.quizzes[paper.quiz]
    tries = queries.tries_of(ctx.session, attempt.person_id, attempt.quiz_id)
    writer = None if is_own else _writer(ctx.session, attempt, course.asked(paper))
    late = _late(course, paper, queries.late_answers(ctx.session, attempt.id))
    shown, openings = visible(ctx.session, attempt, paper, is_own=is_own, now=ctx.now)
    page = ResultPage(attempt, quiz, course.modules.get(quiz.module or ""), tries, writer, shown, openings, late)
    if shown.attempt:
        page = replace(page, questions=_scored(ctx.session, course, attempt, paper, shown))
    if shown.overall and paper.counts:
        questions = page.questions or _scored(ctx.session, course, attempt, paper, shown)
        page = replace(page, objectives=_by_objective(ctx.session, attempt, questions, course.objectives))
    if shown.overall and shown.marks and page.short:
        page = replace(page, weakest=course.material.section(page.short[0].question.section, ctx.language).head)
    if quiz.placement and shown.marks:
        advice = _advice(ctx, course, page.questions)
        page = replace(page, advice=advice, weakest=next((head for one, head in advice if not one.may_skip), None))
    return page


def _advice(ctx: Context, course: Course, questions: Sequence[Scored]) -> list[tuple[Advice, SectionHead]]:
    """What a placement test says of the sections of the course, each with its title."""
    heads = {id: course.material.section(id, ctx.language).head for module in course.modules.values() for id in module.sections}
    found = advise({id: head.objectives for id, head in heads.items()}, [(one.objective.code, one.is_full) for one in questions])
    return [(one, heads[one.section]) for one in found]


def _writer(session: Session, attempt: QuizAttempt, questions: Mapping[str, Question]) -> str:
    """The learner's name; none while somebody may be marking this attempt, who is not to know it."""
    if attempt.status != "released" and any(question.is_marked_by_hand for question in questions.values()):
        return ""
    return session.scalars(select(Person.name).where(Person.id == attempt.person_id)).one()


def _scored(session: Session, course: Course, attempt: QuizAttempt, paper: Paper, shown: Shown) -> tuple[Scored, ...]:
    questions = knowing(session, attempt.id, course.asked(paper))
    settled = queries.settled_answers(session, attempt.id)
    marks = answer_marks_of(session, [attempt.id]) if any(question.is_marked_by_hand for question in questions.values()) else {}
    tries = queries.tries_at(session, attempt.id) if paper.behaviour.checks else {}
    found = []
    for place, asked in enumerate(paper.questions, 1):
        question, given = questions[asked.id], settled[asked.id]
        is_hidden = given.waits or (question.is_marked_by_hand and attempt.status != "released")
        seen = replace(shown, correctness=False, specific=False, general=False, right=False) if is_hidden else shown
        marked = marks.get((attempt.id, asked.id))
        score = question.marked(marked.levels) if marked and isinstance(question, ByRubric) else question.score(given.response)
        found.append(Scored(place, question, course.objectives[question.objective], asked.order, given, asked.points, score, seen, tries.get(asked.id, ()), marked))
    return tuple(found)


def _late(course: Course, paper: Paper, late: Iterable[Late]) -> tuple[LateAnswer, ...]:
    places = {question.id: place for place, question in enumerate(paper.questions, 1)}

    def beside(one: Late) -> LateAnswer:
        place = places[one.question_id]
        return LateAnswer(place, paper.question(one.question_id, course.questions), paper.questions[place - 1].order, parted(paper.behaviour, one.response)[0], one.at)

    return tuple(beside(one) for one in late)


def _shares(question: Scored, objectives: Mapping[str, Objective]) -> Iterator[Scored]:
    """Part a question by what it says something about: the rows of a rubric and the checks of a scenario have objectives of their own."""
    if isinstance(question.question, ByRubric):
        written = [(row.id, row.objective) for row in question.question.criteria]
    elif isinstance(question.question, ScenarioQuestion):
        written = [(check.id, check.objective) for check in question.question.checks]
    else:
        yield question
        return
    rows: dict[str, list[str]] = {}
    for id, objective in written:
        rows.setdefault(objective or question.question.objective, []).append(id)
    for code, ids in rows.items():
        parts = [part for part in question.score.parts if part.id in ids]
        settled = replace(question.settled, points=sum(part.fraction * part.points for part in parts))
        yield replace(question, objective=objectives[code], settled=settled, most=sum(part.points for part in parts))


def _by_objective(session: Session, attempt: QuizAttempt, questions: Iterable[Scored], objectives: Mapping[str, Objective]) -> tuple[ByObjective, ...]:
    """Group the questions by objective, each with the standing before and after this attempt, from one statement."""
    grouped: dict[str, list[Scored]] = {}
    for question in questions:
        for share in _shares(question, objectives):
            grouped.setdefault(share.objective.code, []).append(share)
    rows = session.scalars(select(Evidence).where(Evidence.person_id == attempt.person_id, Evidence.objective.in_(grouped)).order_by(Evidence.id)).all()
    mine = [row.id for row in rows if (row.work, row.work_id) == (f"quiz:{attempt.quiz_id}", attempt.id)]
    before = [row for row in rows if mine and row.id < mine[0]]
    after = [row for row in rows if mine and row.id <= mine[-1]]

    def line(code: str) -> ByObjective:
        found = grouped[code]
        return ByObjective(found[0].objective, tuple(found), _standing(found[0].objective, before), _standing(found[0].objective, after))

    return tuple(line(code) for code in sorted(grouped, key=lambda code: (code.startswith("A"), code)))


def _standing(objective: Objective, rows: Iterable[Evidence]) -> Standing:
    """Fold rows in their order: of each source the newest counts."""
    newest = {row.source: row for row in rows if row.objective == objective.code}
    return standing(objective, list(newest.values()))
