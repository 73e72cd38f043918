"""The practice CRM beside an attempt: its runs, and what answers are found to give in it. What that is worth is the business of the kinds.

It is looked up once, when an answer is checked or handed in, and kept (`looked_up`); the questions are then told what was found. So rules stay pure,
and scoring again asks nothing again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from courseware import db
from courseware.assessment.models import Answer, LookedUp, QuizAttempt
from courseware.assessment.papers import Paper
from courseware.assessment.practice import Firm
from courseware.assessment.questions import Question, QuestionSource, Response
from courseware.assessment.tries import asks_certainty, unwrapped
from courseware.db import insert
from courseware.errors import Refused
from courseware.i18n import message
from courseware.sandbox import attempts as sandboxes
from courseware.sandbox.console.pool import Result
from courseware.sandbox.models import SandboxAttempt
from courseware.sandbox.state import Change, checkout

LOOKED_UP = cast(Table, LookedUp.__table__)
MOST_ROWS = 500
MOST_CHARACTERS = 60_000  # of all cells that are kept of one answer

BUSY = message("Many queries are running just now, and yours could not be run to be scored. Everything you answered is kept: try again in a moment.")


# The runs


def data_of(attempt_id: int, scenario: str) -> str:
    """Name the run in which a learner reads the data of the questions of an attempt."""
    return f"attempt:{attempt_id}/data:{scenario}"


def run_of(attempt_id: int, question_id: str) -> str:
    """Name the run in which a learner works for one question of an attempt."""
    return f"attempt:{attempt_id}/question:{question_id}"


def begin_data(session: Session, attempt: QuizAttempt, paper: Paper, sources: Iterable[QuestionSource], firm: Firm, now: datetime) -> None:
    """Begin the runs in which the data of a paper's questions can be read: one for each scenario, on what was planted when the paper was drawn."""
    on_paper = {question.id for question in paper.questions}
    for scenario in dict.fromkeys(source.practice.scenario for source in sources if source.id in on_paper and source.practice and not source.has_run):
        planted, its_paper = firm.planted(scenario, paper.seed)
        sandboxes.start_part(
            session, part_of=data_of(attempt.id, scenario), person_id=attempt.person_id, scenario=scenario, planted=planted, paper=its_paper,
            revision_id=paper.revision, may_act=False, now=now,
        )  # fmt: skip


def begin_run(session: Session, attempt: QuizAttempt, question: Question, firm: Firm, now: datetime) -> SandboxAttempt:
    """Begin the run in which a learner works for a question, or give it; what is planted in it is that of the paper's seed."""
    paper, scenario = Paper.from_json(attempt.paper), question.sandbox or ""
    planted, its_paper = firm.planted(scenario, paper.seed)
    return sandboxes.start_part(
        session, part_of=run_of(attempt.id, question.id), person_id=attempt.person_id, scenario=scenario, planted=planted, paper=its_paper,
        revision_id=paper.revision, may_act=True, now=now,
    )  # fmt: skip


def data_run(session: Session, attempt_id: int, question: Question) -> SandboxAttempt | None:
    """Give the run that shows the data of a question, or in which it is worked on."""
    if question.sandbox is None:
        return None
    return sandboxes.part(session, run_of(attempt_id, question.id) if question.has_run else data_of(attempt_id, question.sandbox))


# What answers give


@dataclass(frozen=True)
class Query:
    """A learner's query that has to be run before it can be scored, and the row changes it is run over."""

    question_id: str
    text: str
    changes: tuple[Change, ...]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode(errors="replace")).hexdigest()


def found_in(session: Session, attempt_id: int) -> dict[str, dict[str, Any]]:
    """Give what was looked up in an attempt, by question id and query, in one statement."""
    found: dict[str, dict[str, Any]] = {}
    for row in session.execute(select(LookedUp.question_id, LookedUp.query, LookedUp.found).where(LookedUp.attempt_id == attempt_id)):
        found.setdefault(row.question_id, {})[row.query] = row.found
    return found


def knowing(session: Session, attempt_id: int, questions: Mapping[str, Question]) -> dict[str, Question]:
    """Give the questions of an attempt knowing what was looked up for their answers; no statement where none is about the practice CRM."""
    if all(question.sandbox is None for question in questions.values()):
        return dict(questions)
    found = found_in(session, attempt_id)
    return {id: question.with_found(found[id]) if id in found else question for id, question in questions.items()}


