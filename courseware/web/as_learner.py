"""An attempt at a quiz made for one page of a preview and undone after it: as a learner, with a variant, at a moment. The pages stand in author_preview.

What was done travels as a log in the address, and is done again with the same functions as in a real attempt.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from courseware import db
from courseware.assessment import attempts, navigation, queries
from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import draw_paper
from courseware.assessment.reader import DRAWN, Form, Quiz, read_form, read_quiz
from courseware.authoring import data_of
from courseware.compile import Course
from courseware.course.drafts import Working, drafts
from courseware.errors import Invalid, NotFound
from courseware.i18n import message
from courseware.people.access import Who, may_see
from courseware.people.models import Person, Role
from courseware.people.queries import terms_of
from courseware.people.terms import MOST_EXTRA
from courseware.web.moments import read_moment
from courseware.web.routing import Context
from courseware.web.site import Site
from courseware.web.sittings import Sitting, close, sitting_of
from courseware.web.writing import form_path

LONGEST_LOG = 3_000  # characters of an address that hold the answers; longer ones are refused by some servers
MOST_STEPS = 500  # they are all done again for each page, while others wait for their turn to write
LONGEST_TEXT = 400  # characters of one typed answer that travel then


@dataclass(frozen=True)
class Chosen:
    """As whom, which attempt, which variant, when; `on` is when the result is looked at. `own` takes the paper that the learner was really given."""

    person: int
    number: int
    variant: int
    at: str
    on: str
    own: bool = False

    def query(self, log: Sequence[Any] = ()) -> str:
        values = {"person": self.person, "number": self.number, "variant": self.variant, "at": self.at, "on": self.on, "own": int(self.own), "log": packed(log) if log else ""}
        return urlencode({name: value for name, value in values.items() if value not in ("", 0)})


def packed(log: Sequence[Any]) -> str:
    """What was done, as a word for an address."""
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(log, separators=(",", ":")).encode(), 9)).decode()


def unpacked(word: str) -> list[Any]:
    """Read what was done; anything else is nothing."""
    try:
        inflating = zlib.decompressobj()
        text = inflating.decompress(base64.urlsafe_b64decode(word[: 2 * LONGEST_LOG]), 1_000_000)
        log = json.loads(text) if text else []
    except (ValueError, RecursionError, binascii.Error, zlib.error):
        return []
    return [step for step in log[:MOST_STEPS] if isinstance(step, list) and step] if isinstance(log, list) else []


def chosen_of(ctx: Context) -> Chosen:
    args = ctx.request.args
    return Chosen(_number(args, "person", 0), max(1, _number(args, "number", 1)), _number(args, "variant", 1), args.get("at", "")[:20], args.get("on", "")[:20], args.get("own") == "1")


def _number(args: Mapping[str, str], name: str, otherwise: int) -> int:
    typed = args.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else otherwise


def fitting(log: list[Any]) -> list[Any]:
    """Cut the longest texts of a log until it fits into an address, and leave out its beginning if that is not enough."""
    while len(packed(log)) > LONGEST_LOG:
        log = _shorter(log)
    return log


def _shorter(log: list[Any]) -> list[Any]:
    """Cut the longest texts, so that the answers fit into an address; what is left still shows how the quiz goes."""
    cut = json.loads(json.dumps(log), object_hook=lambda mapping: {key: value[:LONGEST_TEXT] if isinstance(value, str) else value for key, value in mapping.items()})
    cut = [[part[:LONGEST_TEXT] if isinstance(part, str) else part for part in step] for step in cut]
    return cut if len(packed(cut)) < len(packed(log)) else log[1:]


# The course and the site


def course_of(ctx: Context, quiz_id: str) -> Course:
    """The course with the drafts of a quiz and its forms in it, as far as they are sound. Raises NotFound."""
    course, written = ctx.course, drafts(ctx.reader)
    faults: list[str] = []
    quizzes, forms = dict(course.quizzes), dict(course.forms)
    quiz = _read(written, quiz_id, lambda data, path: read_quiz(data, path, lambda _, sentence: faults.append(sentence)))
    if isinstance(quiz, Quiz):
        quizzes[quiz_id] = quiz
    if quiz_id not in quizzes:
        raise NotFound
    for id in quizzes[quiz_id].files:
        form = _read(written, id, lambda data, path: read_form(data, path, lambda _, sentence: faults.append(sentence), draws=1))
        if isinstance(form, Form):
            forms[id] = form
    if faults or any(id not in forms for id in quizzes[quiz_id].files):
        return course
    return replace(course, quizzes=quizzes, forms=forms)


def _read(written: Mapping[str, Any], id: str, read: Callable[[Any, str], Any]) -> Any:
    path = form_path(id)
    return read(data_of(Working(path, None, written[path])), path) if path in written else None


class ShownSite(Site):
    """A site that has one course, whatever revision is asked for, and keeps nothing of what is made for it."""

    def __init__(self, site: Site, course: Course) -> None:
        super().__init__(site.school, site.folder, site.zone)
        self._shown = course

    def course(self) -> Course:
        return self._shown

    def revision(self, id: int) -> Course:
        return self._shown


# The attempt


@contextlib.contextmanager
def as_learner(ctx: Context, quiz_id: str) -> Iterator[Context]:
    """The request as if it were the learner's at the chosen moment, in a transaction that is undone at the end."""
    chosen, course = chosen_of(ctx), course_of(ctx, quiz_id)
    learner = ctx.reader.scalar(select(Person).where(Person.id == chosen.person, Person.role == Role.LEARNER, may_see(ctx.who)))
    if learner is None:
        raise Invalid(message("Choose a learner of one of your classes."))
    if given := _given(ctx, quiz_id, chosen):
        course = ctx.site.revision(given["revision"])
    who = Who(learner.id, learner.login, learner.name, Role.LEARNER, learner.language)
    at = read_moment(chosen.at, ctx.site.zone) or ctx.now
    with db.session(ctx.site.school, write=True) as session:
        try:
            yield Context(ShownSite(ctx.site, course), ctx.request, at, writes=True, _session=session, _reader=session, _who=who, _who_known=True)
        finally:
            session.expunge_all()  # what a page holds stays readable
            session.rollback()


