"""`score`: what a response to a question is worth, without a school."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from courseware.assessment.kinds import KINDS
from courseware.assessment.questions import QuestionSource, Score
from courseware.course.faults import ContentRefused, Faults
from courseware.course.yaml import load

COMMON = {"id": "question", "objective": "none", "section": "none", "level": "apply", "difficulty": 0.5, "points": 1}


def add(commands: Any) -> None:
    score = commands.add_parser("score", help="score a response to a question file")
    score.add_argument("file", type=Path, metavar="FILE", help="a question, or a form with several, as under quizzes/; what only a course needs may be missing")
    score.add_argument("response", type=Path, metavar="RESPONSE.json", help='{"response": …}')
    score.add_argument("--question", metavar="ID", help="which question of a form")
    score.add_argument("--seed", type=int, default=1, help="the variant of a template")
    score.add_argument("--language", choices=("en", "zh"), default="en")
    score.add_argument("--json", action="store_true")
    score.set_defaults(run=run_score)


def run_score(options: argparse.Namespace) -> int:
    source = _source(options.file, options.question)
    if faults := source.check(draws=1):
        raise ValueError(f"{options.file}: " + "; ".join(faults))
    score = source.resolve(options.seed).score(_response(options.response))
    if options.json:
        print(json.dumps(_as_json(score, options.language), ensure_ascii=False, indent=1))
        return 0
    print(f"{score.fraction:.4g} of 1, rule {score.rule} {score.version}")
    for part in score.parts:
        print(f"  {part.id}: {part.fraction:.4g} of {part.points:g} points, rule {part.rule}")
    for remark in score.remarks:
        print(f"  {'right' if remark.right else 'wrong'} {remark.on}: {remark.text.to(options.language)}")
    return 0


def _as_json(score: Score, language: str) -> dict[str, Any]:
    parts = [{"id": part.id, "fraction": part.fraction, "points": part.points, "rule": part.rule} for part in score.parts]
    feedback = [{"on": remark.on, "right": remark.right, "text": remark.text.to(language)} for remark in score.remarks]
    return {"fraction": score.fraction, "rule": score.rule, "parts": parts, "feedback": feedback}


def _source(path: Path, id: str | None) -> QuestionSource:
    faults = Faults()
    document = load(str(path), path.read_bytes(), faults)
    if document is None or faults:
        raise ContentRefused(faults)
    data = document.data
    questions = data.get("questions") if isinstance(data, Mapping) and "questions" in data else [data]
    found = [raw for raw in questions or [] if isinstance(raw, Mapping) and (id is None or raw.get("id") == id)]
    if len(found) != 1:
        ids = ", ".join(str(raw.get("id")) for raw in questions or [] if isinstance(raw, Mapping))
        raise ValueError(f"{path}: one question is needed, found {len(found)}; name it with --question: {ids}" if questions else f"{path}: there is no question; kinds are {', '.join(sorted(KINDS))}")
    return QuestionSource({**COMMON, **found[0]}, str(path))


def _response(path: Path) -> Any:
    try:
        data = json.loads(path.read_text())
    except ValueError as failure:
        raise ValueError(f"{path}: not JSON: {failure}") from None
    if not isinstance(data, dict) or set(data) != {"response"}:
        raise ValueError(f'{path}: {{"response": …}} is needed, and nothing beside it')
    return data["response"]
