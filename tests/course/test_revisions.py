"""Published revisions: stored by content hash, given back byte for byte, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware.course.revisions import ContentFile, Revision, newest_id, read_folder, store, tree_of
from courseware.shipped import root

NOW = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)
TREE = {"content/course.yaml": b"id: c\n", "content/same.md": b"same", "content/twin.md": b"same", "quizzes/m1.yaml": "标题\r\n".encode(), "content/a.svg": b"\x00\xff"}


def test_a_tree_comes_back_as_it_was_stored(session: Session) -> None:
    assert tree_of(session, store(session, TREE, NOW)) == TREE


def test_an_unchanged_tree_keeps_its_number(session: Session) -> None:
    first = store(session, TREE, NOW)
    assert store(session, dict(reversed(TREE.items())), NOW) == first
    assert newest_id(session) == first


def test_a_change_makes_a_new_revision_and_the_old_one_stays(session: Session) -> None:
    first = store(session, TREE, NOW)
    second = store(session, {**TREE, "content/course.yaml": b"id: d\n"}, NOW)
    assert second > first and newest_id(session) == second
    assert tree_of(session, first) == TREE
    assert tree_of(session, second)["content/course.yaml"] == b"id: d\n"


def test_going_back_to_an_older_tree_is_a_new_revision(session: Session) -> None:
    first = store(session, TREE, NOW)
    store(session, {}, NOW)
    assert store(session, TREE, NOW) > first


def test_a_moved_file_is_a_change_and_a_content_is_kept_once(session: Session) -> None:
    before = session.scalar(select(func.count()).select_from(ContentFile)) or 0
    first = store(session, TREE, NOW)
    moved = {**{path: content for path, content in TREE.items() if path != "content/twin.md"}, "content/moved.md": b"same"}
    assert store(session, moved, NOW) > first
    assert session.scalar(select(func.count()).select_from(ContentFile)) == before + len(set(TREE.values()))


def test_the_time_of_publishing_is_kept(session: Session) -> None:
    id = store(session, TREE, NOW)
    session.expire_all()
    assert session.get_one(Revision, id).published_at == NOW


def test_only_course_files_of_the_course_folders_are_read(tmp_path: Path) -> None:
    for path in ("content/a.yaml", "content/deep/er/b.md", "content/c.svg", "content/d.py", "content/.e.yaml.swp", "other/f.yaml", "quizzes/g.yaml", "case_studies/cs/h.md", "i.yaml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    assert list(read_folder(tmp_path)) == ["case_studies/cs/h.md", "content/a.yaml", "content/c.svg", "content/deep/er/b.md", "quizzes/g.yaml"]


def test_the_shipped_course_goes_through_the_database_unchanged(session: Session) -> None:
    shipped = read_folder(root())
    newest = newest_id(session)
    assert newest is not None
    assert store(session, shipped, NOW) == newest
    assert tree_of(session, newest) == shipped
