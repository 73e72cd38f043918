"""An author's live view of a folder: every good state becomes a revision of a throw-away school, faults stand on the page."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path

import flask

from courseware import clock, compile, db, storage
from courseware.compile import Course
from courseware.course.faults import Fault
from courseware.course.revisions import read_folder, store
from courseware.errors import NotFound
from courseware.i18n import message
from courseware.people import actions
from courseware.people.models import Role
from courseware.web.app import create_app
from courseware.web.site import Site

LOOK_EVERY = 0.5  # seconds between looks at the folder


class PreviewSite(Site):
    """A site that follows a folder. While the folder has faults the last good state is served."""

    def __init__(self, school: db.School, folder: Path, watched: Path) -> None:
        super().__init__(school, folder)
        self.watched = watched
        self.state = 0
        self._found: Sequence[Fault] = ()
        self._seen: tuple[tuple[str, int], ...] = ()
        self._next_look = 0.0

    @property
    def is_preview(self) -> bool:
        return True

    @property
    def faults(self) -> Sequence[Fault]:
        return self._found

    def course(self) -> Course:
        self.look()
        if self._current is None:
            raise NotFound(message("This folder has never been free of faults yet; they are listed above."))
        return self.revision(self._current)

    def look(self) -> None:
        """Read the folder again if a file of it changed."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_EVERY
        seen = tuple((path.as_posix(), path.stat().st_mtime_ns) for path in sorted(self.watched.rglob("*")) if path.is_file() and path.suffix in (".md", ".yaml", ".svg"))
        if seen == self._seen:
            return
        self._seen, self.state = seen, self.state + 1
        tree = read_folder(self.watched)
        course, faults = compile.inspect(tree, bases=self.folder / "bases", draws=20)
        self._found = [fault for fault in faults if not fault.note]
        if course is not None and not faults:
            with db.aside(self.school) as session:
                self._current = store(session, tree, clock.now())


def create_preview(watched: Path, instance: Path) -> flask.Flask:
    """Make the application: a school of its own in `instance`, with the author signed in as a learner."""
    school = db.connect(f"sqlite:///{instance / 'school.sqlite'}")
    storage.migrate(school)
    site = PreviewSite(school, instance, watched)
    with db.session(school, write=True) as session:
        author = actions.add_person(session, login="author", name="Author", role=Role.LEARNER, password_hash="!", now=clock.now())  # noqa: S106 -- no password fits it
        token = actions.begin_session(session, person_id=author.id, now=clock.now())
    app = create_app(site, secrets.token_urlsafe(32))

    @app.before_request
    def sign_the_author_in() -> None:
        flask.session["token"] = token

    def state() -> dict[str, int]:
        site.look()
        return {"state": site.state}

    state.policy = None  # type: ignore[attr-defined]  # a preview is served to its author alone
    app.add_url_rule("/preview/state", "preview.state", state)
    return app
