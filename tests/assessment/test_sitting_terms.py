"""The rules of sitting a quiz: its time, its dates, its locks, the order of its questions, minutes added on the way."""

from __future__ import annotations

import itertools
import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.assessment import attempts, navigation
from courseware.assessment.extra_time import add_minutes, added_to
from courseware.assessment.models import Answer, QuizAttempt
from courseware.assessment.papers import Paper, draw_paper, span_of
from courseware.assessment.questions import QuestionSource
from courseware.assessment.reader import Quiz
from courseware.compile import Course
from courseware.errors import Invalid, NotFound, Refused
from courseware.people.models import Person
from courseware.people.terms import USUAL, Terms
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
KEYS = (f"key-{number}" for number in itertools.count())


def quiz(**of: Any) -> Quiz:
    """A quiz over the forms of Module 1, or over pools if it names some."""
    source = {} if "pools" in of else {"forms": {"A": "m1-a", "B": "m1-b"}}
    return Quiz.model_validate({"id": "m1", "title": {"en": "Quiz"}, "module": "M1", "attempts": 2, "behaviour": "deferred", **source, **of})


def paper(course: Course, seed: int = 1, **of: Any) -> Paper:
    """The first paper of such a quiz."""
    made = quiz(**of)
    letter, sources = next(iter(course.sources_of(made).items()))
    return draw_paper(made, letter, sources, revision=1, rng=random.Random(seed), networks=["192.0.2.0/24"])


@pytest.fixture
def lin(session: Session) -> int:
    return session.scalars(select(Person.id).where(Person.login == "lin")).one()


@pytest.fixture
def begin(session: Session, lin: int, course: Course) -> Any:
    def begun(terms: Terms = USUAL, now: datetime = NOW, **of: Any) -> QuizAttempt:
        made = quiz(**of)
        return attempts.start(
            session, person_id=lin, quiz=made, sources=course.sources_of(made), revision=1, due_at=terms.due_at, now=now, rng=random.Random(1), terms=terms
        )

    return begun


def save(session: Session, attempt: QuizAttempt, place: int, now: datetime = NOW, sequence: int = 1) -> attempts.Saved:
    question = attempt.paper["questions"][place - 1]["id"]
    return attempts.save_answer(session.connection(), attempt.id, attempt.paper, question_id=question, response="a", sequence=sequence, key=next(KEYS), now=now)


# Time


@pytest.mark.parametrize(
    ("of", "terms", "minutes"),
    [
        ({}, Terms(time_factor=2), None),
        ({"minutes": 40}, USUAL, 40),
        ({"minutes": 40}, Terms(time_factor=1.5), 60),
        ({"minutes": 45}, Terms(time_factor=1.25), 56.25),
        ({"minutes": 40, "fixed_time": True}, Terms(time_factor=1.5), 40),
        ({"minutes": 40}, Terms(time_factor=1.5, closes_at=NOW + 50 * MINUTE), 50),
        ({"minutes": 40}, Terms(closes_at=NOW + 41 * MINUTE), 40),
        ({}, Terms(closes_at=NOW + 90 * MINUTE), 90),
    ],
)
def test_an_attempt_ends_after_its_time_and_never_after_the_close(of: dict[str, Any], terms: Terms, minutes: float | None) -> None:
    assert attempts.deadline_of(quiz(**of), terms, NOW) == (NOW + minutes * MINUTE if minutes else None)


def test_the_end_is_pinned_at_the_start(begin: Any) -> None:
    attempt = begin(Terms(time_factor=1.5), minutes=40)
    assert begin(Terms(time_factor=5), now=NOW + MINUTE, minutes=40) is attempt
    assert attempt.deadline_at == NOW + 60 * MINUTE


def test_the_grace_is_the_one_of_the_paper(begin: Any, session: Session) -> None:
    attempt = begin(minutes=10, grace=120)
    end = NOW + 10 * MINUTE
    assert not attempts.is_over(attempt, end + 2 * MINUTE)
    assert not save(session, attempt, 1, now=end + 2 * MINUTE).is_late
    assert attempts.is_over(attempt, end + 2 * MINUTE + timedelta(seconds=1))
    assert save(session, attempt, 2, now=end + 2 * MINUTE + timedelta(seconds=1)).is_late


