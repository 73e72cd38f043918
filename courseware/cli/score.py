"""`score`: what a response to a question is worth, without a school."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from courseware import shipped
from courseware.assessment.kinds import KINDS
from courseware.assessment.kinds.sql import Sql
from courseware.assessment.looking_up import Query, look_up
from courseware.assessment.practice import Firm
from courseware.assessment.questions import Question, QuestionSource, Score
from courseware.cli.content import read_file
from courseware.cli.sandbox import base_of, scenario_in
from courseware.course.revisions import read_folder
from courseware.i18n import Message
from courseware.sandbox.console.scoring import run_to_score

WAITS = "waits for a person, who gives the points by the rubric"
COMMON = {"id": "question", "objective": "none", "section": "none", "level": "apply", "difficulty": 0.5, "points": 1}


def add(commands: Any) -> None:
    score = commands.add_parser("score", help="score a response to a question file")
    score.add_argument("file", type=Path, metavar="FILE", help="a question, or a form with several, as under quizzes/; what only a course needs may be missing")
    score.add_argument("response", type=Path, metavar="RESPONSE.json", help='{"response": …}')
    score.add_argument("--question", metavar="ID", help="which question of a form")
    score.add_argument("--seed", type=int, default=1, help="the variant of a template")
    score.add_argument("--language", choices=("en", "zh"), default="en")
    score.add_argument("--folder", type=Path, default=shipped.root(), metavar="DIR", help="the course folder whose practice CRM the question is about")
    score.add_argument("--json", action="store_true")
    score.set_defaults(run=run_score)


def run_score(options: argparse.Namespace) -> int:
    source = _source(options.file, options.question)
    if faults := source.check(draws=1):
        raise ValueError(f"{options.file}: " + "; ".join(faults))
    response = _response(options.response)
    question = _over_data(source, options, response) if source.practice else source.resolve(options.seed)
    score, waits = question.score(response), question.is_marked_by_hand and question.is_answered(response)
    said = question.said(response) if isinstance(question, Sql) else None
    if options.json:
        print(json.dumps(_as_json(score, options.language, waits, said), ensure_ascii=False, indent=1))
        return 0
    if waits:
        print(f"{WAITS}, rule {score.rule} {score.version}")
        return 0
    print(f"{score.fraction:.4g} of 1, rule {score.rule} {score.version}")
    for part in score.parts:
        print(f"  {part.id}: {part.fraction:.4g} of {part.points:g} points, rule {part.rule}")
    for remark in score.remarks:
        print(f"  {'right' if remark.right else 'wrong'} {remark.on}: {remark.text.to(options.language)}")
    if said:
        print(f"  console: {said.english()}")
    return 0


def _over_data(source: QuestionSource, options: argparse.Namespace, response: Any) -> Question:
    """Give a question about the practice CRM as a paper with this seed has it, knowing what the response gives there. Queries run in the console's own worker."""
    tree, scenario = read_folder(options.folder), source.practice.scenario if source.practice else ""
    base = base_of(tree)
    firm = Firm(base, {scenario: scenario_in(tree, scenario, base)} if scenario else {}, run_to_score, options.language)
    question = source.resolve(options.seed, source.taken(options.seed, firm))
    query = question.query_in(response)
    if query is None:
        return question
    looked = look_up([Query(question.id, query, firm.planted(scenario, options.seed)[0].changes)], firm)
    return question.with_found({one.text: found for one, found in looked})


def _as_json(score: Score, language: str, waits: bool, said: Message | None) -> dict[str, Any]:
    if waits:
        parts = [{"id": part.id, "fraction": None, "points": part.points, "rule": part.rule} for part in score.parts]
        return {"fraction": None, "rule": score.rule, "parts": parts, "feedback": [{"on": "", "right": None, "text": WAITS}]}
    parts = [{"id": part.id, "fraction": part.fraction, "points": part.points, "rule": part.rule} for part in score.parts]
    feedback = [{"on": remark.on, "right": remark.right, "text": remark.text.to(language)} for remark in score.remarks]
    feedback += [{"on": "", "right": False, "text": said.english()}] if said else []
    return {"fraction": score.fraction, "rule": score.rule, "parts": parts, "feedback": feedback}


def _source(path: Path, id: str | None) -> QuestionSource:
    data = read_file(path)
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
