"""Case answers: saving, handing in, marking, releasing, and the evidence that follows. On both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware.compile import Course
from courseware.errors import Invalid, NotFound, Refused
from courseware.grading import actions, ledger, queries, queue
from courseware.grading.access import graded_answer, seen_answer
from courseware.grading.evidence import evidence_of
from courseware.grading.mastery import Level
from courseware.grading.models import CaseAnswer, Evidence, LedgerEntry, RubricMark
from tests.conftest import NOW
from tests.factories import person, who
from tests.grading.answers import TEXT, draft, handed_in, marked, released

# Saving


def save(session: Session, answer: CaseAnswer, text: str, sequence: int) -> bool:
    return actions.save_case(session, answer, text=text, questions=["q1"], sequence=sequence, due_at=None, now=NOW)


def test_opening_twice_gives_the_same_answer(session: Session, course: Course) -> None:
    assert draft(session, course, "lin").id == draft(session, course, "lin").id


def test_only_a_higher_sequence_replaces_what_is_kept(session: Session, course: Course) -> None:
    answer = draft(session, course, "lin")
    assert save(session, answer, "second", 5)
    assert not save(session, answer, "an older one that came late", 4)
    assert not save(session, answer, "the same again", 5)
    assert (answer.text, answer.sequence) == ("second", 5)


def test_an_answer_over_the_limit_is_refused_with_both_numbers(session: Session, course: Course) -> None:
    with pytest.raises(Invalid, match=r"20000.*20001") as refused:
        save(session, draft(session, course, "lin"), "x" * 20_001, 9)
    assert refused.value.field == "text"


def test_after_handing_in_nothing_can_be_saved(session: Session, course: Course) -> None:
    answer = handed_in(session, course, "lin")
    with pytest.raises(Refused, match="can no longer change"):
        save(session, answer, "one more thought", 99)
    assert answer.text == TEXT


# Handing in


def test_handing_in_twice_keeps_the_first_time(session: Session, course: Course) -> None:
    answer = handed_in(session, course, "lin")
    first = answer.submitted_at
    assert actions.hand_in_case(session, answer, case=course.cases["CS2"], now=NOW + timedelta(days=3)) is False
    assert (answer.status, answer.submitted_at) == ("submitted", first)


def test_a_late_answer_is_taken_and_marked_as_late(session: Session, course: Course) -> None:
    answer = handed_in(session, course, "lin", due_at=NOW + timedelta(minutes=30), at=NOW + timedelta(hours=1))
    assert (answer.status, answer.is_late) == ("submitted", True)


def test_an_answer_at_the_very_moment_is_in_time(session: Session, course: Course) -> None:
    assert not handed_in(session, course, "lin", due_at=NOW + timedelta(hours=1), at=NOW + timedelta(hours=1)).is_late


def test_an_empty_answer_is_not_taken(session: Session, course: Course) -> None:
    with pytest.raises(Invalid, match="nothing to hand in"):
        handed_in(session, course, "lin", text="  \n ")


@pytest.mark.parametrize("chosen", [[], ["q1"], ["q1", "q2", "q3"], ["q1", "q1"], ["q1", "nonsense"]])
def test_the_right_number_of_questions_has_to_be_chosen(session: Session, course: Course, chosen: list[str]) -> None:
    answer = draft(session, course, "lin")
    answer.questions = chosen
    assert course.cases["CS2"].choose == 2
    with pytest.raises(Invalid, match="Choose 2") as refused:
        actions.hand_in_case(session, answer, case=course.cases["CS2"], now=NOW)
    assert refused.value.field == "questions"


# Marking


def test_a_draft_cannot_be_marked(session: Session, course: Course) -> None:
    with pytest.raises(Refused, match="not been handed in"):
        marked(session, course, draft(session, course, "lin"))


def test_half_the_criteria_are_kept_and_do_not_count_as_marked(session: Session, course: Course) -> None:
    answer = marked(session, course, handed_in(session, course, "lin"), levels={"CS2-a": 3, "CS2-b": 1})
    assert answer.status == "submitted"
    assert queries.marks_of(session, [answer.id])[answer.id].levels == {"CS2-a": 3, "CS2-b": 1}
    assert session.scalar(select(func.count(LedgerEntry.id))) == 0


def test_all_criteria_make_it_marked_with_one_ledger_entry(session: Session, course: Course) -> None:
    answer = marked(session, course, handed_in(session, course, "lin"), levels={"CS2-a": 3, "CS2-b": 2, "CS2-c": 1, "CS2-d": 0})
    entry = session.scalars(select(LedgerEntry)).one()
    assert answer.status == "marked"
    assert (entry.kind, entry.points, entry.most, entry.note) == ("marked", pytest.approx(4.4), 8, "CS2-a 3, CS2-b 2, CS2-c 1, CS2-d 0")


def test_a_mark_on_stale_sight_is_refused_and_changes_nothing(session: Session, course: Course) -> None:
    answer = marked(session, course, handed_in(session, course, "lin"), level=2)
    with pytest.raises(Refused, match="Somebody else has marked"):
        actions.mark_case(session, answer, case=course.cases["CS2"], levels={"CS2-a": 0}, comment="No.", seen=0, by=who(session, "admin"), now=NOW)
    assert queries.marks_of(session, [answer.id])[answer.id].levels["CS2-a"] == 2


def test_sending_the_same_mark_twice_is_harmless(session: Session, course: Course) -> None:
    answer = marked(session, course, handed_in(session, course, "lin"), level=2, comment="Good.")
    before = session.scalar(select(func.count(RubricMark.id)))
    levels = {criterion.id: 2 for criterion in course.cases["CS2"].criteria}
    actions.mark_case(session, answer, case=course.cases["CS2"], levels=levels, comment="Good.", seen=0, by=who(session, "chen"), now=NOW)
    assert session.scalar(select(func.count(RubricMark.id))) == before


@pytest.mark.parametrize("levels", [{"CS2-a": 4}, {"CS2-a": -1}, {"CS8-a": 2}, {}])
def test_a_level_or_criterion_that_does_not_exist_is_refused(session: Session, course: Course, levels: dict[str, int]) -> None:
    answer = handed_in(session, course, "lin")
    with pytest.raises(Invalid):
        actions.mark_case(session, answer, case=course.cases["CS2"], levels=levels, comment="", seen=0, by=who(session, "chen"), now=NOW)


# Release


def test_before_release_there_is_no_evidence(session: Session, course: Course) -> None:
    marked(session, course, handed_in(session, course, "lin"))
    assert session.scalar(select(func.count(Evidence.id))) == 0


def test_only_a_marked_answer_can_be_released(session: Session, course: Course) -> None:
    with pytest.raises(Refused, match="fully marked"):
        released(session, course, handed_in(session, course, "lin"))


def test_levels_become_evidence_of_0_4_8_and_1(session: Session, course: Course) -> None:
    answer = handed_in(session, course, "lin")
    released(session, course, marked(session, course, answer, levels={"CS2-a": 0, "CS2-b": 1, "CS2-c": 2, "CS2-d": 3}))
    rows = {row.source: row for row in evidence_of(session, [answer.person_id])}
    assert [rows[f"criterion:CS2-{letter}"].score for letter in "abcd"] == [0.0, 0.4, 0.8, 1.0]
    assert {row.weight for row in rows.values()} == {2.0}
    assert [rows[f"criterion:CS2-{letter}"].shows_ability for letter in "abcd"] == [False, False, True, True]
    assert all((row.work, row.work_id) == ("case:CS2", answer.id) for row in rows.values())


def test_releasing_twice_gives_one_entry_and_one_set_of_evidence(session: Session, course: Course) -> None:
    answer = released(session, course, marked(session, course, handed_in(session, course, "lin")))
    again = actions.release_case(session, answer, case=course.cases["CS2"], by=who(session, "chen"), now=NOW)
    assert again is False
    assert session.scalar(select(func.count(Evidence.id))) == 4
    assert list(session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.number))) == ["marked", "released"]


def test_a_correction_after_release_appends_and_the_newest_counts(session: Session, course: Course) -> None:
    answer = released(session, course, marked(session, course, handed_in(session, course, "lin"), level=1))
    marked(session, course, answer, level=3)
    assert answer.status == "released"
    assert session.scalar(select(func.count(Evidence.id))) == 8
    assert {row.score for row in evidence_of(session, [answer.person_id])} == {1.0}
    assert list(ledger.faults(session)) == []


def test_two_sound_rows_of_an_ability_make_it_met(session: Session, course: Course) -> None:
    answer = released(session, course, marked(session, course, handed_in(session, course, "lin"), level=2))
    found = queries.standings_of(session, [answer.person_id], course.objectives)[answer.person_id]
    assert found["A1.1"].mastery.level is Level.MET
    assert found["A1.2"].mastery.level is Level.UNKNOWN


# Access


def test_a_draft_is_its_writers_alone(session: Session, course: Course) -> None:
    answer = draft(session, course, "lin")
    assert seen_answer(session, who(session, "lin"), answer.id) is answer
    for login in ("chen", "admin", "wuhao", "outsider"):
        with pytest.raises(NotFound):
            seen_answer(session, who(session, login), answer.id)
    with pytest.raises(NotFound):
        graded_answer(session, who(session, "chen"), answer.id)


def test_only_the_classes_own_instructor_and_an_administrator_may_mark(session: Session, course: Course) -> None:
    answer = handed_in(session, course, "lin")
    for login in ("chen", "admin"):
        assert graded_answer(session, who(session, login), answer.id) is answer
    for login in ("gao", "zhao", "lin", "outsider"):
        with pytest.raises(NotFound):
            graded_answer(session, who(session, login), answer.id)


# The queue


def test_the_queue_has_every_handed_in_answer_in_an_order_of_its_own_without_names(session: Session, course: Course) -> None:
    ids = [handed_in(session, course, login).id for login in ("lin", "wuhao")]
    handed_in(session, course, "outsider")
    draft(session, course, "lin", case_id="CS8")
    lines = queue.case_queue(session, who(session, "chen"))
    assert sorted(line.work_id for line in lines) == sorted(ids)
    assert [(line.number, line.of) for line in lines] == [(1, 2), (2, 2)]
    assert [line.work_id for line in lines] == sorted(ids, key=lambda id: queue.shuffled("CS2", id))
    assert {line.person for line in lines} == {None}


def test_a_name_appears_in_the_queue_with_the_release(session: Session, course: Course) -> None:
    released(session, course, marked(session, course, handed_in(session, course, "lin")))
    handed_in(session, course, "wuhao")
    assert {line.person for line in queue.case_queue(session, who(session, "chen"))} == {None, "Lin Xiaoyu 林晓雨"}


def test_a_hidden_name_cannot_be_searched_for(session: Session, course: Course) -> None:
    handed_in(session, course, "lin")
    assert [line.fits for line in queue.case_queue(session, who(session, "chen"), q="Xiaoyu")] == [False]
    assert [line.fits for line in queue.case_queue(session, who(session, "chen"), q="FIRST market")] == [True]
    assert [line.fits for line in queue.case_queue(session, who(session, "chen"), q="100%")] == [False]


def test_new_hires_of_a_manager_are_the_managers_alone(session: Session) -> None:
    assert [hire.login for hire in queries.hires_seen_by(session, who(session, "zhao"))] == ["sunjie"]
    assert [hire.login for hire in queries.hires_seen_by(session, who(session, "admin"))] == ["sunjie"]
    assert queries.hires_seen_by(session, who(session, "chen")) == []


def test_the_marks_of_no_answer_are_none(session: Session, course: Course) -> None:
    answer = handed_in(session, course, "lin")
    assert queries.marks_of(session, [answer.id]) == {}
    assert queries.own_answer(session, person(session, "lin").id, "CS2") is answer
