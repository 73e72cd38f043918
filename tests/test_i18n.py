"""Texts keyed by language, and messages with their values."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from courseware.clock import local, now
from courseware.errors import CoursewareError, Invalid, NotFound, Refused, SignInNeeded, TooMany
from courseware.i18n import Message, Text, message


def test_a_text_stands_in_with_english_where_a_language_is_missing_or_empty() -> None:
    assert Text({"en": "client", "zh": "客户"}).to("zh") == "客户"
    assert Text({"en": "client"}).to("zh") == "client"
    assert Text({"en": "client", "zh": ""}).to("zh") == "client"


@pytest.mark.parametrize(
    ("given", "told"), [({"zh": "客户"}, "at least its English version"), ({"en": "a", "de": "b"}, "unknown language 'de'; known: en, zh"), ({"en": 7}, "needs a string"), ({}, "English")]
)
def test_a_text_that_cannot_be_shown_is_refused(given: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Text(given)


def test_texts_are_values() -> None:
    one, same, other = Text({"en": "a", "zh": "b"}), Text({"zh": "b", "en": "a"}), Text({"en": "a"})
    assert one == same and hash(one) == hash(same) and one != other
    assert (dict(one), len(one), set(one)) == ({"en": "a", "zh": "b"}, 2, {"en", "zh"})
    assert repr(other) == "Text({'en': 'a'})"


def test_models_read_and_write_texts() -> None:
    class Titled(BaseModel):
        title: Text

    read = Titled.model_validate({"title": {"en": "a"}})
    assert read.title == Text({"en": "a"}) and read.model_dump() == {"title": {"en": "a"}}
    assert Titled(title=read.title).title is read.title
    with pytest.raises(ValidationError, match="keyed by language"):
        Titled.model_validate({"title": "a"})


def test_a_message_carries_its_id_and_values() -> None:
    said = message("Wait %(minutes)s minutes.", minutes=15)
    assert (said.id, dict(said.params), said.english()) == ("Wait %(minutes)s minutes.", {"minutes": 15}, "Wait 15 minutes.")


def test_a_message_without_values_may_hold_a_percent_sign() -> None:
    assert Message("70 % of the weight").english() == "70 % of the weight"


@pytest.mark.parametrize(
    ("failure", "status"),
    [(CoursewareError(message("x")), 400), (SignInNeeded(), 401), (NotFound(), 404), (Refused(message("x")), 409), (Invalid(message("x"), "login"), 422), (TooMany(message("x")), 429)],
)
def test_every_refusal_has_its_status_and_a_sentence(failure: CoursewareError, status: int) -> None:
    assert failure.status == status
    assert str(failure) == failure.message.english() != ""


def test_the_clock_is_utc_inside_and_local_on_the_page() -> None:
    at = now()
    assert at.utcoffset() is not None and not at.utcoffset()
    assert local(at, "Asia/Shanghai") == at
    assert str(local(at, "Asia/Shanghai").utcoffset()) == "8:00:00"
