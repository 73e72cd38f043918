"""The shipped course as a whole: it compiles, its links lead somewhere, its sums are right; and a broken copy tells every fault at its place."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from courseware.assessment.kinds import KINDS
from courseware.authoring import DRAWS
from courseware.compile import Course, build, coverage, inspect
from courseware.course import links
from courseware.course.faults import ContentRefused, Faults
from courseware.course.revisions import read_folder
from courseware.course.yaml import load
from courseware.shipped import root

Tree = dict[str, bytes]
MODULE_1 = ("K1.1", "K1.2", "K1.3", "K1.4", "A1.1", "A1.2", "A1.3")


@pytest.fixture(scope="module")
def tree() -> Tree:
    return read_folder(root())


def broken(tree: Mapping[str, bytes], file: str, old: str, new: str) -> Tree:
    """A copy of the tree with every `old` of one file replaced."""
    assert old.encode() in tree[file], f"{old!r} no longer stands in {file}: choose another place to break"
    return {**tree, file: tree[file].replace(old.encode(), new.encode())}


def told(tree: Mapping[str, bytes]) -> list[str]:
    return [str(fault) for fault in inspect(tree, draws=1)[1] if not fault.note]


def line_of(tree: Mapping[str, bytes], file: str, text: str) -> int:
    """The line of the first place where a text stands in a file."""
    lines = tree[file].decode().split("\n")
    return next(number for number, line in enumerate(lines, 1) if text in line)


# The course as it is


def test_the_shipped_course_compiles_without_fault(tree: Tree) -> None:
    course, faults = inspect(tree, draws=DRAWS)  # `make check` takes ten times as many
    assert list(faults) == []
    assert course is not None
    assert sum(len(block.html) for section in course.material.sections.values() for block in section.blocks) < 2_000_000


def test_compiling_changes_nothing_of_what_was_read(tree: Tree) -> None:
    """Files read once are read for every revision that holds them."""
    read = {path: load(path, content, Faults()) for path, content in tree.items() if path.endswith(".yaml")}
    before = {path: json.dumps(document.data) for path, document in read.items() if document}
    assert len(before) > 100
    inspect(tree, draws=2)
    assert {path: json.dumps(document.data) for path, document in read.items() if document} == before


def test_every_link_of_the_text_leads_somewhere(course: Course) -> None:
    known = {links.scenario(id) for id in course.scenarios} | {links.case(id) for id in course.cases} | {links.section(id) for module in course.modules.values() for id in module.sections}
    known |= {links.kpi(id) for id in course.material.kpis} | {links.role(id) for id in course.material.roles}
    anchors = {(links.case(id) if id in course.cases else links.section(id), language): ids_of(course, id, language) for id, language in course.material.sections}
    for (id, language), section in course.material.sections.items():
        home = links.case(id) if id in course.cases else links.section(id)
        for block in section.blocks:
            for href in re.findall(r'href="([^"]+)"', block.html):
                if href.startswith(("https://", "http://", "mailto:")):
                    continue
                page, _, anchor = href.partition("#")
                assert not page or page in known, (section.file, href)
                assert not anchor or anchor in anchors[page or home, language], (section.file, href)


def ids_of(course: Course, id: str, language: str) -> set[str]:
    blocks = course.material.sections[id, language].blocks
    return {block.id for block in blocks} | {found for block in blocks for found in re.findall(r' id="([^"]+)"', block.html)}


def test_every_id_stands_once_on_its_page(course: Course) -> None:
    for section in course.material.sections.values():
        ids = [id for block in section.blocks for id in re.findall(r' id="([^"]+)"', block.html)]
        assert sorted(ids) == sorted(set(ids)), section.file


def test_every_pop_over_of_the_text_has_its_word(course: Course) -> None:
    slugs = {term.slug for term in course.material.terms.values()}
    for section in course.material.sections.values():
        for block in section.blocks:
            assert set(re.findall(r'popovertarget="t-([^"]+)"', block.html)) <= slugs, (section.file, block.line)


def test_every_source_is_cited_somewhere(course: Course) -> None:
    cited = {id for section in course.material.sections.values() for block in section.blocks for id in re.findall(r'id="source-([^"]+)"', block.html)}
    cards = {id for kpi in course.material.kpis.values() for id in kpi.target.sources} | {id for role in course.material.roles.values() for id in role.sources}
    assert cited | cards == set(course.material.sources)


def test_both_languages_of_a_section_teach_the_same(course: Course) -> None:
    for (id, language), section in course.material.sections.items():
        english = course.material.sections[id, "en"]
        assert (section.head.objectives, section.head.facts, section.head.minutes) == (english.head.objectives, english.head.facts, english.head.minutes), section.file
        assert [block.questions for block in section.blocks] == [block.questions for block in english.blocks], (section.file, language)


def test_a_compiled_course_cannot_be_changed(course: Course) -> None:
    with pytest.raises(AttributeError):
        course.revision = 2


def test_work_is_listed_in_the_order_of_the_modules(course: Course) -> None:
    assert course.works[:5] == ("quiz:m1", "scenario:SC31", "scenario:SC28", "case:CS2", "case:CS8")
    assert [work for work in course.works if work.startswith("quiz:")] == [f"quiz:{id}" for module in course.modules.values() for id in module.quizzes]
    assert [module.number for module in course.modules.values()] == sorted(module.number for module in course.modules.values())
    assert len(course.works) == len(set(course.works))
    assert all(course.work_title(work)["en"] for work in course.works)


# Coverage


@pytest.mark.parametrize("code", MODULE_1)
def test_every_objective_of_module_1_is_taught_practised_and_assessed(course: Course, code: str) -> None:
    covered = coverage(course)[code]
    assert not course.objectives[code].planned
    assert covered.lacks == ()
    assert covered.questions["A"] == covered.questions["B"] >= 2
    assert not course.objectives[code].is_ability or covered.scenarios or covered.criteria


def test_what_is_not_planned_is_covered_and_what_no_section_teaches_is_planned(course: Course) -> None:
    assert tuple(code for code, objective in course.objectives.items() if objective.module == "M1") == MODULE_1
    for code, covered in coverage(course).items():
        assert course.objectives[code].planned or covered.lacks == (), code
        assert covered.sections or course.objectives[code].planned, code


def test_both_forms_are_worth_the_same(course: Course) -> None:
    sums = {letter: sum(question.raw["points"] for question in questions) for letter, questions in course.sources_of(course.quizzes["m1"]).items()}
    assert sums["A"] == sums["B"]


# Words


def english(tree: Tree) -> Iterator[tuple[str, int, str]]:
    for file, content in tree.items():
        if file.endswith(".en.md"):
            yield from ((file, number, line) for number, line in enumerate(content.decode().split("\n"), 1) if not line.startswith(":::"))


def test_the_chinese_beside_a_word_is_the_one_of_the_glossary(tree: Tree, course: Course) -> None:
    words = {name.lower(): term for term in course.material.terms.values() for name in term.names("en")}
    for file, number, line in english(tree):
        for name, chinese in re.findall(r"\[\[([^\]|]+)(?:\|[^\]]+)?\]\][*_]* ([\u4e00-\u9fff]+)", line):
            assert chinese.endswith(words[name.lower()].names("zh")), f"{file}:{number}: {name}"


def test_a_chinese_text_stands_beside_every_english_one(course: Course) -> None:
    assert all("zh" in term.term and "zh" in term.gloss for term in course.material.terms.values())
    assert all("zh" in objective.text for objective in course.objectives.values())


# Sums: everything in the prose that is written as an equation is computed again

NUMBER = r"(?:Monday |星期一)?(\d{1,2}:\d\d|\d+(?:\.\d+)?)(?:\s?(hours|minutes|yuan|小时|分钟|元|台))?"
SIDE = rf"{NUMBER}(?:\s?[+−×]\s?{NUMBER})*"
EQUATION = re.compile(rf"{SIDE}(?:\s?=\s?{SIDE})+")
EQUATIONS = 11  # in the English prose of Module 1; it grows with the text, and never to fewer by accident


def quantities(side: str) -> tuple[float, float]:
    """The value of a side as it is written, and in hours."""
    raw = hours = 0.0
    for sign, factors in re.findall(r"([+−]?)([^+−]+)", side):
        plain, timed = 1.0, 1.0
        for number, unit in re.findall(NUMBER, factors):
            hour, _, minute = number.partition(":")
            value = float(number) if not minute else int(hour) + int(minute) / 60
            plain *= value
            timed *= value / 60 if unit in ("minutes", "分钟") else value
        raw, hours = (raw - plain, hours - timed) if sign == "−" else (raw + plain, hours + timed)
    return round(raw, 6), round(hours, 6)


def equations(tree: Tree, language: str) -> list[tuple[str, list[str]]]:
    found = []
    for file in sorted(tree):
        if file.startswith("content/modules/m1/") and file.endswith(f".{language}.md"):
            found += [(f"{file}: {match[0]}", match[0].split("=")) for match in EQUATION.finditer(tree[file].decode())]
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_sum_in_the_prose_is_right(tree: Tree, language: str) -> None:
    found = equations(tree, language)
    assert len(found) >= EQUATIONS - 3
    for place, sides in found:
        for left, right in itertools.pairwise(sides):
            pairs = zip(quantities(left), quantities(right), strict=True)
            assert any(one == other for one, other in pairs), place


def test_both_languages_compute_with_the_same_numbers(tree: Tree) -> None:
    in_english, in_chinese = (sorted(re.findall(r"\d+(?:\.\d+)?", " ".join(sides)) for _, sides in equations(tree, language)) for language in ("en", "zh"))
    assert in_english == in_chinese


def test_a_wrong_sum_would_be_found() -> None:
    assert quantities("2.75 × 120 ") == (330, 330)
    assert quantities("Monday 08:30 + 6.5 hours")[1] == quantities("Monday 15:00")[1] == 15
    assert quantities("165 minutes")[1] == quantities("2.75 hours")[1]
    assert quantities("8 − 1.5")[0] != quantities("6.4 hours")[0]
    assert len(EQUATION.findall("45 + 90 + 30 = 165 minutes = 2.75 hours. Charge 4 hours × 120 = 480 = 330 + 150.")) == 2


def test_the_worked_clock_of_section_1_4_runs_right(tree: Tree) -> None:
    """Eight working hours from Friday 16:00, Monday to Friday 08:30 to 17:30, end on Monday at 15:00; the response is due an hour after the report."""
    text = tree["content/modules/m1/1.4.en.md"].decode()
    assert "Response: 1 working hour. Resolve: 8 working hours. Hours: Monday to Friday, 08:30–17:30 without a break." in text
    assert "on Friday at 16:00. Response is due by 17:00" in text and "Monday 15:00" in text
    assert working_hours_after(datetime(2026, 3, 13, 16), 8) == datetime(2026, 3, 16, 15)
    assert working_hours_after(datetime(2026, 3, 13, 16), 1) == datetime(2026, 3, 13, 17)


def working_hours_after(start: datetime, hours: float) -> datetime:
    at, left = start, timedelta(hours=hours)
    while left:
        opens, closes = at.replace(hour=8, minute=30), at.replace(hour=17, minute=30)
        if at.weekday() < 5:
            at = max(at, opens)
            step = min(left, max(closes - at, timedelta(0)))
            at, left = at + step, left - step
        if left:
            at = (at + timedelta(days=1)).replace(hour=0, minute=0)
    return at


def test_the_map_of_section_1_2_adds_up(tree: Tree) -> None:
    text = tree["content/modules/m1/1.2.en.md"].decode()
    assert "46 repaired devices, 46 repair notes" in text and "12 of the 46" in text and "12 of 46, about a quarter" in text
    assert abs(12 / 46 - 0.25) < 0.02


# Broken copies


def test_an_unknown_section_of_a_module_is_told(tree: Tree) -> None:
    file = "content/modules/m1/module.yaml"
    at = line_of(tree, file, "sections:")
    assert f"{file}:{at}:1: sections: there is no '1.9'" in told(broken(tree, file, '"1.5"]', '"1.9"]'))


@pytest.mark.parametrize(("field", "old", "id"), [("scenarios", "[SC31, SC28]", "SC99"), ("quizzes", "[m1]", "m99"), ("cases", "[CS2, CS8]", "CS9")])
def test_unknown_work_of_a_module_is_told(tree: Tree, field: str, old: str, id: str) -> None:
    file = "content/modules/m1/module.yaml"
    at = line_of(tree, file, f"{field}:")
    assert f"{file}:{at}:1: {field}: there is no {id!r}" in told(broken(tree, file, old, f"{old[:-1]}, {id}]"))


def test_a_dangling_question_of_a_block_is_told_at_the_line_of_the_block(tree: Tree) -> None:
    file = "content/modules/m1/1.3.zh.md"
    at = line_of(tree, file, "::: check check-1-3")
    assert told(broken(tree, file, "chk-1-3-a", "chk-1-3-z")) == [f"{file}:{at}:1: block 'check-1-3' names the question 'chk-1-3-z', which does not exist"]


def test_an_unknown_objective_of_a_section_is_told_at_its_line(tree: Tree) -> None:
    file = "content/modules/m1/1.4.en.md"
    at = line_of(tree, file, "objectives: [K1.3, A1.3]")
    assert f"{file}:{at}:1: there is no objective 'K9.9'" in told(broken(tree, file, "objectives: [K1.3, A1.3]", "objectives: [K1.3, A1.3, K9.9]"))


def test_an_unknown_objective_or_section_of_a_question_is_told_at_the_question(tree: Tree) -> None:
    file = "quizzes/m1-a.yaml"
    at = line_of(tree, file, "- id: m1-a-01")
    faults = told(broken(tree, file, 'kind: choice\n    objective: K1.1\n    section: "1.2"\n    level: understand\n    difficulty: 0.75', 'kind: choice\n    objective: K9.9\n    section: "99.2"\n    level: understand\n    difficulty: 0.75'))
    assert f"{file}:{at}:5: question 'm1-a-01': there is no objective 'K9.9'" in faults
    assert f"{file}:{at}:5: question 'm1-a-01': there is no section '99.2'" in faults


def test_unknown_objectives_of_a_case_are_told(tree: Tree) -> None:
    file = "case_studies/cs2/case.yaml"
    faults = told(broken(broken(tree, file, "objective: A1.1", "objective: A9.9"), file, "objectives: [K1.4, A1.1]", "objectives: [K1.4, A9.8]"))
    assert any(re.fullmatch(rf"{file}:{line_of(tree, file, 'objective: A1.1')}:5: there is no objective 'A9\.9'", fault) for fault in faults)
    assert any(fault.startswith(f"{file}:{line_of(tree, file, 'objectives: [')}:") and "'A9.8'" in fault for fault in faults)


def test_an_unknown_objective_of_a_scenario_check_is_told(tree: Tree) -> None:
    file = "content/scenarios/SC31/scenario.yaml"
    faults = told(broken(tree, file, "objective: K1.1", "objective: K9.9"))
    assert any(fault.startswith(f"{file}:") and "K9.9" in fault for fault in faults)


def test_an_unplanned_objective_that_nothing_covers_is_told(tree: Tree) -> None:
    file = "content/objectives.yaml"
    added = tree[file] + b'\n- {code: K10.9, text: {en: "Explain the weather", zh: "\xe8\xa7\xa3\xe9\x87\x8a\xe5\xa4\xa9\xe6\xb0\x94"}, parent: SK4, module: M10}\n'
    at = added.decode().splitlines().index('- {code: K10.9, text: {en: "Explain the weather", zh: "解释天气"}, parent: SK4, module: M10}') + 1
    assert told({**tree, file: added}) == [f"{file}:{at}:3: K10.9 is not taught, not practised, not assessed; mark it planned or cover it"]


def test_an_ability_that_no_scenario_and_no_criterion_assesses_is_told(tree: Tree) -> None:
    """A1.2 is left with sections, questions and an exercise: enough for knowledge, not for an ability."""
    shown = broken(tree, "content/scenarios/SC31/scenario.yaml", "objective: A1.2", "objective: K1.1")
    assert any("A1.2 is not practised" in fault for fault in told(shown))
    practised = re.sub(rb"(- id: ix1-a\n(?:    .*\n)*?    objective: )K1\.4", rb"\1A1.2", tree["quizzes/m1-practice.yaml"])
    assert practised != tree["quizzes/m1-practice.yaml"]
    at = line_of(tree, "content/objectives.yaml", "code: A1.2")
    assert f"content/objectives.yaml:{at}:3: A1.2 is an ability: a scenario check or a rubric criterion has to assess it" in told({**shown, "quizzes/m1-practice.yaml": practised})


def test_a_missing_form_is_told(tree: Tree) -> None:
    file = "quizzes/m1.yaml"
    assert f"{file}:{line_of(tree, file, 'forms:')}:18: form B: there is no file with the id 'm1-c'" in told(broken(tree, file, "B: m1-b", "B: m1-c"))


def test_a_question_id_stands_once_in_the_course(tree: Tree) -> None:
    file = "quizzes/m1-b.yaml"
    at = line_of(tree, file, "- id: m1-b-01")
    assert any(fault.startswith(f"{file}:{at}:5: question 'm1-a-01' stands also in quizzes/m1-a.yaml") for fault in told(broken(tree, file, "- id: m1-b-01", "- id: m1-a-01")))


def test_a_case_without_narrative_is_told(tree: Tree) -> None:
    without = {path: content for path, content in tree.items() if not path.startswith("case_studies/cs8/cs8.")}
    faults = told(without)
    assert any(fault.startswith("case_studies/cs8/case.yaml:1:1: the narrative cs8.en.md is missing") for fault in faults)
    at = line_of(tree, "content/modules/m1/1.4.en.md", "discussed in full in [CS8]")
    assert f"content/modules/m1/1.4.en.md:{at}:1: reference to 'CS8', which does not exist" in faults


def test_a_folder_without_tables_gives_no_course(tree: Tree) -> None:
    course, faults = inspect({path: content for path, content in tree.items() if path != "content/sandbox/tables.yaml"}, draws=1)
    assert course is None
    assert "content/sandbox/tables.yaml:1:1: this file is missing" in map(str, faults)


def test_all_faults_are_told_at_once_and_no_course_is_built(tree: Tree, tmp_path: Path) -> None:
    bad = broken(tree, "quizzes/m1.yaml", "B: m1-b", "B: m1-c")
    bad = broken(bad, "content/modules/m1/module.yaml", "hours: 5", "hours: five")
    bad = broken(bad, "content/modules/m1/1.1.en.md", "[[customer]]", "[[custmer]]")
    bad = broken(bad, "content/glossary.yaml", "module: M1", "modul: M1")
    bad = broken(bad, "case_studies/cs2/case.yaml", "choose: 2", "choose: 9")
    bad = broken(bad, "content/scenarios/SC28/scenario.yaml", "objective: K1.2", "objective: K9.9")
    bad = broken(bad, "content/modules/m1/figures/fig-1-1.en.svg", "</svg>", "<script/></svg>")
    with pytest.raises(ContentRefused) as refused:
        build(bad, revision=1, bases=tmp_path)
    files = {fault.file for fault in refused.value.faults if not fault.note}
    assert {
        "quizzes/m1.yaml", "content/modules/m1/module.yaml", "content/modules/m1/1.1.en.md", "content/glossary.yaml", "case_studies/cs2/case.yaml",
        "content/scenarios/SC28/scenario.yaml", "content/modules/m1/figures/fig-1-1.en.svg",
    } <= files  # fmt: skip
    assert all(f"{fault.file}:{fault.line}:{fault.column}: " in str(refused.value) for fault in refused.value.faults if not fault.note)


@pytest.mark.parametrize("rubbish", [b"", b"\xff\xfe", b"[" * 5000, b"a: &a [*a]", b"- x\n- y", b"plain", b"---\n---\n"], ids=range(7))
def test_course_files_full_of_rubbish_are_told_and_never_a_crash(tree: Tree, rubbish: bytes) -> None:
    assert told({**tree, "content/course.yaml": rubbish}) != []
    paths = ("content/objectives.yaml", "content/modules/m1/module.yaml", "content/modules/m1/1.1.en.md", "quizzes/m1.yaml", "case_studies/cs2/case.yaml", "content/scenarios/SC31/scenario.yaml")
    assert {fault.split(":")[0] for fault in told({**tree, **dict.fromkeys(paths, rubbish)})} & set(paths)


def test_a_rubric_of_a_question_names_known_objectives(tree: Tree) -> None:
    question = {**KINDS["essay"].example()[0], "id": "essay-1"}
    question["criteria"][1]["objective"] = "A99.9"
    form = {"id": "more", "questions": [question]}
    assert told({**tree, "quizzes/more.yaml": json.dumps(form).encode()}) == ["quizzes/more.yaml:1:30: question 'essay-1', criterion 'next': there is no objective 'A99.9'"]


def test_a_question_that_a_person_marks_stands_in_no_text(tree: Tree) -> None:
    question = {**KINDS["essay"].example()[0], "id": "chk-1-1-a"}
    exercises = next(path for path, content in tree.items() if b"id: chk-1-1-a" in content)
    changed = {**tree, exercises: tree[exercises].replace(b"id: chk-1-1-a", b"id: chk-other"), "quizzes/more.yaml": json.dumps({"id": "more", "questions": [question]}).encode()}
    assert any("names the question 'chk-1-1-a', which a person marks" in fault for fault in told(changed))
