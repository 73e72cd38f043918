"""What a placement test advises: skip where everything asked was right, read where it was not, silence where nothing was asked."""

from __future__ import annotations

from courseware.grading.placement import Advice, Asked, advise

SECTIONS = {"1.1": ["K1.1", "A1.2"], "1.2": ["K1.1", "K1.2"], "1.3": ["K1.3"], "1.4": ["A1.4"]}


def test_a_section_may_be_skipped_where_every_question_was_right() -> None:
    first, *_ = advise(SECTIONS, [("K1.1", True), ("K1.1", True)])
    assert first == Advice("1.1", True, (Asked("K1.1", 2, 2),))


def test_one_wrong_answer_is_enough_to_read_it() -> None:
    advice = {one.section: one.may_skip for one in advise(SECTIONS, [("K1.1", True), ("K1.1", True), ("K1.2", True), ("K1.2", False)])}
    assert advice == {"1.1": True, "1.2": False}


def test_one_right_answer_alone_could_be_guessed() -> None:
    (one,) = advise(SECTIONS, [("K1.3", True)])
    assert not one.may_skip and one.asked == (Asked("K1.3", 1, 1),)


def test_what_was_not_asked_is_not_spoken_of() -> None:
    assert [one.section for one in advise(SECTIONS, [("K1.3", True), ("K1.3", True)])] == ["1.3"]