def test_a_quiz_opens_and_closes(begin: Any) -> None:
    terms = Terms(opens_at=NOW, closes_at=NOW + 10 * MINUTE)
    with pytest.raises(Refused, match="opens"):
        begin(terms, now=NOW - timedelta(seconds=1))
    with pytest.raises(Refused, match="closed"):
        begin(terms, now=NOW + 10 * MINUTE)
    attempt = begin(terms)
    assert begin(terms, now=NOW + 11 * MINUTE) is attempt, "an open attempt is gone on with, not begun"


def test_extra_attempts_come_on_top_and_take_the_forms_in_turn(begin: Any, session: Session) -> None:
    forms = []
    for _ in range(3):
        attempt = begin(Terms(extra_attempts=1))
        forms.append(attempt.form)
        attempt.status = "released"
        session.flush()
    assert forms == ["A", "B", "A"]
    with pytest.raises(Refused, match="all 3 attempts"):
        begin(Terms(extra_attempts=1))


# Minutes added


def test_added_minutes_move_the_end_and_stay_on_record(begin: Any, session: Session, lin: int) -> None:
    attempt = begin(minutes=10)
    for minutes in (5, 10):
        add_minutes(session, attempt, minutes=minutes, terms=USUAL, note=" the fire alarm ", by_id=lin, now=NOW + 9 * MINUTE)
    assert (attempt.deadline_at, attempt.added_minutes) == (NOW + 25 * MINUTE, 15)
    assert [(one.quiz_id, one.number, one.minutes, one.note) for one in added_to(session, lin)] == [("m1", 1, 10, "the fire alarm"), ("m1", 1, 5, "the fire alarm")]
    assert not save(session, attempt, 1, now=NOW + 25 * MINUTE).is_late


def test_time_is_added_only_to_what_still_runs_and_not_past_the_close(begin: Any, session: Session, lin: int) -> None:
    attempt = begin(minutes=10)
    given = {"terms": USUAL, "note": "the fire alarm", "by_id": lin, "now": NOW}
    for minutes in (0, 241):
        with pytest.raises(Invalid):
            add_minutes(session, attempt, **{**given, "minutes": minutes})
    with pytest.raises(Invalid):
        add_minutes(session, attempt, **{**given, "minutes": 5, "note": ""})
    with pytest.raises(Refused, match="Move the close first"):
        add_minutes(session, attempt, **{**given, "minutes": 6, "terms": Terms(closes_at=NOW + 15 * MINUTE)})
    with pytest.raises(Refused, match="has ended"):
        add_minutes(session, attempt, **{**given, "minutes": 5, "now": NOW + 11 * MINUTE})
    assert (attempt.deadline_at, attempt.added_minutes) == (NOW + 10 * MINUTE, 0)


def test_what_has_no_end_gets_no_minutes(begin: Any, session: Session, lin: int) -> None:
    with pytest.raises(Refused, match="no time limit"):
        add_minutes(session, begin(), minutes=5, terms=USUAL, note="the fire alarm", by_id=lin, now=NOW)


# Papers


def test_questions_are_shuffled_only_where_the_quiz_says_so(course: Course) -> None:
    written = [source.id for source in course.forms["m1-a"].questions]
    assert [one.id for one in paper(course).questions] == written
    orders = {tuple(one.id for one in paper(course, seed, shuffle=True).questions) for seed in range(5)}
    assert len(orders) == 5
    assert all(sorted(order) == sorted(written) for order in orders)


def test_a_paper_is_drawn_from_its_pools_and_survives_json(course: Course) -> None:
    drawn = {"pools": ["m1-a", "m1-b"], "draw": [{"objective": "K1.1", "points": 1, "count": 2}, {"objective": "K1.2", "points": 1, "count": 1}]}
    papers = [paper(course, seed, **drawn) for seed in range(8)]
    assert len({tuple(one.id for one in made.questions) for made in papers}) > 3
    assert len({made.seed for made in papers}) == 8
    for made in papers:
        assert [course.questions[one.id].raw["objective"] for one in made.questions] == ["K1.1", "K1.1", "K1.2"]
        assert (len(made.questions), made.points) == course.paper_size(quiz(**drawn), "") == (3, 3)
        assert Paper.from_json(made.as_json()) == made


def test_an_older_paper_is_free_to_go_through_and_has_the_usual_grace(course: Course) -> None:
    stored = {key: value for key, value in paper(course).as_json().items() if key not in ("locks", "grace", "networks")}
    read = Paper.from_json(stored)
    assert (read.locks, read.grace, read.networks, read.open_places(0)) == ((), timedelta(seconds=5), (), range(1, 20))


