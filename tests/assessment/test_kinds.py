"""The contract that every question kind keeps; a new kind is picked up by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.assessment.kinds import KINDS
from courseware.assessment.questions import Question, QuestionSource, Score, parse_question

NAMES = sorted(KINDS)
EXAMPLES: dict[str, Question] = {name: parse_question(KINDS[name].example()[0]) for name in NAMES}

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["a", "b", "p1", "leave", "thank", "true", "inside"])
)
JUNK = st.recursive(
    LEAVES,
    lambda node: st.lists(node, max_size=4) | st.dictionaries(st.text(max_size=5) | st.sampled_from(["p1", "leave", "inside"]), node, max_size=4),
)
HOSTILE: list[Any] = [
    "x" * 1_000_000,
    ["a"] * 100_000,
    {"p1": {"p1": {"p1": []}}},
    [[["a"]]],
    float("nan"),
    float("inf"),
    10**400,
    {1: 2},
    {"inside": ["x"], "leave": {"a": 1}, "p2": float("nan")},
    [float("nan"), None, {}],
    "\ud800\x00",
    b"bytes",
    object(),
]


def posted(response: Any, prefix: str) -> dict[str, list[str]]:
    """Give the fields a page would post for a response: a list both as ticks and as places."""
    if isinstance(response, Mapping):
        return {name: values for key, part in response.items() for name, values in posted(part, f"{prefix}.{key}").items()}
    if isinstance(response, Sequence) and not isinstance(response, str):
        ticks = [one if isinstance(one, str) else json.dumps(one) for one in response]
        return {prefix: ticks, **{f"{prefix}.{id}": [str(place)] for place, id in enumerate(response, 1)}}
    return {prefix: [str(response)]}


def is_sound(score: Score, question: Question) -> bool:
    parts = sum(part.fraction * part.points for part in score.parts)
    return 0 <= score.fraction <= 1 and score.rule == question.rule and (not score.parts or abs(parts - score.fraction * question.points) < 1e-9)


@pytest.mark.parametrize("name", [name for name in NAMES if not KINDS[name].is_marked_by_hand])
class TestEveryKindScoredByMachine:
    def test_the_right_answer_gives_all_and_the_wrong_one_less(self, name: str) -> None:
        _, right, wrong = KINDS[name].example()
        question = EXAMPLES[name]
        assert question.score(right).fraction == 1
        assert question.score(wrong).fraction < 1
        assert question.is_answered(right)
        assert question.is_answered(wrong)
        assert is_sound(question.score(wrong), question)

    def test_the_answer_it_calls_correct_is_correct(self, name: str) -> None:
        assert EXAMPLES[name].score(EXAMPLES[name].correct()).fraction == 1

    def test_a_response_survives_json(self, name: str) -> None:
        right = KINDS[name].example()[1]
        assert EXAMPLES[name].score(json.loads(json.dumps(EXAMPLES[name].clean(right)))).fraction == 1


@pytest.mark.parametrize("name", [name for name in NAMES if KINDS[name].is_marked_by_hand])
class TestEveryKindMarkedByAPerson:
    def test_an_answer_is_worth_nothing_until_somebody_said_so(self, name: str) -> None:
        for response in KINDS[name].example()[1:]:
            assert EXAMPLES[name].is_answered(response)
            assert EXAMPLES[name].score(response) == EXAMPLES[name].score(None)

    def test_the_levels_give_their_share_of_each_criterion(self, name: str) -> None:
        question: Any = EXAMPLES[name]
        fractions = [question.marked(dict.fromkeys(question.ids("criteria"), level)).fraction for level in range(4)]
        assert fractions == pytest.approx([0, 0.4, 0.8, 1])
        assert is_sound(question.marked({question.criteria[0].id: 1}), question)

    def test_its_answers_survive_json(self, name: str) -> None:
        for response in (*KINDS[name].example()[1:], EXAMPLES[name].correct()):
            cleaned = EXAMPLES[name].clean(response)
            assert EXAMPLES[name].clean(json.loads(json.dumps(cleaned))) == cleaned is not None


@pytest.mark.parametrize("name", NAMES)
class TestEveryKind:
    def test_the_example_has_no_fault(self, name: str) -> None:
        assert QuestionSource(KINDS[name].example()[0], "example.yaml").check() == []

    @pytest.mark.parametrize("nothing", [None, "", [], {}])
    def test_no_answer_is_unanswered_and_worth_nothing(self, name: str, nothing: Any) -> None:
        score = EXAMPLES[name].score(nothing)
        assert not EXAMPLES[name].is_answered(nothing)
        assert (score.fraction, score.remarks) == (0, ())
        assert is_sound(score, EXAMPLES[name])

    def test_a_form_gives_back_what_was_answered(self, name: str) -> None:
        question = EXAMPLES[name]
        for response in KINDS[name].example()[1:]:
            assert question.read(posted(response, "q7"), "q7") == question.clean(response)

    @pytest.mark.parametrize("form", [{}, {"q7": []}, {"q7": [""]}, {"q8": ["a"]}])
    def test_an_empty_form_gives_no_answer(self, name: str, form: dict[str, list[str]]) -> None:
        assert EXAMPLES[name].read(form, "q7") is None

    def test_shuffling_keeps_every_piece(self, name: str) -> None:
        question = EXAMPLES[name]
        first, again, other = (question.shuffle(Random(seed)) for seed in (1, 1, 2))
        assert first == again
        assert {key: sorted(ids) for key, ids in first.items()} == {key: sorted(ids) for key, ids in other.items()}
        for field in question.shuffled:
            assert sorted(first[field]) == sorted(question.ids(field))
            assert [piece.id for piece in question.arranged(field, first)] == first[field]
            assert sorted(piece.id for piece in question.arranged(field, {field: first[field][:1]})) == sorted(first[field])

    @pytest.mark.parametrize("response", HOSTILE, ids=range(len(HOSTILE)))
    def test_malformed_responses_are_worth_nothing_and_never_raise(self, name: str, response: Any) -> None:
        score = EXAMPLES[name].score(response)
        assert score.fraction < 1
        assert is_sound(score, EXAMPLES[name])

    @given(response=JUNK)
    def test_no_junk_raises(self, name: str, response: Any) -> None:
        question = EXAMPLES[name]
        assert is_sound(question.score(response), question)
        json.dumps(question.clean(response), allow_nan=False)

    @given(form=st.dictionaries(st.sampled_from(["q", "q.p1", "q.leave", "q.thank", "q.inside", "q.p2"]), st.lists(st.text(max_size=8), max_size=3)))
    def test_no_form_raises(self, name: str, form: dict[str, list[str]]) -> None:
        question = EXAMPLES[name]
        assert is_sound(question.score(question.read(form, "q")), question)

    def test_it_is_documented_for_authors(self, name: str) -> None:
        assert len(KINDS[name].__doc__ or "") > 80

    def test_it_is_frozen_and_refuses_unknown_keys(self, name: str) -> None:
        data = KINDS[name].example()[0]
        with pytest.raises(ValueError, match="frozen"):
            EXAMPLES[name].points = 100
        assert QuestionSource({**data, "extra": 1}, "x").check() == ["extra: unknown key 'extra'"]

    def test_a_missing_stem_field_or_feedback_is_told_with_its_path(self, name: str) -> None:
        data = KINDS[name].example()[0]
        for key in {key for key in data if KINDS[name].model_fields[key].is_required()}:
            assert QuestionSource({other: value for other, value in data.items() if other != key}, "x").check()


def test_tokens_hide_ids_and_differ_between_questions() -> None:
    data = KINDS["choice"].example()[0]
    one, other = (parse_question({**data, "id": id}) for id in ("q1", "q2"))
    assert not {one.token(id) for id in "abc"} & {other.token(id) for id in "abc"}
    assert one.read({"q": [one.token("b")]}, "q") == one.read({"q": ["b"]}, "q") == "b"
    assert one.read({"q": [other.token("b")]}, "q") is None


@pytest.mark.parametrize("name", sorted(KINDS))
def test_tokens_differ_between_papers(name: str) -> None:
    """A hash that a learner can repeat would tell the ids, and lines to be put in order are often called a, b, c."""
    source = QuestionSource(KINDS[name].example()[0], "x")
    one, same, other = (source.resolve(seed) for seed in (7, 7, 8))
    assert one.token("a") == same.token("a") != other.token("a")
    parts = [getattr(question, "parts", ()) for question in (one, other)]
    assert all(part.token("a") != again.token("a") for part, again in zip(*parts, strict=True))


def test_without_a_paper_the_pieces_do_not_stand_in_the_order_of_the_key() -> None:
    data = KINDS["ordering"].example()[0]
    orders = [[item.id for item in parse_question({**data, "id": f"q{n}"}).arranged("items", None)] for n in range(30)]
    assert sum(order == EXAMPLES["ordering"].correct() for order in orders) < 5


def test_an_unknown_kind_names_the_known_ones() -> None:
    assert QuestionSource({"id": "q", "kind": "multi"}, "x").check() == [f"kind: unknown kind 'multi'; known: {', '.join(NAMES)}"]


def choice(**changes: Any) -> dict[str, Any]:
    return {**KINDS["choice"].example()[0], **changes}


def test_common_fields_are_checked() -> None:
    faults = QuestionSource(choice(difficulty=1.5, points=0, level="know", section=1.1, id="has space"), "x").check()
    assert sorted(fault.split(":")[0] for fault in faults) == ["difficulty", "id", "level", "points", "section"]
    assert QuestionSource(choice(stem={"en": "  "}), "x").check() == ["stem: the stem is empty"]
    assert "under the key en" in QuestionSource(choice(stem={"zh": "只有中文"}), "x").check()[0]


TEMPLATE = choice(
    vary={"n": {"range": [1, 50]}, "unit": {"pick": [{"en": "sales", "zh": "销售部"}, {"en": "finance", "zh": "财务部"}]}},
    stem={"en": "{unit} has {n} clients.", "zh": "{unit}有{n}位客户。"},
)


def test_a_template_gives_the_same_question_for_the_same_seed() -> None:
    one, again = (QuestionSource(TEMPLATE, "x").resolve(42) for _ in range(2))
    assert one == again
    assert len({QuestionSource(TEMPLATE, "x").resolve(seed).stem["en"] for seed in range(100)}) > 20
    assert QuestionSource(TEMPLATE, "x").check() == []


def test_a_fixed_question_is_parsed_once() -> None:
    source = QuestionSource(choice(), "x")
    assert not source.is_template
    assert source.resolve(1).stem is source.resolve(2).stem


def test_a_template_with_few_variants_is_refused() -> None:
    few = {**TEMPLATE, "vary": {**TEMPLATE["vary"], "n": {"range": [1, 5]}}}
    assert QuestionSource(few, "x").check() == ["vary: 10 different variants in 400 draws; 20 are needed"]


def test_a_fault_of_some_variants_names_a_seed_that_shows_it() -> None:
    sometimes = {**TEMPLATE, "options": [{**option, "right": "= n > 10" if option["id"] == "b" else False} for option in choice()["options"]]}
    (fault,) = QuestionSource(sometimes, "x").check()
    assert fault.startswith("options: 0 options are right; a choice needs exactly one (variant of seed ")


def test_a_template_that_cannot_be_filled_says_where() -> None:
    assert QuestionSource({**TEMPLATE, "stem": {"en": "{gone}"}}, "x").check() == ["stem.en: unknown name 'gone'; known: n, unit"]
    assert QuestionSource({**TEMPLATE, "require": ["n > 100"]}, "x").check()[0].startswith("require: 200 draws did not meet")
    assert QuestionSource({**TEMPLATE, "vary": {"n": {"range": [9, 1]}}}, "x").check()[0].startswith("vary.n: n: range needs")


def test_require_without_vary_is_an_unknown_key() -> None:
    assert QuestionSource(choice(require=["1 > 0"]), "x").check() == ["require: unknown key 'require'"]
