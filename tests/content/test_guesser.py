"""Who knows tricks and no subject must not pass: a guesser goes by length, caution, likeness or place, and gains next to nothing on any form.

`python -m tests.content.test_guesser` prints the table. Matching, ordering, numbers and typed words offer no such hint; there the guesser does as well as chance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import combinations
from statistics import mean

import pytest

from courseware.assessment.kinds.choice import Choice
from courseware.assessment.kinds.multiple import Multiple
from courseware.assessment.kinds.truefalse import TrueFalse
from courseware.assessment.questions import Question
from tests.content.question_files import FORMS, papers

ALLOWED = 5.0  # of a hundred points above chance
HEDGES = re.compile(
    r"\b(?:may|might|can|could|often|usually|mostly|mainly|generally|sometimes|some|perhaps|likely|partly|Some|Perhaps|Usually|Often|in the main|above all|as a rule)\b|可能|往往|通常|大多|主要|有时|某些|也许|部分|多半|尤其|大致",
)  # as written: May is a month
ABSOLUTES = re.compile(r"\b(?:always|never|all|every|only|none|must|nobody|nothing|any|exactly)\b|总是|从不|所有|一切|全部|只|必须|绝|唯一|任何|永远|都", re.IGNORECASE)
Marks = list[float]


def hedged(text: str) -> float:
    """Count careful words, less sweeping ones."""
    return len(HEDGES.findall(text)) - len(ABSOLUTES.findall(text))


def likeness(texts: Sequence[str]) -> Marks:
    """Give for each text how much it shares with the others: words in English, pairs of characters in Chinese."""
    sets = [set(re.findall(r"[a-z]+", text.lower()) or [text[place : place + 2] for place in range(len(text) - 1)]) for text in texts]
    return [mean(len(one & other) / (len(one | other) or 1) for place, other in enumerate(sets) if place != here) for here, one in enumerate(sets)]


def at(wanted: int) -> Callable[[Sequence[str]], Marks]:
    return lambda texts: [-abs(here - wanted % len(texts)) for here in range(len(texts))]


WORDS: dict[str, Callable[[Sequence[str]], Marks]] = {
    "longest": lambda texts: [float(len(text)) for text in texts],
    "hedged": lambda texts: [hedged(text) for text in texts],
    "odd one out": lambda texts: [-mark for mark in likeness(texts)],
}
PLACES = {"first": at(0), "second": at(1), "third": at(2), "last": at(-1)}  # as written: papers are shuffled, handouts are not
TRICKS = WORDS | PLACES


def expected(question: Question, trick: str | None, language: str) -> float:
    """Give the points that a guesser with this trick gets on average, ties broken by lot; without a trick by lot alone. 0 where there are no options."""
    if isinstance(question, TrueFalse):
        caution = hedged(question.stem.to(language)) if trick == "hedged" else 0.0
        given = PLACES[trick](("true", "false")) if trick in PLACES else [caution, 0.0]
        return question.points * mean(question.score(here == 0).fraction for here in range(2) if given[here] == max(given))
    if not isinstance(question, Choice | Multiple):
        return 0.0
    ids = question.ids("options")
    given = TRICKS[trick]([option.text.to(language) for option in question.options]) if trick else [0.0] * len(ids)
    scores = [
        question.score([ids[here] for here in taken] if isinstance(question, Multiple) else ids[taken[0]]).fraction
        for taken in combinations(range(len(ids)), sum(option.right for option in question.options))
        if min(given[here] for here in taken) >= max(mark for here, mark in enumerate(given) if here not in taken)
    ]
    return question.points * mean(scores)


def gain(form: str, trick: str, language: str) -> float:
    """Give how much a trick adds to chance, in points of a hundred."""
    sheets = papers(FORMS[form])
    above = mean(sum(expected(question, trick, language) - expected(question, None, language) for question in sheet) for sheet in sheets)
    return 100 * above / mean(sum(question.points for question in sheet) for sheet in sheets)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", sorted(FORMS))
def test_no_trick_is_worth_more_than_five_points(form: str, language: str) -> None:
    gains = {trick: round(gain(form, trick, language), 1) for trick in TRICKS}
    assert max(gains.values()) <= ALLOWED, gains


def test_the_guesser_finds_what_is_easy_to_guess() -> None:
    options = [{"id": "a", "text": {"en": "It may help, in the main"}, "right": True, "feedback": {"en": "-"}}] + [
        {"id": id, "text": {"en": f"Always {id}"}, "feedback": {"en": "-"}} for id in "bcd"
    ]
    data = Choice.example()[0] | {"options": options}
    question = Choice.model_validate(data)
    assert [expected(question, trick, "en") for trick in ("longest", "hedged", "odd one out", "first", "last")] == [1, 1, 1, 1, 0]
    assert expected(question, None, "en") == 0.25
    three = Multiple.model_validate(Multiple.example()[0])
    assert expected(three, None, "en") == pytest.approx(three.points / 6)  # of six pairs one is right, one is twice wrong, four are half right and lose as much


if __name__ == "__main__":
    print(f"{'points of 100 above chance':28}" + "".join(f"{trick:>13}" for trick in TRICKS))
    for form in sorted(FORMS):
        for language in ("en", "zh"):
            print(f"{form + ' ' + language:28}" + "".join(f"{gain(form, trick, language):13.1f}" for trick in TRICKS))