OPTION = {"text": {"en": "x"}, "feedback": {"en": "because"}}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=6), st.integers(0, 2**32), st.sampled_from(["choice", "multiple"]))
def test_what_stays_last_is_last_in_every_paper(last: list[bool], seed: int, kind: str) -> None:
    options = [{**OPTION, "id": f"o{place}", "text": {"en": f"option {place}"}, "right": place < 1 + (kind == "multiple"), "last": stays} for place, stays in enumerate(last)]
    raw = {"id": "q", "kind": kind, "objective": "K1.1", "section": "1.1", "level": "apply", "difficulty": 0.5, "points": 1, "stem": {"en": "?"}, "options": options}
    question = QuestionSource(raw, "x.yaml").resolve(1)
    order = question.shuffle(random.Random(seed))["options"]
    assert sorted(order) == [f"o{place}" for place in range(len(last))]
    assert [last[int(id[1:])] for id in order] == sorted(last), "those that stay last stand after all others"
    assert [last[int(option.id[1:])] for option in question.arranged("options", None)] == sorted(last), "without a paper too"


# Locks


def test_a_lock_parts_a_paper_and_one_way_has_one_after_every_question(course: Course) -> None:
    parted = paper(course, locks=[5, 10])
    assert [parted.open_places(passed) for passed in (0, 5, 10)] == [range(1, 6), range(6, 11), range(11, 20)]
    assert not parted.is_one_way
    one_way = paper(course, navigation="sequential")
    assert one_way.is_one_way
    assert [one_way.open_places(passed) for passed in (0, 1, 18)] == [range(1, 2), range(2, 3), range(19, 20)]


@pytest.mark.parametrize(("place", "span"), [(1, (0, 0)), (5, (0, 4)), (6, (5, 5)), (10, (5, 9)), (11, (10, 10)), (19, (10, 18))])
def test_a_place_is_open_between_its_locks(course: Course, place: int, span: tuple[int, int]) -> None:
    parted = paper(course, locks=[5, 10])
    assert span_of(parted.as_json(), place) == span
    for passed in (0, 5, 10):
        assert (place in parted.open_places(passed)) == (span[0] <= passed <= span[1])


def test_a_save_to_a_closed_question_is_kept_as_late_and_one_ahead_too(begin: Any, session: Session) -> None:
    attempt = begin(locks=[5, 10])
    assert not save(session, attempt, 5).is_late
    assert save(session, attempt, 6).is_late, "not open yet"
    navigation.pass_lock(session, attempt, 5)
    assert save(session, attempt, 5, sequence=2).is_late, "closed"
    assert not save(session, attempt, 6, sequence=2).is_late
    kept = session.execute(select(Answer.question_id, Answer.sequence).order_by(Answer.question_id)).all()
    assert [tuple(row) for row in kept] == [("m1-a-05", 1), ("m1-a-06", 2)]


def test_locks_are_passed_one_after_the_other_and_never_back(begin: Any, session: Session) -> None:
    attempt = begin(locks=[5, 10])
    for place in (10, 3, 19):
        with pytest.raises(Refused):
            navigation.pass_lock(session, attempt, place)
    for place in (5, 5, 10, 5):
        navigation.pass_lock(session, attempt, place)
    assert attempt.passed == 10
    with pytest.raises(Refused):
        navigation.pass_lock(session, attempt, 19)


def test_a_flag_is_turned_on_and_off(begin: Any, session: Session) -> None:
    attempt = begin()
    navigation.turn_flag(session, attempt, "m1-a-02")
    navigation.turn_flag(session, attempt, "m1-a-04")
    navigation.turn_flag(session, attempt, "m1-a-02")
    session.expire_all()
    assert attempt.flags == ["m1-a-04"]
    with pytest.raises(NotFound):
        navigation.turn_flag(session, attempt, "m1-b-01")


# The quiz file


@pytest.mark.parametrize(
    ("of", "sentence"),
    [
        ({"forms": {"A": "m1-a"}, "pools": ["m1-a"], "draw": [{"objective": "K1.1", "count": 1}]}, "either `forms`, or `pools`"),
        ({"pools": ["m1-a"]}, "either `forms`, or `pools`"),
        ({"navigation": "sequential", "locks": [2]}, "says nothing more"),
        ({"locks": [5, 2]}, "ascend"),
        ({"locks": [5, 5]}, "ascend"),
    ],
)
def test_rules_that_contradict_each_other_are_told(of: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        quiz(**of)
