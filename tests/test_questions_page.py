"""docs/questions.md says what the code says, and shows every kind."""

from __future__ import annotations

import pytest

from courseware.assessment.kinds import KINDS
from tests.questions_page import PAGE, PICTURES, page

LARGEST = 60_000  # bytes of a picture


def test_the_page_of_questions_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make questions`"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_picture_of_a_small_size(kind: str) -> None:
    picture = PICTURES / f"{kind}.png"
    assert picture.exists(), "run `make questions`"
    assert picture.stat().st_size < LARGEST


def test_every_picture_shows_a_kind() -> None:
    assert {picture.stem for picture in PICTURES.glob("*.png")} == set(KINDS)