def queries_of(session: Session, attempt: QuizAttempt, questions: Mapping[str, Question]) -> list[Query]:
    """Give the queries of the kept answers to some questions that have not been run yet. No statement where none of them is answered by a query."""
    asking = {id: question for id, question in questions.items() if question.query_in("SELECT 1") is not None}
    if not asking:
        return []
    rows = session.execute(select(Answer.question_id, Answer.response).where(Answer.attempt_id == attempt.id, Answer.question_id.in_(asking))).all()
    found = found_in(session, attempt.id)
    written = {row.question_id: asking[row.question_id].query_in(_plain(attempt, row.response)) for row in rows}
    wanted = {id: query for id, query in written.items() if query is not None and query not in found.get(id, {})}
    runs = {id: data_run(session, attempt.id, asking[id]) for id in wanted}
    return [Query(id, query, _changes(session, runs[id])) for id, query in wanted.items()]


def _plain(attempt: QuizAttempt, response: Response) -> Response:
    return unwrapped(response)[0] if asks_certainty(attempt.paper["behaviour"]) else response


def _changes(session: Session, run: SandboxAttempt | None) -> tuple[Change, ...]:
    return tuple(sandboxes.journal_of(session, run).changes()) if run else ()


def attend(session: Session, attempt: QuizAttempt, questions: Mapping[str, Question], firm: Firm, now: datetime) -> dict[str, Question]:
    """Look up and keep what the kept answers to these questions still lack, close the runs worked on for them, and give the questions knowing all that was found.

    What `look_up` did before the turn of a writer is not done again.
    """
    if all(question.sandbox is None for question in questions.values()):
        return dict(questions)
    keep(session, attempt.id, look_up(queries_of(session, attempt, questions), firm), now)
    for question in questions.values():
        if question.has_run:
            _close_run(session, attempt, question, firm, now)
    return knowing(session, attempt.id, questions)


def _close_run(session: Session, attempt: QuizAttempt, question: Question, firm: Firm, now: datetime) -> None:
    """Check the run of a question as it stands, for the last time, and keep what was found."""
    run = data_run(session, attempt.id, question)
    if run is not None:
        final = sandboxes.hand_in(session, run, scenario=firm.scenarios[run.scenario], state=checkout(firm.base), now=now)
        keep(session, attempt.id, [(Query(question.id, str(run.id), ()), {"findings": final.findings, "passed": final.passed})], now)


def look_up(queries: Sequence[Query], firm: Firm) -> list[tuple[Query, dict[str, Any]]]:
    """Run queries. It takes as long as they take, so a writer does it before its turn. Raises Refused where no process was free."""
    looked = []
    for query in queries:
        result = firm.ask(firm.base, query.changes, query.text)
        if not result.was_run:
            raise Refused(BUSY)
        looked.append((query, found_by(result)))
    return looked


def found_by(result: Result) -> dict[str, Any]:
    """Put what a query gave into the form that is kept: its rows, as many as fit, or what the console said."""
    if result.status != "ok":
        said = result.message or message("The query gave no rows.")
        return {"message": [said.id, dict(said.params)]}
    rows: list[list[Any]] = []
    size = 0
    for row in result.rows[:MOST_ROWS]:
        size += sum(len(str(value)) for value in row)
        if size > MOST_CHARACTERS:
            break
        rows.append(list(row))
    is_cut = len(rows) < len(result.rows) or result.message is not None
    return {"result": {"columns": list(result.columns), "rows": rows, "is_cut": is_cut}}


def keep(session: Session, attempt_id: int, looked: Sequence[tuple[Query, dict[str, Any]]], now: datetime) -> None:
    """Keep what was looked up. What is kept already stays: a query counts as it was run first."""
    for query, found in looked:
        values = {"attempt_id": attempt_id, "question_id": query.question_id, "sha256": query.sha256, "query": query.text, "found": found, "at": now}
        row = insert(session.connection().dialect, LOOKED_UP).values(values)
        session.execute(row.on_conflict_do_nothing(index_elements=["attempt_id", "question_id", "sha256"]))


def ahead(school: db.School, attempt_id: int, questions: Mapping[str, Question], firm: Firm, now: datetime) -> None:
    """Look up what the kept answers lack and keep it in a transaction of its own: called before a writer's turn, who then need not wait for queries."""
    with db.session(school) as session:
        attempt = session.get_one(QuizAttempt, attempt_id)
        queries = queries_of(session, attempt, questions) if attempt.status == "draft" else []
    if looked := look_up(queries, firm):
        with db.aside(school) as session:
            keep(session, attempt_id, looked, now)
