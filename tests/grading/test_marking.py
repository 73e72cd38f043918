"""Answers of quizzes that people mark: waiting, marks, points, release, evidence, the queue, and the verification of all that. On both engines."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware import db
from courseware.assessment import queries as answers
from courseware.assessment.models import QuestionScore, QuizAttempt, StoredFile
from courseware.compile import Course
from courseware.errors import Invalid, NotFound, Refused
from courseware.grading import actions, ledger, queries, queue
from courseware.grading.access import graded_attempt
from courseware.grading.evidence import evidence_of
from courseware.grading.models import Evidence, LedgerEntry, QuestionMark
from courseware.grading.verify import verify
from courseware.people.access import Who
from tests.by_hand import ANSWERS, SOURCES, TEXT, begun, essay, handed_in, marked, resolve, who
from tests.conftest import NOW

ENTRY = {"sha256": "a" * 64, "name": "calls.csv", "size": 20}
BOTH = {**ANSWERS, "h-file": [ENTRY]}


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def release(session: Session, attempt: QuizAttempt, login: str = "chen") -> bool:
    return actions.release_quiz(session, attempt, resolve, NOW, by=who(session, login))


# Handing in


def test_an_answered_essay_waits_and_an_empty_one_does_not(session: Session) -> None:
    waiting, empty = handed_in(session, "lin"), handed_in(session, "wuhao", {**ANSWERS, "h-essay": None})
    assert (waiting.status, empty.status) == ("checked", "released")
    settled = answers.settled_answers(session, waiting.id)
    assert {id: one.waits for id, one in settled.items()} == {"h-choice": False, "h-essay": True, "h-file": False}
    assert settled["h-essay"].response == TEXT
    assert session.scalars(select(LedgerEntry.work_id)).all() == [empty.id], "nothing is entered before a person has marked it"


def test_an_empty_essay_is_evidence_of_nothing_for_each_row_of_its_rubric(session: Session) -> None:
    attempt = handed_in(session, "wuhao", {**ANSWERS, "h-essay": None})
    rows = {row.source: (row.objective, row.score, row.shows_ability) for row in evidence_of(session, [attempt.person_id])}
    assert rows["criterion:h-essay/reason"] == ("K1.1", 0, False)
    assert rows["criterion:h-essay/next"] == ("A1.1", 0, False)


# Marking


def test_all_levels_give_the_points_and_the_attempt_is_marked(session: Session) -> None:
    attempt = marked(session, handed_in(session, "lin"), {"reason": 3, "next": 1})
    score = session.scalars(select(QuestionScore).where(QuestionScore.question_id == "h-essay")).one()
    assert (score.points, score.rule, score.rule_version, score.by_id) == (pytest.approx(2.8), "rubric-four-levels", 1, who(session, "chen").id)
    entry = session.scalars(select(LedgerEntry)).one()
    assert (attempt.status, entry.kind, entry.points, entry.by_id) == ("marked", "marked", pytest.approx(2.8), who(session, "chen").id)


def test_half_a_rubric_is_kept_and_gives_no_points_yet(session: Session) -> None:
    attempt = marked(session, handed_in(session, "lin"), {"reason": 3})
    assert (attempt.status, answers.settled_answers(session, attempt.id)["h-essay"].waits) == ("checked", True)
    marked(session, attempt, {"next": 2})
    assert queries.answer_marks_of(session, [attempt.id])[attempt.id, "h-essay"].levels == {"reason": 3, "next": 2}
    assert attempt.status == "marked"


def test_an_attempt_is_marked_when_its_last_answer_is(session: Session) -> None:
    attempt = marked(session, handed_in(session, "lin", BOTH))
    assert (attempt.status, count(session, LedgerEntry)) == ("checked", 0)
    marked(session, attempt, question="h-file")
    assert (attempt.status, count(session, LedgerEntry)) == ("marked", 1)


def test_a_newer_mark_of_somebody_else_is_never_overwritten(session: Session) -> None:
    attempt = marked(session, handed_in(session, "lin"), by="admin")
    with pytest.raises(Refused, match="Somebody else has marked"):
        actions.mark_answer(session, attempt, question=essay(), levels={"reason": 0}, comment="No.", seen=0, by=who(session, "chen"), now=NOW)
    assert queries.answer_marks_of(session, [attempt.id])[attempt.id, "h-essay"].levels == {"reason": 2, "next": 2}


def test_sending_the_same_mark_twice_is_harmless(session: Session) -> None:
    attempt = marked(session, handed_in(session, "lin"))
    actions.mark_answer(session, attempt, question=essay(), levels={"reason": 2, "next": 2}, comment="Good.", seen=0, by=who(session, "chen"), now=NOW)
    assert (count(session, QuestionMark), count(session, LedgerEntry)) == (1, 1)


@pytest.mark.parametrize("levels", [{}, {"reason": 4}, {"reason": -1}, {"other": 2}])
def test_a_level_or_criterion_that_does_not_exist_is_refused(session: Session, levels: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        marked(session, handed_in(session, "lin"), levels)
    assert count(session, QuestionMark) == 0


def test_what_is_open_or_empty_cannot_be_marked(session: Session) -> None:
    for attempt in (begun(session, "lin"), handed_in(session, "wuhao", {**ANSWERS, "h-essay": "  "})):
        with pytest.raises(Refused, match="no answer here to mark"):
            marked(session, attempt)


def test_of_two_graders_at_once_only_one_is_kept(school: db.School) -> None:
    with db.session(school, write=True) as session:
        id = handed_in(session, "lin").id
        graders = [who(session, login) for login in ("chen", "admin")]

    def mark(by: Who) -> bool:
        with db.session(school, write=True) as session:
            try:
                levels = {"reason": by.id % 3, "next": 1}
                actions.mark_answer(session, session.get_one(QuizAttempt, id), question=essay(), levels=levels, comment=by.login, seen=0, by=by, now=NOW)
            except Refused:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(mark, graders)) == [False, True]
    with db.session(school) as session:
        assert (count(session, QuestionMark), count(session, LedgerEntry)) == (1, 1)


# Release


def test_only_a_fully_marked_attempt_can_be_released(session: Session) -> None:
    with pytest.raises(Refused, match="fully marked"):
        release(session, handed_in(session, "lin"))


def test_levels_become_evidence_for_the_objective_of_their_row(session: Session) -> None:
    attempt = marked(session, handed_in(session, "lin"), {"reason": 1, "next": 3})
    assert count(session, Evidence) == 0
    assert release(session, attempt)
    rows = {row.source: row for row in evidence_of(session, [attempt.person_id])}
    assert {source: (row.objective, row.score, row.weight, row.shows_ability) for source, row in rows.items() if source.startswith("criterion:h-essay")} == {
        "criterion:h-essay/reason": ("K1.1", 0.4, 2, False),
        "criterion:h-essay/next": ("A1.1", 1.0, 2, True),
    }
    assert rows["question:h-choice"].score == 0
    assert {row.work for row in rows.values()} == {"quiz:hand"}


def test_releasing_twice_counts_once(session: Session) -> None:
    attempt = marked(session, handed_in(session, "lin"))
    assert (release(session, attempt), release(session, attempt)) == (True, False)
    assert session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.number)).all() == ["marked", "released"]
    assert count(session, Evidence) == 4


def test_a_correction_after_release_appends_and_the_newest_counts(session: Session) -> None:
    attempt = marked(session, handed_in(session, "lin"), {"reason": 1, "next": 1})
    release(session, attempt)
    marked(session, attempt, {"reason": 3, "next": 3})
    assert attempt.status == "released"
    assert answers.settled_answers(session, attempt.id)["h-essay"].points == 4
    rows = {row.source: row.score for row in evidence_of(session, [attempt.person_id])}
    assert (rows["criterion:h-essay/reason"], rows["criterion:h-essay/next"], rows["question:h-choice"]) == (1, 1, 0)
    assert (count(session, Evidence), count(session, QuestionScore)) == (6, 4)
    assert list(ledger.faults(session)) == []


# Access and the queue


def test_only_the_classes_own_instructor_and_an_administrator_may_mark(session: Session) -> None:
    attempt = handed_in(session, "lin")
    for login in ("chen", "admin"):
        assert graded_attempt(session, who(session, login), attempt.id) is attempt
    for login in ("gao", "zhao", "lin", "outsider"):
        with pytest.raises(NotFound):
            graded_attempt(session, who(session, login), attempt.id)
    with pytest.raises(NotFound):
        graded_attempt(session, who(session, "chen"), begun(session, "wuhao").id)


def lines(session: Session, login: str = "chen", **of: Any) -> list[queue.QueueLine]:
    return queue.answer_queue(session, who(session, login), **of)


def test_the_queue_holds_each_answer_that_a_person_marks_without_a_name(session: Session) -> None:
    first, second = handed_in(session, "lin", BOTH), handed_in(session, "wuhao")
    handed_in(session, "outsider")
    begun(session, "sunjie")
    found = lines(session)
    assert {(line.ref, line.work_id) for line in found} == {("h-essay", first.id), ("h-essay", second.id), ("h-file", first.id)}
    assert [(line.ref, line.number, line.of) for line in found] == [("h-essay", 1, 2), ("h-essay", 2, 2), ("h-file", 1, 1)]
    assert {(line.person, line.status, line.kind) for line in found} == {(None, "submitted", "quiz")}
    assert [line.work_id for line in lines(session, question_id="h-file")] == [first.id]
    assert lines(session, "gao")[0].work_id not in (first.id, second.id)


def test_an_answer_is_marked_before_its_attempt_may_be_released(session: Session) -> None:
    attempt = marked(session, handed_in(session, "lin", BOTH))
    assert {line.ref: (line.status, line.may_release) for line in lines(session)} == {"h-essay": ("marked", False), "h-file": ("submitted", False)}
    marked(session, attempt, question="h-file")
    assert {line.may_release for line in lines(session)} == {True}
    release(session, attempt)
    assert {(line.status, line.may_release, line.person) for line in lines(session)} == {("released", False, "Lin Xiaoyu 林晓雨")}


def test_half_marked_answers_still_wait(session: Session) -> None:
    marked(session, handed_in(session, "lin"), {"reason": 2})
    assert [line.status for line in lines(session)] == ["submitted"]


def test_the_text_is_searched_and_a_hidden_name_is_not(session: Session) -> None:
    handed_in(session, "lin", {**BOTH, "h-essay": "她问了两次 100%", "h-file": [{**ENTRY, "name": "Xiaoyu.csv"}]})

    def fits(q: str) -> list[bool]:
        return [line.fits for line in lines(session, q=q)]

    assert fits("她问") == [True, False]
    assert fits("100%") == [True, False]
    assert fits("Xiaoyu") == [False, False]


# Verification


def test_every_mark_is_computed_again_from_the_levels(session: Session, course: Course) -> None:
    attempt = marked(session, handed_in(session, "lin"), {"reason": 3, "next": 1})
    handed_in(session, "wuhao")
    pinned: Any = SimpleNamespace(questions=SOURCES, scenarios={}, cases={}, base=course.base)
    assert verify(session, lambda _: pinned).faults == ()
    release(session, attempt)
    marked(session, attempt, {"reason": 0, "next": 0})
    found = verify(session, lambda _: pinned)
    assert (found.quizzes, found.faults) == (1, ())
    session.scalars(select(QuestionScore).where(QuestionScore.by_id.is_not(None)).order_by(QuestionScore.id.desc())).first().points = 4
    session.flush()
    assert "question h-essay: 4.0 points kept, 0 computed" in verify(session, lambda _: pinned).faults[0]


def test_a_handed_in_file_that_was_changed_is_found(session: Session, course: Course) -> None:
    session.add(StoredFile(sha256=hashlib.sha256(b"a,b").hexdigest(), content=b"a,b"))
    session.add(StoredFile(sha256="0" * 64, content=b"changed"))
    session.flush()
    pinned: Any = SimpleNamespace(questions=SOURCES, scenarios={}, cases={}, base=course.base)
    assert verify(session, lambda _: pinned).faults == ("the handed-in file 000000000000 was changed after it was stored",)