def _given(ctx: Context, quiz_id: str, chosen: Chosen) -> Mapping[str, Any] | None:
    """The paper of the learner's own attempt of the chosen number, if that is what the author wants to see and there is one."""
    own = select(QuizAttempt.paper).where(QuizAttempt.person_id == chosen.person, QuizAttempt.quiz_id == quiz_id, QuizAttempt.number == chosen.number)
    return ctx.reader.scalar(own) if chosen.own else None


@dataclass(frozen=True)
class Made:
    """An attempt made for a page and undone after it."""

    ctx: Context
    attempt: QuizAttempt

    @property
    def sitting(self) -> Sitting:
        return sitting_of(self.ctx, self.attempt)


@contextlib.contextmanager
def begun_attempt(ctx: Context, quiz_id: str, log: Sequence[Any]) -> Iterator[Made]:
    """Begin the chosen attempt and do again what was done in it."""
    chosen = chosen_of(ctx)
    given = _given(ctx, quiz_id, chosen)
    with as_learner(ctx, quiz_id) as inner:
        attempt = _begun(inner, inner.course.quizzes[quiz_id], chosen, given)
        for step in log:
            _redo(inner, attempt, step)
        yield Made(inner, attempt)





def set_aside(session: Session, person_id: int, quiz: Quiz, course: Course, number: int, at: datetime) -> None:
    """Bring the learner to where attempt `number` comes next: later ones are put aside, missing ones are taken as handed in empty."""
    number = min(number, quiz.attempts + MOST_EXTRA + 1)  # nobody has more; that one is refused like any after it
    own = (QuizAttempt.person_id == person_id, QuizAttempt.quiz_id == quiz.id)
    session.execute(update(QuizAttempt).where(*own, QuizAttempt.number >= number).values(quiz_id=f"{quiz.id}~aside").execution_options(synchronize_session=False))
    session.execute(update(QuizAttempt).where(*own, QuizAttempt.status == "draft").values(status="marked", submitted_at=at).execution_options(synchronize_session=False))
    known = set(session.scalars(select(QuizAttempt.number).where(*own)))
    letters, sources = sorted(quiz.forms) or [DRAWN], course.sources_of(quiz)
    for missing in (one for one in range(1, number) if one not in known):
        form = letters[(missing - 1) % len(letters)]
        paper = draw_paper(quiz, form, sources[form], revision=course.revision, rng=random.Random(missing), firm=_firm(course, quiz))
        long_ago = at - timedelta(days=365)
        session.add(
            QuizAttempt(person_id=person_id, quiz_id=quiz.id, form=form, number=missing, paper=paper.as_json(), status="marked", started_at=long_ago, submitted_at=long_ago)
        )
    session.flush()


def _firm(course: Course, quiz: Quiz) -> Any:
    return course.firm() if any(source.practice for sources in course.sources_of(quiz).values() for source in sources) else None


def _begun(ctx: Context, quiz: Quiz, chosen: Chosen, given: Mapping[str, Any] | None) -> QuizAttempt:
    """Begin as a real attempt does, with a die that falls the same way for the same variant. Raises Refused where the learner could not begin."""
    course, session = ctx.course, ctx.session
    set_aside(session, ctx.who.id, quiz, course, chosen.number, ctx.now)
    terms = terms_of(session, ctx.who.id)[f"quiz:{quiz.id}"]
    attempt = attempts.start(
        session, person_id=ctx.who.id, quiz=quiz, sources=course.sources_of(quiz), revision=course.revision, due_at=terms.due_at, now=ctx.now,
        rng=random.Random(chosen.variant), terms=terms, firms=lambda _: course.firm(ctx.language),
    )  # fmt: skip
    if given:
        attempt.paper, attempt.form = dict(given), str(given["form"])
    attempt.paper = {**attempt.paper, "networks": []}  # the author sits elsewhere
    session.flush()
    return attempt


def _redo(ctx: Context, attempt: QuizAttempt, step: Sequence[Any]) -> None:
    """Do one thing that was done before. What no longer fits is passed over."""
    questions = attempt.paper["questions"]
    at = step[1] if len(step) > 1 and isinstance(step[1], int) else 0
    id = questions[at - 1]["id"] if 1 <= at <= len(questions) else ""
    if step[0] == "h":
        close(ctx, attempt)
    elif step[0] == "s" and id and len(step) == 3:
        attempts.save_answer(
            ctx.session.connection(), attempt.id, attempt.paper, question_id=id, response=step[2], sequence=_next_sequence(ctx, attempt, id), key=f"{id}:{random.random()}", now=ctx.now
        )
        ctx.session.expire_all()
    elif step[0] == "c" and id:
        question = sitting_of(ctx, attempt).question(id)
        attempts.check_one(ctx.session, attempt, question=question, now=ctx.now)
    elif step[0] == "l":
        navigation.pass_lock(ctx.session, attempt, at)
    elif step[0] == "f" and id:
        navigation.turn_flag(ctx.session, attempt, id)


def _next_sequence(ctx: Context, attempt: QuizAttempt, id: str) -> int:
    kept = queries.kept_answers(ctx.session, attempt.id).get(id)
    return kept.sequence + 1 if kept else 1
