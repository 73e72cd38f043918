"""`publish` over a school that writes on the web: nothing written there is undone unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from courseware import authoring, clock, db
from courseware.cli.content import publish
from courseware.cli.main import main
from courseware.course.drafts import keep, newest, working
from courseware.course.revisions import EXPORTED, Revision, read_folder, tree_of
from courseware.people import actions
from courseware.people.models import Role

PATH = "quizzes/m1-a.yaml"


@pytest.fixture
def written(folder: Path, tmp_path: Path, bases: Path) -> db.School:
    """A school where one question was changed on the web after the folder was published."""
    assert main(["publish", "--instance", str(tmp_path / "school"), str(folder)]) == 0
    school = db.connect(f"sqlite:///{tmp_path / 'school' / 'school.sqlite'}")
    with db.session(school, write=True) as session:
        author = actions.add_person(session, login="chen", name="Chen", role=Role.INSTRUCTOR, password_hash="!", now=clock.now())
        file = working(session, PATH)
        assert file is not None
        keep(session, PATH, file.content.replace(b"points: 1", b"points: 2", 1), seen=file.content, by_id=author.id, now=clock.now())
        authoring.publish(session, authoring.propose(session, [PATH], bases=bases), note="web", by_id=author.id, now=clock.now())
    return school


def current(school: db.School) -> tuple[int, bytes]:
    with db.session(school) as session:
        id, _ = newest(session)
        return id, tree_of(session, id)[PATH]


def test_a_folder_older_than_the_web_is_refused_and_says_what_it_would_undo(written: db.School, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = current(written)
    capsys.readouterr()
    assert main(["publish", "--instance", str(tmp_path / "school"), str(folder)]) == 1
    told = capsys.readouterr().err
    assert f"{PATH}: revision 2" in told and "--replace" in told and "Nothing was changed" in told
    assert current(written) == before


def test_with_replace_the_folder_counts(written: db.School, folder: Path, tmp_path: Path) -> None:
    assert main(["publish", "--replace", "--instance", str(tmp_path / "school"), str(folder)]) == 0
    assert current(written) == (3, read_folder(folder)[PATH])


def test_a_folder_with_the_newest_files_is_published(written: db.School, folder: Path) -> None:
    (folder / PATH).write_bytes(current(written)[1])
    (folder / "content" / "facts.yaml").open("a").write("# looked over\n")
    assert publish(written, folder) == 3


def test_a_folder_that_was_exported_may_change_what_was_written_on_the_web(written: db.School, folder: Path) -> None:
    with db.session(written) as session:
        digest = session.get_one(Revision, 2).digest
    (folder / EXPORTED).write_text(f"2 {digest}\n")
    (folder / PATH).write_bytes(current(written)[1].replace(b"points: 2", b"points: 1", 1))
    assert publish(written, folder) == 3


def test_drafts_that_wait_are_named(written: db.School, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with db.session(written, write=True) as session:
        file = working(session, "quizzes/m1.yaml")
        assert file is not None
        keep(session, "quizzes/m1.yaml", file.content + b"# draft\n", seen=file.content, by_id=1, now=clock.now())
    main(["publish", "--replace", "--instance", str(tmp_path / "school"), str(folder)])
    assert "Drafts that wait on the web to be published: quizzes/m1.yaml" in capsys.readouterr().out
