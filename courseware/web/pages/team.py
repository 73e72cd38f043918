"""The manager's page: new hires, their work on each module and the levels behind it. Nothing can be changed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from courseware.compile import Course
from courseware.course.model import ModuleFile
from courseware.grading import queries
from courseware.grading.evidence import Standing
from courseware.grading.gradebook import LearnerWork, load
from courseware.grading.mastery import Level
from courseware.grading.queries import LEVEL_WORDS, Hire
from courseware.i18n import Message
from courseware.web.lists import Listing, asked, listing
from courseware.web.routing import Area, Context, Page, Result, manager

area = Area("team")


@dataclass(frozen=True)
class Piece:
    """One piece of work of a module and where it stands with one person. `status` is None before it was begun."""

    work: str
    status: str | None

    @property
    def is_done(self) -> bool:
        return self.status not in (None, "draft")


@dataclass(frozen=True)
class HireRow:
    """One new hire in one module."""

    hire: Hire
    pieces: Sequence[Piece]
    standings: Mapping[str, Standing]

    @property
    def done(self) -> int:
        return sum(piece.is_done for piece in self.pieces)

    @property
    def levels(self) -> list[tuple[Level, list[str]]]:
        """The codes of the objectives at each level, the best first; levels at which none stands are left out."""
        found = [(level, [code for code, one in self.standings.items() if one.mastery.level is level]) for level in reversed(LEVEL_WORDS)]
        return [(level, codes) for level, codes in found if codes]

    @property
    def reached(self) -> int:
        return sum(one.mastery.level in (Level.MET, Level.SECURE) for one in self.standings.values())


@dataclass(frozen=True)
class ModulePart:
    module: ModuleFile
    rows: Listing[HireRow]


@dataclass(frozen=True)
class TeamPage:
    parts: Sequence[ModulePart]
    hires: int
    q: str
    words: Mapping[Level, Message] = field(default_factory=lambda: LEVEL_WORDS)


KEYS: dict[str, Callable[[HireRow], Any]] = {"name": lambda row: row.hire.name, "work": lambda row: row.done, "levels": lambda row: row.reached}


@area.get("/team", policy=manager)
def index(ctx: Context) -> Result:
    want = asked(ctx.request.args, sort="name")
    everyone = queries.hires_seen_by(ctx.session, ctx.who)
    hires = [hire for hire in everyone if want.q.lower() in f"{hire.name} {hire.login}".lower()]
    ids = [hire.id for hire in hires]
    works, standings = load(ctx.session, ids, ctx.course.counts), queries.standings_of(ctx.session, ids, ctx.course.objectives)
    parts = [
        ModulePart(module, listing([_row(ctx.course, module, hire, works[hire.id], standings[hire.id]) for hire in hires], want, KEYS, size=None))
        for module in ctx.course.modules.values()
    ]
    return Page("team/index.html", TeamPage(parts, len(everyone), want.q))


def _row(course: Course, module: ModuleFile, hire: Hire, work: LearnerWork, standings: Mapping[str, Standing]) -> HireRow:
    mine = {*(f"quiz:{id}" for id in module.quizzes), *(f"scenario:{id}" for id in module.scenarios), *(f"case:{id}" for id in module.cases)}
    pieces = [Piece(ref, next((one.status for one in reversed(work.tries.get(ref, ()))), None)) for ref in course.works if ref in mine]
    return HireRow(hire, pieces, {code: one for code, one in standings.items() if one.objective.module == module.id})
