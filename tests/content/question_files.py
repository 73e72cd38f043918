"""The question files of the shipped course, each read on its own: a fault elsewhere in the course hides nothing here."""

from __future__ import annotations

from collections.abc import Iterator

from courseware.assessment.kinds.case import Case
from courseware.assessment.questions import Question
from courseware.assessment.reader import Form, Quiz, read_file
from courseware.course.faults import Faults
from courseware.course.yaml import load
from courseware.shipped import root

VARIANTS = 10  # of a template are looked at


def _read() -> Iterator[Quiz | Form]:
    for path in sorted((root() / "quizzes").glob("*.yaml")):
        faults = Faults()
        file = load(path.name, path.read_bytes(), faults)
        read = read_file(file.data, f"quizzes/{path.name}", file.fault, draws=1) if file else None
        assert read is not None, list(faults)
        yield read


_FILES = list(_read())
QUIZZES = {read.id: read for read in _FILES if isinstance(read, Quiz)}
FORMS = {read.id: read for read in _FILES if isinstance(read, Form)}
QUESTIONS = {source.id: source for form in FORMS.values() for source in form.questions}


def papers(form: Form) -> list[list[Question]]:
    """Give the form's questions in some variants; a case gives its parts."""
    if not any(source.is_template for source in form.questions):
        return [[part for source in form.questions for part in parts(source.resolve(0))]]
    return [[part for source in form.questions for part in parts(source.resolve(seed))] for seed in range(VARIANTS)]


def parts(question: Question) -> tuple[Question, ...]:
    return question.parts if isinstance(question, Case) else (question,)
