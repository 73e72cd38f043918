"""Drafts and publishing: nothing is overwritten unasked, nothing unsound becomes current, and no folder undoes what was written on the web unless told to."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from courseware import authoring
from courseware.course.drafts import begin_again, discard, drafts, keep, newest, working
from courseware.course.revisions import Revision, store, tree_of
from courseware.errors import Refused
from tests.conftest import NOW
from tests.factories import person

PATH = "quizzes/m1-a.yaml"


@pytest.fixture
def chen(session: Session) -> int:
    return person(session, "chen").id


def published(session: Session, path: str = PATH) -> bytes:
    found = working(session, path)
    assert found is not None
    assert found.published is not None
    return found.published


def write(session: Session, by: int, old: bytes = b"points: 1", new: bytes = b"points: 2", path: str = PATH) -> bytes:
    """Draft a small change of a file and give its new text."""
    found = working(session, path)
    assert found is not None
    content = found.content.replace(old, new, 1)
    keep(session, path, content, seen=found.content, by_id=by, now=NOW)
    return content


def publish(session: Session, by: int, bases: Path, *paths: str) -> int:
    return authoring.publish(session, authoring.propose(session, paths or (PATH,), bases=bases), note="why", by_id=by, now=NOW)


def test_a_draft_that_says_what_is_published_is_none(session: Session, chen: int) -> None:
    write(session, chen)
    assert list(drafts(session)) == [PATH]
    keep(session, PATH, published(session), seen=drafts(session)[PATH].content, by_id=chen, now=NOW)
    assert not drafts(session)


def test_a_writer_who_has_not_seen_the_newest_text_is_refused(session: Session, chen: int) -> None:
    seen = published(session)
    content = write(session, chen)
    with pytest.raises(Refused):
        keep(session, PATH, b"mine", seen=seen, by_id=chen, now=NOW)
    assert drafts(session)[PATH].content == content


def test_publishing_makes_a_revision_that_says_who_and_why(session: Session, chen: int, bases: Path) -> None:
    before, _ = newest(session)
    content = write(session, chen)
    made = publish(session, chen, bases)
    row = session.get_one(Revision, made)
    assert (row.by_id, row.note, row.published_at) == (chen, "why", NOW)
    assert tree_of(session, made)[PATH] == content
    assert tree_of(session, before)[PATH] != content
    assert not drafts(session)


def test_a_draft_with_a_fault_is_told_with_its_line_and_not_published(session: Session, chen: int, bases: Path) -> None:
    write(session, chen, b"objective: K1.1", b"objective: K9.9")
    proposal = authoring.propose(session, [PATH], bases=bases)
    assert [(fault.file, fault.line) for fault in proposal.faults] == [(PATH, 3)]
    with pytest.raises(Refused):
        authoring.publish(session, proposal, note="why", by_id=chen, now=NOW)


def test_only_the_chosen_drafts_are_published(session: Session, chen: int, bases: Path) -> None:
    write(session, chen)
    write(session, chen, b"attempts: 2", b"attempts: 3", "quizzes/m1.yaml")
    made = publish(session, chen, bases, "quizzes/m1.yaml")
    assert b"attempts: 3" in tree_of(session, made)["quizzes/m1.yaml"]
    assert list(drafts(session)) == [PATH]


def test_what_was_published_meanwhile_is_not_overwritten(session: Session, chen: int, bases: Path) -> None:
    write(session, chen)
    id, _ = newest(session)
    theirs = {**tree_of(session, id), PATH: published(session).replace(b"points: 1", b"points: 5", 1)}
    store(session, theirs, NOW)
    proposal = authoring.propose(session, [PATH], bases=bases)
    assert proposal.stale == (PATH,)
    with pytest.raises(Refused):
        authoring.publish(session, proposal, note="why", by_id=chen, now=NOW)
    begin_again(session, PATH)
    assert authoring.propose(session, [PATH], bases=bases).stale == ()


@pytest.mark.parametrize("who", ["publishes", "writes", "throws away"])
def test_a_proposal_that_was_checked_before_somebody_else_acted_is_refused(session: Session, chen: int, bases: Path, who: str) -> None:
    write(session, chen)
    proposal = authoring.propose(session, [PATH], bases=bases)
    if who == "publishes":
        store(session, {**proposal.before, "content/extra.md": b"x"}, NOW)
    elif who == "writes":
        write(session, chen, b"points: 2", b"points: 3")
    else:
        discard(session, PATH)
    with pytest.raises(Refused):
        authoring.publish(session, proposal, note="why", by_id=chen, now=NOW)


def test_an_older_revision_is_made_current_as_a_new_one(session: Session, chen: int, bases: Path) -> None:
    first, _ = newest(session)
    write(session, chen)
    second = publish(session, chen, bases)
    third = authoring.restore(session, first, note="back", by_id=chen, now=NOW)
    assert first < second < third
    assert tree_of(session, third) == tree_of(session, first)


def test_a_folder_that_would_undo_what_was_written_on_the_web_is_told(session: Session, chen: int, bases: Path) -> None:
    first, _ = newest(session)
    folder = tree_of(session, first)
    assert authoring.undone_by(session, folder) == []
    write(session, chen)
    made = publish(session, chen, bases)
    assert [(one.path, one.revision, one.by_id) for one in authoring.undone_by(session, folder)] == [(PATH, made, chen)]
    assert authoring.undone_by(session, {**tree_of(session, made), "content/facts.yaml": b"changed in the folder"}) == []


def test_a_folder_that_was_exported_from_the_web_may_change_what_was_written_there(session: Session, chen: int, bases: Path) -> None:
    write(session, chen)
    made = publish(session, chen, bases)
    folder = {**tree_of(session, made), PATH: b"changed in the folder"}
    mark = (made, session.get_one(Revision, made).digest)
    assert [one.path for one in authoring.undone_by(session, folder)] == [PATH]
    assert authoring.undone_by(session, folder, known=mark) == []
    assert authoring.undone_by(session, folder, known=(made, "another school's")) != []


def test_once_a_folder_is_published_it_is_the_state_to_compare_with(session: Session, chen: int, bases: Path) -> None:
    write(session, chen)
    made = publish(session, chen, bases)
    folder = {**tree_of(session, made), PATH: b"changed in the folder"}
    store(session, folder, NOW)
    assert authoring.undone_by(session, {**folder, PATH: b"changed again"}) == []
