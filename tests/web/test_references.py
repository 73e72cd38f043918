"""The reference of every scenario, played through the forms as a browser would fill them in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from courseware import db
from courseware.sandbox import attempts
from courseware.sandbox.models import SandboxAttempt
from courseware.sandbox.play import LOOKS, Step, _arguments, scope_of
from courseware.sandbox.scope import Named
from courseware.sandbox.state import checkout
from courseware.shipped import root
from courseware.web.site import Site
from tests.conftest import Browser
from tests.web.practising import begin


class FormReader(HTMLParser):
    """Reads the fields of the form of a verb, with what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._inside = False
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        name = held.get("name") or ""
        if tag == "form":
            self._inside = held.get("class") == "act"
        elif not self._inside:
            return
        elif tag == "input" and name and not name.startswith("find-") and (held.get("type") not in ("checkbox", "radio") or "checked" in held):
            self.fields.setdefault(name, []).append(held.get("value") or "")
        elif tag == "select":
            self._select = name
            self.fields[name] = [""]
        elif tag == "option" and self._select and "selected" in held:
            self.fields[self._select] = [held.get("value") or ""]
        elif tag == "textarea":
            self._textarea = name
            self.fields[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None
        elif tag == "form":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea][0] += data


def fill_in(learner: Browser, run: str, step: Step, arguments: Mapping[str, Any]) -> str:
    """Open the form of a step, put the arguments into it, send it; give where it leads. A look is the page of its record."""
    if step.do in LOOKS:
        where = f"{run}/{arguments['table']}/{arguments['record']}"
        assert learner.get(where).status_code == 200
        return where
    address = f"{run}/do/{step.do}"
    values = {name: _typed(value) for name, value in arguments.items() if name != "record"}
    if step.do != "answer.give":
        page = learner.get(address + (f"?on={arguments['record']}" if "record" in arguments else ""))
        assert page.status_code == 200
        reader = FormReader()
        reader.feed(page.text)
        values = {**reader.fields, **values}
    elif isinstance(arguments["value"], list):
        values["several"] = ["1"]  # the form of a question with several choices says so
    answer = learner.post(address, values)
    assert answer.status_code == 303, (step, arguments, re.findall(r'class="field-error[^<]*<?|role="alert">[^<]*', answer.text))
    return str(answer.headers["Location"])


def _typed(value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return ["" if each is None else ("1" if each is True else "0" if each is False else str(each)) for each in given]


def steps_of(site: Site, run: str, step: Step, made: Mapping[str, Named]) -> Iterator[tuple[Mapping[str, Any], str | None]]:
    """Resolve a step of a script again and again, as it stands before each of its repetitions."""
    course, number = site.course(), 0
    while True:
        with db.session(site.school) as session:
            attempt = session.get_one(SandboxAttempt, int(run.rsplit("/", 1)[1]))
            scenario, paper, journal = course.scenarios[attempt.scenario], attempts.paper_at(attempt), attempts.journal_of(session, attempt)
        with checkout(course.base).applied(journal.changes()) as state:
            scope = scope_of(state, paper, journal, scenario.find)
            scopes = [replace(each, names={**each.names, **made}) for each in scope.repeated(step.repeat)]
            if number == len(scopes):
                return
            resolved = _arguments(scopes[number], step), scopes[number].value(step.name) if step.name else None
        yield resolved
        number += 1


@pytest.mark.parametrize("school", ["sqlite"], indirect=True)  # long, and all about forms
@pytest.mark.parametrize("id", sorted(folder.name for folder in (root() / "content/scenarios").iterdir()))
def test_the_reference_of_a_scenario_passes_through_the_forms(lin: Browser, site: Site, id: str) -> None:
    run = begin(lin, id)
    made: dict[str, Named] = {}
    for step in site.course().scenarios[id].reference:
        for arguments, name in steps_of(site, run, step, made):
            where = fill_in(lin, run, step, arguments)
            if name:
                table, record = where.removeprefix(f"{run}/").split("/")
                made[name] = Named(table, (int(record),))
    lin.post(f"{run}/check")
    assert "This passes." in lin.get(run).text
    page = lin.get(lin.post(f"{run}/hand-in").headers["Location"]).text
    assert "<h1>Passed</h1>" in page
    assert "12 <small>of 12 points" in page
    assert "finding-harmful" not in page
