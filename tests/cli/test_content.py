"""What an author of course files gets: every fault with its place, nothing changed by a broken folder, and the outline."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from courseware import db
from courseware.cli.main import main
from courseware.course.revisions import newest_id, read_folder, tree_of

SECTION = "content/modules/m1/1.1.en.md"
MODULE_1 = ("K1.1", "K1.2", "K1.3", "K1.4", "A1.1", "A1.2", "A1.3")


def break_(folder: Path, file: str, old: str, new: str) -> int:
    """Replace a text in a file of the folder; give its line."""
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


def test_a_sound_folder_is_said_to_be_sound(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--draws", "2", str(folder)]) == 0  # `make check` takes 400
    scenarios = len(list((folder / "content/scenarios").glob("*/scenario.yaml")))
    assert re.fullmatch(rf"\d+ sections, \d+ questions, {scenarios} scenarios: no fault\n", capsys.readouterr().out)


def test_every_fault_is_printed_with_file_line_and_column(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    section = break_(folder, SECTION, "(ref:1.5)", "(ref:1.7)")
    quiz = break_(folder, "quizzes/m1-a.yaml", "difficulty: 0.75", "dificulty: 0.75")
    term = break_(folder, "content/glossary.yaml", "module: M1", "module: M1\n  module: M1")
    assert main(["validate", str(folder)]) == 1
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert all(re.match(r"[\w./-]+:\d+:\d+: ", line) for line in lines)
    assert f"{SECTION}:{section}:1: reference to '1.7', which does not exist" in lines
    assert any(line.startswith(f"quizzes/m1-a.yaml:{quiz}:5: ") and "dificulty" in line for line in lines)
    assert f"content/glossary.yaml:{term + 1}:3: duplicate key 'module'" in lines
    assert printed.err == f"{len(lines)} faults\n"


def test_faults_are_data_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = break_(folder, SECTION, "[[customer]]", "[[custmer]]")
    (folder / "content/modules/m1/1.5.zh.md").unlink()
    assert main(["validate", "--json", str(folder)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found == [
        {"file": SECTION, "line": line, "column": 1, "sentence": "[[custmer]] is not in the glossary", "note": False},
        {"file": "content/modules/m1/1.5.en.md", "line": 1, "column": 1, "sentence": "no zh version yet", "note": True},
    ]


def test_a_missing_translation_is_listed_and_refuses_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "content/modules/m1/1.5.zh.md").unlink()
    assert main(["validate", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("content/modules/m1/1.5.en.md:1:1: note: no zh version yet\n")


@pytest.mark.parametrize("command", ["validate", "outline"])
def test_a_folder_without_a_course_is_told_in_a_sentence(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for empty in (tmp_path, tmp_path / "gone"):
        assert main([command, str(empty)]) == 1
        assert capsys.readouterr().err == f"courseware: {empty} has no course files: content/, quizzes/ and case_studies/ are looked for\n"


def test_publishing_makes_a_folder_current(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish = ["publish", "--instance", str(tmp_path / "school"), str(folder)]
    assert main(publish) == main(publish) == 0
    assert capsys.readouterr().out == "published as revision 1\n" * 2
    break_(folder, SECTION, "title: Customer, client", "title: A customer, a client")
    assert main(publish) == 0
    assert capsys.readouterr().out == "published as revision 2\n"


def test_a_broken_folder_is_refused_and_the_published_revision_stays(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish = ["publish", "--instance", str(tmp_path / "school"), str(folder)]
    main(publish)
    sound = read_folder(folder)
    line = break_(folder, SECTION, "[[customer]]", "[[custmer]]")
    capsys.readouterr()
    assert main(publish) == 1
    assert capsys.readouterr().err == f"{SECTION}:{line}:1: [[custmer]] is not in the glossary\nNothing was changed.\n"
    school = db.connect(f"sqlite:///{tmp_path / 'school' / 'school.sqlite'}")
    with db.session(school) as session:
        assert newest_id(session) == 1
        assert tree_of(session, 1) == sound
    school.engine.dispose()


def test_the_outline_shows_every_objective_of_module_1_taught_practised_and_assessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outline", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert set(data) == {"objectives", "facts", "texts", "counts"}
    for code in MODULE_1:
        of = data["objectives"][code]
        assert {"sections", "questions", "scenarios", "criteria", "planned"} <= set(of)
        assert of["sections"] and of["planned"] == []
        assert of["scenarios"] or of["exercises"] or of["criteria"]
        assert of["questions"]["A"] == of["questions"]["B"] > 0
    planned = {code for code, of in data["objectives"].items() if set(of["planned"]) & {"taught", "practised", "assessed"}}
    assert all(of["sections"] and of["questions"] for code, of in data["objectives"].items() if code not in planned)
    assert data["counts"]["planned"] >= len(planned)
    assert data["counts"]["objectives"] == len(data["objectives"])
    assert len(data["facts"]) == len(set(data["facts"])) >= 60
    assert all(re.fullmatch(r"S\d{3}-\d{2,3}", fact) for fact in data["facts"])


def test_the_outline_says_what_an_objective_and_a_text_still_wait_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    break_(folder, "content/objectives.yaml", "practice: [SC31]", "practice: [SC31, SC99]")
    for language in ("en", "zh"):
        break_(folder, f"content/modules/m1/1.3.{language}.md", "  - S000-01\n", "")
    assert main(["outline", "--json", str(folder)]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["objectives"]["K1.1"]["scenarios"], data["objectives"]["K1.1"]["planned"]) == (["SC31"], ["SC99"])
    text = data["texts"]["S000"]
    assert text["missing"] == {"S000-01": ["1.3"]}
    assert text["taught"]["S000-04"] == ["1.1", "1.2"]
    assert "S000-01" not in data["facts"] and "S000-04" in data["facts"]


def test_the_outline_is_two_tables_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outline"]) == 0
    printed = capsys.readouterr().out
    assert "K1.1" in printed and "S004" in printed


def test_an_unusable_database_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "--instance", str(tmp_path), "--database", "nonsense"]) == 1
    assert capsys.readouterr().err.startswith("courseware: the database URL cannot be used")
    assert main(["verify", "--instance", str(tmp_path / "none")]) == 1
    assert "`courseware init` or `courseware demo` makes one" in capsys.readouterr().err
