"""The practice CRM beside an attempt at a quiz, as pages ask for it. What is looked up there, and how it is kept, is the business of assessment."""

from __future__ import annotations

from collections.abc import Mapping

from courseware.assessment import attempts, looking_up, queries
from courseware.assessment.access import own_attempt
from courseware.assessment.models import QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.practice import Firm
from courseware.assessment.questions import Question
from courseware.assessment.reader import Quiz
from courseware.assessment.tries import asks_certainty, unwrapped, wrapped
from courseware.compile import Course
from courseware.errors import NotFound, Refused
from courseware.i18n import message
from courseware.sandbox import attempts as sandboxes
from courseware.sandbox.console.pool import Result
from courseware.sandbox.console.scoring import run_to_score
from courseware.sandbox.models import SandboxAttempt
from courseware.web.console import POOL
from courseware.web.routing import Context


def firm_of(course: Course, questions: Mapping[str, Question]) -> Firm | None:
    """Give the practice CRM if one of the questions is about it."""
    return course.firm() if any(question.sandbox is not None for question in questions.values()) else None


def look_ahead(ctx: Context, attempt_id: int, paper: Paper, *ids: str) -> None:
    """Run the queries of the kept answers (to some questions, or all) before a writer's turn: nobody waits for a learner's query but the learner."""
    course = ctx.site.revision(paper.revision)
    questions = {id: question for id, question in course.asked(paper).items() if id in ids or not ids}
    firm = firm_of(course, questions)
    if firm is not None:
        looking_up.ahead(ctx.site.school, attempt_id, questions, firm, ctx.now)


def attended(ctx: Context, attempt: QuizAttempt, paper: Paper, questions: Mapping[str, Question]) -> Mapping[str, Question]:
    """Give questions knowing all that their kept answers give in the practice CRM, for an answer that is scored now."""
    firm = firm_of(ctx.site.revision(paper.revision), questions)
    return questions if firm is None else looking_up.attend(ctx.session, attempt, questions, firm, ctx.now)


def make_ready(course: Course, quiz: Quiz) -> None:
    """Build what a paper of this quiz is drawn over, and start the process for queries, before a writer's turn; nothing for most quizzes."""
    if any(source.practice for sources in course.sources_of(quiz).values() for source in sources):
        run_to_score(course.base, (), "SELECT 1")


def tried_out(ctx: Context, attempt_id: int, paper: Paper, question: Question, query: str) -> Result:
    """Run a learner's query as the console does, over the data of its question."""
    run = looking_up.data_run(ctx.reader, attempt_id, question)
    changes = tuple(sandboxes.journal_of(ctx.reader, run).changes()) if run else ()
    return POOL.run(ctx.site.revision(paper.revision).base, changes, query, asker=(ctx.site.school.name, ctx.who.id))


def crm_address(ctx: Context, attempt_id: int, paper: Paper, place: int) -> str:
    """Give the address of the CRM that a question of one's own attempt is about; a run to work in is begun, and is the answer. Raises NotFound."""
    asked, course = paper.questions[place - 1], ctx.site.revision(paper.revision)
    question = paper.question(asked.id, course.questions)
    run = looking_up.data_run(ctx.reader, attempt_id, question)
    if question.has_run and (run is None or run.is_open):
        run = _begun(ctx, attempt_id, question, course.firm(ctx.language))
    if run is None:
        raise NotFound
    return f"/practise/runs/{run.id}"


def _begun(ctx: Context, attempt_id: int, question: Question, firm: Firm) -> SandboxAttempt:
    """Begin the run of a question and save it as the answer, in one act; where that was done it stays."""
    _ = firm.base  # built before a writer's turn
    attempt = own_attempt(ctx.session, ctx.who, attempt_id)
    run = looking_up.begin_run(ctx.session, attempt, question, firm, ctx.now)
    kept = queries.kept_answers(ctx.session, attempt_id).get(question.id)
    response = wrapped(str(run.id), None) if asks_certainty(attempt.paper["behaviour"]) else str(run.id)
    if kept and question.clean(unwrapped(kept.response)[0] if asks_certainty(attempt.paper["behaviour"]) else kept.response) == str(run.id):
        return run
    saved = attempts.save_answer(
        ctx.session.connection(), attempt_id, attempt.paper, question_id=question.id, response=response,
        sequence=kept.sequence + 1 if kept else 1, key=f"run-{run.id}-{kept.sequence if kept else 0}", now=ctx.now,
    )  # fmt: skip
    if saved.is_late:
        raise Refused(message("This question is closed: no work can begin in it any more."))
    return run
