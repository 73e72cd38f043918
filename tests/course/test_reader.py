"""Reading a tree of course files: languages side by side, ids, lists, and every fault at its place."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from courseware.course.facts import FactCoverage, fact_coverage
from courseware.course.faults import Faults
from courseware.course.model import Material
from courseware.course.reader import read_material

HEAD = "id: {id}\ntitle: T\nlede: L\nobjectives: [K1.1]\nfacts: [S1]"
TREE: Mapping[str, str] = {
    "content/course.yaml": "id: c\ntitle: {en: C}\nmodules: [M1]\nlicence: {en: CC}",
    "content/objectives.yaml": "- {code: K1.1, text: {en: A}, parent: SK1, module: M1}",
    "content/glossary.yaml": "- {term: {en: Customer, zh: 顾客}, gloss: {en: g}, module: M1}",
    "content/facts.yaml": '- {code: S1, sections: ["1.1", "1.2"]}\n- {code: S2-02, sections: ["1.1"]}\n- {code: S2-03, sections: [CS2, "9.9"]}',
    "content/sources.yaml": "- {id: s-1, title: T, where: W, note: {en: n}}",
    "content/modules/m1/module.yaml": 'id: M1\nnumber: 1\ntitle: {en: M}\nsummary: {en: S}\nhours: 1\nsections: ["1.1"]',
    "content/modules/m1/1.1.en.md": f'---\n{HEAD.format(id="1.1")}\n---\n## Head\n\nA [[customer]].\n\n::: fact fact-a\ntitle: T\n\nBody.\n:::\n'.replace("id: 1.1", 'id: "1.1"'),
    "content/modules/m1/1.1.zh.md": f'---\n{HEAD.format(id="1.1")}\n---\n## 标题\n\n[[顾客]]。\n\n::: fact fact-a\ntitle: T\n\n正文。\n:::\n'.replace("id: 1.1", 'id: "1.1"'),
    "case_studies/cs2/cs2.en.md": f"---\n{HEAD.format(id='CS2')}\n---\nText, see [1.1](ref:1.1) and [it](ref:fact-a).\n",
    "case_studies/cs2/cs2.zh.md": f"---\n{HEAD.format(id='CS2')}\n---\n正文。\n",
}


def read(changes: Mapping[str, str | None] | None = None) -> tuple[Material | None, list[str]]:
    tree = {path: text.encode() for path, text in {**TREE, **(changes or {})}.items() if text is not None}
    faults = Faults()
    return read_material(tree, faults), [str(fault) for fault in faults]


def changed(path: str, old: str, new: str) -> tuple[Material | None, list[str]]:
    assert old in TREE[path]
    return read({path: TREE[path].replace(old, new, 1)})


def test_a_sound_tree_is_read_whole() -> None:
    material, faults = read()
    assert material is not None and faults == []
    assert set(material.sections) == {("1.1", "en"), ("1.1", "zh"), ("CS2", "en"), ("CS2", "zh")}
    assert list(material.modules) == ["M1"]
    assert '<a href="/learn/1.1#fact-a">it</a>' in material.section("CS2", "en").blocks[0].html
    assert [heading.title for heading in material.section("1.1", "zh").headings] == ["标题"]


def test_a_section_without_translation_is_a_note_and_read_in_english() -> None:
    material, faults = read({"content/modules/m1/1.1.zh.md": None})
    assert material is not None
    assert faults == ["content/modules/m1/1.1.en.md:1:1: note: no zh version yet"]
    assert material.section("1.1", "zh").language == "en"


def test_a_section_that_is_only_a_translation_is_refused() -> None:
    _, faults = read({"content/modules/m1/1.1.en.md": None})
    assert "content/modules/m1/1.1.zh.md:1:1: the English version is missing" in faults


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("::: fact fact-a", "::: fact fact-b", "there 'fact fact-a', here 'fact fact-b'"),
        ("::: fact fact-a", "::: aside fact-a", "there 'fact fact-a', here 'aside fact-a'"),
        ("## 标题\n\n", "", "there 'heading 1.1-p1', here 'text 1.1-p1'"),
        ("[[顾客]]。\n", "[[顾客]]。\n\n又。\n", "there 'fact fact-a', here 'text 1.1-p3'"),
        ("正文。\n:::\n", "正文。\n:::\n\n又。\n", "there 'nothing', here 'text 1.1-p3'"),
    ],
)
def test_languages_with_differing_blocks_are_refused(old: str, new: str, difference: str) -> None:
    _, faults = changed("content/modules/m1/1.1.zh.md", old, new)
    assert len(faults) == 1
    assert f"the blocks differ from content/modules/m1/1.1.en.md: {difference}" in faults[0]


def test_a_block_id_is_used_once_in_the_course() -> None:
    twice = {path: TREE[path] + "\n::: aside fact-a\ntitle: T\n\nB.\n:::\n" for path in ("case_studies/cs2/cs2.en.md", "case_studies/cs2/cs2.zh.md")}
    _, faults = read(twice)
    assert faults == [
        "content/modules/m1/1.1.en.md:12:1: block id 'fact-a' is already used in case_studies/cs2/cs2.en.md",
        "content/modules/m1/1.1.zh.md:12:1: block id 'fact-a' is already used in case_studies/cs2/cs2.zh.md",
    ]


def test_a_block_id_is_used_once_in_a_section() -> None:
    again = "\n::: aside fact-a\ntitle: T\n\nB.\n:::\n"
    _, faults = read({path: TREE[path] + again for path in ("content/modules/m1/1.1.en.md", "content/modules/m1/1.1.zh.md")})
    assert [fault for fault in faults if ".en." in fault] == ["content/modules/m1/1.1.en.md:18:1: block id 'fact-a' stands here a second time"]


def test_the_files_name_and_its_id_agree() -> None:
    _, faults = changed("content/modules/m1/1.1.en.md", 'id: "1.1"', 'id: "1.2"')
    assert "content/modules/m1/1.1.en.md:2:1: the file is called 1.1, its id is '1.2'" in faults


def test_a_number_is_no_id() -> None:
    _, faults = changed("content/modules/m1/1.1.en.md", 'id: "1.1"', "id: 1.1")
    assert "content/modules/m1/1.1.en.md:2:1: id: input should be a valid string" in faults


def test_the_modules_id_is_the_one_the_course_names() -> None:
    _, faults = changed("content/modules/m1/module.yaml", "id: M1", "id: M2")
    assert faults == ["content/modules/m1/module.yaml:1:1: expected 'M1', got 'M2'"]


def test_the_facts_of_each_text_are_taught_missing_or_planned() -> None:
    material, _ = read({"content/modules/m2/2.1.en.md": TREE["content/modules/m1/1.1.en.md"].replace("1.1", "2.1").replace("fact-a", "fact-b")})
    assert material is not None
    assert fact_coverage(material) == {
        "S1": FactCoverage(taught={"S1": ("CS2", "1.1")}, missing={}, planned={"S1": ("1.2",)}),  # 2.1 stands in no module of the course
        "S2": FactCoverage(taught={}, missing={"S2-02": ("1.1",), "S2-03": ("CS2",)}, planned={"S2-03": ("9.9",)}),
    }


@pytest.mark.parametrize("name", ["customer relationship management (CRM)", "customer relationship management", "CRM", "case / ticket", "Ticket", "case"])
def test_a_term_is_named_by_its_whole_name_its_long_form_its_short_form_or_either_of_two_words(name: str) -> None:
    glossary = "- {term: {en: customer relationship management (CRM), zh: 客户关系管理}, gloss: {en: g}, module: M1}\n- {term: {en: case / ticket, zh: 工单 / 单}, gloss: {en: g}, module: M1}"
    english = TREE["content/modules/m1/1.1.en.md"].replace("[[customer]]", f"[[{name}]]")
    chinese = TREE["content/modules/m1/1.1.zh.md"].replace("[[顾客]]", f"[[单]]和[[{name}]]")
    assert read({"content/glossary.yaml": glossary, "content/modules/m1/1.1.en.md": english, "content/modules/m1/1.1.zh.md": chinese})[1] == []


@pytest.mark.parametrize("path", ["content/objectives.yaml", "content/glossary.yaml", "content/facts.yaml", "content/sources.yaml"])
def test_lists_refuse_what_stands_twice_and_what_is_no_list(path: str) -> None:
    twice = read({path: TREE[path] + "\n" + TREE[path]})[1]
    second = TREE[path].count("\n") + 2
    assert any(fault.startswith(f"{path}:{second}:3: ") and fault.endswith("stands here a second time") for fault in twice)
    assert f"{path}:1:1: expected a list" in read({path: "a: 1"})[1]
    assert f"{path}:1:1: this file is missing" in read({path: None})[1]


def test_without_a_head_there_is_no_course() -> None:
    assert read({"content/course.yaml": None}) == (None, ["content/course.yaml:1:1: this file is missing"])
    assert read({"content/course.yaml": "id: c"})[0] is None


def test_a_module_that_is_missing_is_told() -> None:
    assert "content/modules/m1/module.yaml:1:1: this file is missing" in read({"content/modules/m1/module.yaml": None})[1]


def test_a_file_that_is_not_utf8_is_told() -> None:
    faults = Faults()
    read_material({**{path: text.encode() for path, text in TREE.items()}, "content/modules/m1/1.1.en.md": b"---\nid: \xff\n---\n"}, faults)
    assert any(str(fault).startswith("content/modules/m1/1.1.en.md:1:1: not UTF-8") for fault in faults)


def test_every_fault_is_told_at_once() -> None:
    _, faults = read({
        "content/objectives.yaml": "- {code: K1.1}",
        "content/glossary.yaml": "- {term: {en: A}, gloss: {en: g}, module: M1, module: M2}",
        "content/modules/m1/1.1.en.md": TREE["content/modules/m1/1.1.en.md"].replace("title: T\n\nBody", "titel: T\n\nBody").replace("A [[customer]]", "A [[custmer]]"),
    })  # fmt: skip
    told = {(fault.split(":")[0], int(fault.split(":")[1])) for fault in faults}
    assert {("content/objectives.yaml", 1), ("content/glossary.yaml", 1), ("content/modules/m1/1.1.en.md", 10), ("content/modules/m1/1.1.en.md", 13)} <= told
