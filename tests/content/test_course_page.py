"""The page of the whole course is what the files say."""

from __future__ import annotations

from courseware.compile import Course
from tests import course_page


def test_the_page_is_up_to_date(course: Course) -> None:
    assert course_page.PAGE.read_text(encoding="utf-8") == course_page.text(course), "run `make course`"


def test_both_forms_hold_the_198_questions_of_the_plan(course: Course) -> None:
    assert "198 questions in form A, 198 in form B" in course_page.text(course)
