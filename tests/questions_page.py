"""Write docs/questions.md from the docstrings and examples of the kinds, behaviours and review presets: `make questions`. The pictures are taken by browser/question_pictures.py."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from courseware.assessment.behaviours import BEHAVIOURS
from courseware.assessment.kinds import KINDS
from courseware.assessment.questions import FILLED, Question, parse_question
from courseware.assessment.review import PRESETS, THING_WORDS, Phase, Thing

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "questions.md"
PICTURES = DOCS / "pictures" / "questions"

INTRODUCTION = """# Questions, behaviours, reviews

This page is made from the docstrings in `courseware/assessment/kinds/`, `behaviours/` and `review.py` by `make questions`; write there, not here. Where the files stand and what a quiz is: [the content format](content.md). How a quiz is sat: [for instructors](sitting.md). All kinds can be tried out in the quiz *Every kind of question, to try out* of the shipped course.

## What every question has

| field | |
|---|---|
| `id` | unique in the course, written once and never reused |
| `kind` | one of the kinds below |
| `objective`, `section` | the objective it is evidence for, and the section to read again |
| `level` | `remember`, `understand`, `apply` or `analyse` |
| `difficulty` | 0 to 1: the share of learners expected to get it right |
| `points` | above 0 |
| `stem` | what is asked: Markdown in both languages |
| `rule` | how points are given, by name; kinds with one rule need not say it. Where the rule matters for answering, it is told to the learner before |
| `hints` | a list of texts; one opens after each wrong try, where the quiz gives several |
| `family` | what its twins in other forms name too: a paper drawn from pools holds one of a family at most |
| `vary`, `require` | [templates](content.md#templates): values drawn for each paper |
| `sandbox` | [the learner's own data](content.md#questions-about-the-learners-own-data): which scenario's, and what is taken from them |

“Text” means `{en: …, zh: …}`. A fraction is the share of the question's points that an answer gives; no answer gives 0. Under each picture stand the example that it shows, as a file would have it, and what answers to it are worth.
"""

COMMON = {"id", "kind", "objective", "section", "level", "difficulty", "points", "family", "stem", "hints", "sandbox", *FILLED}


class Layout(yaml.SafeDumper):
    """YAML as authors write it: short mappings on one line, texts of several lines as such."""


def _mapping(dumper: yaml.SafeDumper, data: dict[str, Any]) -> yaml.Node:
    is_short = all(isinstance(value, str | int | float) and "\n" not in str(value) for value in data.values()) and len(str(data)) < 200
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=is_short)


def _text(dumper: yaml.SafeDumper, data: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)


Layout.add_representer(dict, _mapping)
Layout.add_representer(str, _text)


def example_of(kind: str) -> dict[str, Any]:
    """Give the example of a kind as an author would write it."""
    data = {key: value for key, value in KINDS[kind].example()[0].items() if key not in FILLED}
    return data | ({"sandbox": {"scenario": "SC31"}} if KINDS[kind].has_run else {})


def page() -> str:
    return "\n".join([INTRODUCTION, *_contents(), *(line for kind in sorted(KINDS) for line in _kind(kind)), *_behaviours(), *_reviews()])


def _contents() -> Iterator[str]:
    yield "## Kinds\n"
    for kind in sorted(KINDS):
        yield f"- [`{kind}`](#{kind}): {_doc(KINDS[kind]).partition(chr(10) * 2)[0].replace(chr(10), ' ')}"
    yield "\nThen: [behaviours](#behaviours), " + ", ".join(f"[`{name}`](#{name})" for name in sorted(BEHAVIOURS)) + "; [review](#review).\n"


def _doc(thing: object) -> str:
    return inspect.cleandoc(thing.__doc__ or "")


def _kind(kind: str) -> Iterator[str]:
    yield f"### {kind}\n\n{_doc(KINDS[kind])}\n"
    yield f"Fields: {', '.join(_fields(KINDS[kind]))}.\n"
    yield f"![A question of the kind {kind} on a phone](pictures/questions/{kind}.png)\n"
    yield f"```yaml\n{yaml.dump(example_of(kind), Dumper=Layout, allow_unicode=True, sort_keys=False, width=150, default_flow_style=None).rstrip()}\n```\n"
    yield from _worth(kind)


def _fields(kind: type[Question]) -> Iterator[str]:
    """Name the fields of a kind's own, those without a default first."""
    own = {name: field for name, field in kind.model_fields.items() if name not in COMMON}
    yield from (f"**`{name}`**" for name, field in own.items() if field.is_required())
    for name, field in own.items():
        if not field.is_required():
            default = field.get_default(call_default_factory=True)
            yield f"`{name}`" + (f" ({json.dumps(default, ensure_ascii=False)})" if isinstance(default, str | bool | int | float) else "")


def _worth(kind: str) -> Iterator[str]:
    data, right, wrong = KINDS[kind].example()
    question = parse_question(data)
    if question.is_marked_by_hand or question.has_run:
        return
    yield "| response | fraction |\n|---|---|"
    for response in (right, wrong):
        yield f"| `{json.dumps(response, ensure_ascii=False)}` | {question.score(response).fraction:.3g} |"
    yield ""


def _behaviours() -> Iterator[str]:
    yield "## Behaviours\n\nWhen an answer is checked, and what a try is worth; `behaviour` of a quiz. f is the fraction that the kind gives to one try.\n"
    for name in sorted(BEHAVIOURS):
        yield f"### {name}\n\n{_doc(BEHAVIOURS[name])}\n\nLearners read: {BEHAVIOURS[name].label.english()}.\n"


def _reviews() -> Iterator[str]:
    yield "## Review\n\nWhat learners see, and when; `review` of a quiz: one of these names, or a list of things for each phase. While one answers it concerns questions that were checked.\n"
    yield "| " + " | ".join(["`review`", *(f"`{phase}`" for phase in Phase)]) + " |\n|" + "---|" * (len(Phase) + 1)
    for name, review in PRESETS.items():
        yield f"| `{name}` | " + " | ".join(_shown(review.things(phase)) for phase in Phase) + " |"
    yield "\n`during` is while one answers, `after` the two minutes after the hand-in, `later` from then on while the quiz is open, `closed` after its closing date.\n"
    yield "\n".join(f"- `{thing}`: {THING_WORDS[thing].english()}" for thing in Thing) + "\n"


def _shown(things: tuple[Thing, ...]) -> str:
    return "everything" if set(things) == set(Thing) else ", ".join(f"`{thing}`" for thing in things) or "nothing"


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
