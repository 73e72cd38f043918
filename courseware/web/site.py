"""What a process keeps while it serves: the school, the published course, the sandbox's base. All of it can be rebuilt."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from courseware import compile, db
from courseware.compile import Course
from courseware.course import revisions
from courseware.course.faults import Fault
from courseware.errors import NotFound
from courseware.i18n import message
from courseware.people.access import Who

LOOK_EVERY = 2.0  # seconds between looks for a newer revision
KEPT = 4  # revisions compiled at a time: the current one, and those of attempts still open


class Site:
    """The school a process serves. `folder` holds what may be deleted: built bases."""

    def __init__(self, school: db.School, folder: Path, zone: str = "Asia/Shanghai") -> None:
        self.school, self.folder, self.zone = school, folder, zone
        self.bars: dict[tuple[str, Who | None, str], Markup] = {}  # (language, person, place) → the bar at the top of their pages
        self.fragments: dict[tuple[int, str, str], Markup] = {}  # (revision, section, language) → its rendered body
        self._courses: OrderedDict[int, Course] = OrderedDict()
        self._current: int | None = None
        self._looked = -LOOK_EVERY
        self._lock = threading.Lock()

    @property
    def faults(self) -> Sequence[Fault]:
        """Faults to show on every page: none but in a preview, since only sound folders are published."""
        return ()

    @property
    def is_preview(self) -> bool:
        return False

    def course(self) -> Course:
        """The newest published course; a new one is noticed within LOOK_EVERY seconds."""
        if time.monotonic() - self._looked >= LOOK_EVERY:
            with db.session(self.school) as session:
                self._current = revisions.newest_id(session)
            self._looked = time.monotonic()
        if self._current is None:
            raise NotFound(message("No course has been published yet. An administrator does that with `courseware publish`."))
        return self.revision(self._current)

    def course_if_any(self) -> Course | None:
        try:
            return self.course()
        except NotFound:
            return None

    def revision(self, id: int) -> Course:
        """The course as it was in a revision, for attempts that pinned it."""
        course = self._courses.get(id)
        if course is None:
            with self._lock:
                course = self._courses.get(id) or self._load(id)
        return course

    def _load(self, id: int) -> Course:
        with db.session(self.school) as session:
            tree = revisions.tree_of(session, id)
        self._courses[id] = course = self._compiled(id, tree)
        while len(self._courses) > KEPT:
            self._courses.popitem(last=False)
            self.fragments.clear()
        return course

    def _compiled(self, id: int, tree: Mapping[str, bytes]) -> Course:
        return compile.build(tree, revision=id, bases=self.folder / "bases")
