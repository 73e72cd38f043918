"""A quiz of forty questions, put together from the shipped ones for benchmarks and trials. It is no part of the course."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import yaml

from courseware.assessment.kinds import KINDS

SIZE = 40
TYPED = 4  # of them short answers, in which any text can be typed
QUIZ = {"id": "forty", "title": {"en": "Forty questions", "zh": "四十道题"}, "module": "M1", "attempts": 20, "behaviour": "deferred", "forms": {"A": "forty-a"}}


def with_forty(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a course with the quiz `forty` added; its questions are q01 to q40, the typed ones first."""
    shipped = [question for path in ("m1-a", "m2-a", "m3-a") for question in yaml.safe_load(tree[f"quizzes/{path}.yaml"])["questions"] if "vary" not in question]
    chosen = [_typed(shipped[0])] * TYPED + shipped[: SIZE - TYPED]
    questions = [{**deepcopy(question), "id": f"q{number:02}"} for number, question in enumerate(chosen, 1)]
    return {**tree, "quizzes/forty.yaml": _yaml(QUIZ), "quizzes/forty-a.yaml": _yaml({"id": "forty-a", "questions": questions})}


def _typed(like: Mapping[str, Any]) -> dict[str, Any]:
    example, _, _ = KINDS["short"].example()
    return {**example, "objective": like["objective"], "section": like["section"], "stem": {"en": "Name the two kinds of customer.", "zh": "写出两类客户。"}}


def _yaml(data: Mapping[str, Any]) -> bytes:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False).encode()
