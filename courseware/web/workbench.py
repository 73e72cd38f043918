"""A run of the practice CRM as its pages share it: who may open it, and the frame round each page. The scenario beside it is in panel, what each address shows in pages/."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from babel.dates import format_datetime

from courseware import db
from courseware.assessment import papers
from courseware.assessment.access import own_attempt, seen_attempt, visible
from courseware.assessment.attempts import is_over
from courseware.assessment.review import THING_WORDS, Thing
from courseware.compile import Course
from courseware.errors import NotFound, Refused
from courseware.i18n import Message, Text, message
from courseware.sandbox import attempts
from courseware.sandbox.access import Seen, own_run, seen_run
from courseware.sandbox.journal import Journal, Paper, net
from courseware.sandbox.models import SandboxAttempt, Status
from courseware.sandbox.scenarios import Scenario
from courseware.sandbox.state import Change, State, checkout
from courseware.sandbox.tables import Table
from courseware.variants import fill
from courseware.web.kept import Folded, shelf_of
from courseware.web.routing import Context
from courseware.web.views import LOCALES

EXERCISE = frozenset({"answer.give", "time.forward", "lead.receive", "rule.run"})  # verbs of the exercise, not of the CRM: what the world does
FREE = Text({"en": "Free practice", "zh": "自由练习"})
DATA = Text({"en": "The data of your quiz", "zh": "测验所用的数据"})


@dataclass(frozen=True)
class Run:
    """A run opened for one request: the attempt, the course and scenario of its revision, what it pinned, and its journal. A practice copy knows its origin."""

    attempt: SandboxAttempt
    course: Course
    scenario: Scenario | None
    paper: Paper
    journal: Journal
    changes: tuple[Change, ...]
    owner: str | None
    mark: tuple[Hashable, ...]
    origin: SandboxAttempt | None = None

    @property
    def is_open(self) -> bool:
        """Whether the person asking may act in it."""
        return self.owner is None and self.attempt.is_open

    @property
    def address(self) -> str:
        return f"/practise/runs/{self.attempt.id}"

    @property
    def file_name(self) -> str:
        """What files made of it are called by."""
        return f"{self.attempt.scenario or 'practice'}-{f'{-self.attempt.number}-copy' if self.origin else self.attempt.number}"

    @property
    def title(self) -> Text:
        return self.scenario.title if self.scenario else DATA if self.attempt.part_of else FREE

    @contextmanager
    def state(self, *tables: str) -> Iterator[State]:
        """Lend this thread's copy of the firm as the run left it; all is taken back at the end. With `tables`, only those are brought up to date."""
        changes = self.changes if not tables else [change for change in self.changes if change.table in tables]
        with checkout(self.course.base).applied(changes) as state:
            yield state

    @property
    def pinned(self) -> tuple[Hashable, ...]:
        """What never changes in a run: a key for all that follows from its paper alone."""
        return (self.attempt.id, self.attempt.started_at, self.course.revision)

    def text(self, text: Text) -> Text:
        """Fill a text of the scenario with what was drawn for this run."""
        values = {**self.paper.drawn, **self.paper.expected}
        return Text({language: fill(words, values, language) for language, words in text.items()})


def open_run(ctx: Context, run_id: int) -> Run:
    """Open a run to look at: one's own, or one of a person whose learning may be seen."""
    seen = seen_run(ctx.session, ctx.who, run_id)
    course, scenario = scenario_of(ctx, seen.run)
    epoch = (seen.run.id, seen.run.started_at, seen.run.epoch)
    journal, changes = shelf_of(ctx.site).journals.renew(epoch, lambda known: _read(ctx, seen, known))
    # Entries are only ever appended: the newest number of an epoch says which journal it is.
    mark = (*epoch, journal.newest)
    return Run(seen.run, course, scenario, attempts.paper_at(seen.run), journal, changes, seen.owner, mark, attempts.origin_of(ctx.session, seen.run))


def _read(ctx: Context, seen: Seen, known: Folded | None) -> Folded:
    """The journal of a run, of which what is known is not read again."""
    newest = seen.newest or 0
    if known and known[0].newest == newest:
        return known
    journal = attempts.journal_of(ctx.session, seen.run, known[0] if known and known[0].newest < newest else None)
    return journal, tuple(net(list(journal.changes())).values())


def scenario_of(ctx: Context, attempt: SandboxAttempt) -> tuple[Course, Scenario | None]:
    """Give the course as the run pinned it, and its scenario; None is free practice."""
    course = ctx.site.revision(attempt.revision_id)
    return course, course.scenarios[attempt.scenario] if attempt.scenario and attempt.status != Status.READING else None


def quiz_address(attempt: SandboxAttempt) -> str | None:
    """Give the address of the quiz question that a run belongs to; None for a run of its own."""
    found = re.fullmatch(r"attempt:(\d+)/(?:data:.*|question:(.*))", attempt.part_of)
    return f"/attempts/{found[1]}" + (f"?question={found[2]}" if found[2] else "") if found else None


def is_early(ctx: Context, run: Run, thing: Thing) -> bool:
    """Whether a run belongs to a quiz whose reader may not see such a thing of it yet."""
    found = re.match(r"attempt:(\d+)/", run.attempt.part_of)
    if not found:
        return False
    quiz = seen_attempt(ctx.session, ctx.who, int(found[1]))
    shown, _ = visible(ctx.session, quiz, papers.Paper.from_json(quiz.paper), is_own=quiz.person_id == ctx.who.id, now=ctx.now)
    return quiz.status != "released" or not getattr(shown, thing)


def refuse_early(ctx: Context, run: Run, thing: Thing) -> None:
    """Refuse a page that tells such a thing of a run."""
    if is_early(ctx, run, thing):
        raise Refused(message("This run belongs to a quiz. What was found in it is shown once the points of the quiz are released and the quiz shows this: %(what)s.", what=THING_WORDS[thing]))


def work_in(ctx: Context, run_id: int) -> tuple[SandboxAttempt, Course, Scenario | None]:
    """Give one's own run to write to, with the course and scenario it pinned."""
    attempt = own_run(ctx.session, ctx.who, run_id)
    if found := re.match(r"attempt:(\d+)/", attempt.part_of):
        quiz = own_attempt(ctx.session, ctx.who, int(found[1]))
        if quiz.status == "draft" and is_over(quiz, ctx.now):
            raise Refused(message("The time of the quiz has run out: this run stays as it is, and is handed in with it."))
    return (attempt, *scenario_of(ctx, attempt))


def declared_in(run: Run, name: str) -> Table:
    """Give a table of the firm by the name an address holds. Raises NotFound."""
    if name not in run.course.tables:
        raise NotFound
    return run.course.tables[name]


def note_look(ctx: Context, run: Run, look: str, arguments: Mapping[str, Any]) -> None:
    """Write down a look if a check of the scenario asks for it: after the page has been read, in a short write of its own."""
    if not run.is_open or run.scenario is None or look not in run.scenario.looks:
        return
    last = run.journal.entries[-1] if run.journal.entries else None
    if last is not None and last.verb == look and dict(last.arguments) == dict(arguments):
        return  # the page was loaded again
    with db.aside(ctx.site.school) as session:
        attempt = session.get(SandboxAttempt, run.attempt.id)
        if attempt is not None:
            attempts.look(session, attempt, scenario=run.scenario, look=look, arguments=arguments, now=ctx.now)


def back_to(ctx: Context, run_id: int, anchor: str = "") -> str:
    """Where a button of the panel leads after its work: the page it stood on, if that is a page of the run."""
    home = f"/practise/runs/{run_id}"
    wanted = ctx.form.get("back", "")
    return (wanted if re.fullmatch(rf"{home}(/[a-z_]+/\d+)?", wanted) else home) + (f"#{anchor}" if anchor else "")


# The frame


@dataclass(frozen=True)
class CopyShown:
    """Of what a practice copy is the copy, and where one goes back to it. Step 0 is the beginning."""

    number: int
    step: int
    href: str
    is_handed_in: bool


@dataclass(frozen=True)
class Frame:
    """What stands round every page of a run: which it is, the time in it, what may be done, where its buttons come back to."""

    address: str
    scenario: str
    title: Text
    number: int
    status: str
    clock: str
    is_open: bool
    owner: str | None
    may_forward: bool
    quiz: str | None
    back: str
    copy: CopyShown | None


def frame_of(ctx: Context, run: Run, back: str | None = None) -> Frame:
    scenario, attempt = run.scenario, run.attempt
    return Frame(
        address=run.address,
        scenario=scenario.id if scenario else "",
        title=run.title,
        number=attempt.number,
        status=attempt.status,
        clock=clock_words(run.journal.clock(run.paper.start), ctx.language),
        is_open=run.is_open,
        owner=run.owner,
        may_forward=run.is_open and bool(scenario and scenario.events),
        quiz=quiz_address(attempt) if run.owner is None else None,
        back=back or run.address,
        copy=_copy_shown(run, run.origin) if run.origin else None,
    )


def _copy_shown(run: Run, origin: SandboxAttempt) -> CopyShown:
    step, handed_in = run.journal.branched_after, not origin.is_open
    page, mark = ("replay", "own") if handed_in and run.scenario else ("story", "step")
    return CopyShown(origin.number, step, f"/practise/runs/{origin.id}/{page}" + (f"#{mark}-{step}" if step else ""), handed_in)


LINES = frozenset({"dossier_lines", "order_lines", "case_history"})  # read on the page of the record they belong to
FIRST = ("accounts", "contacts", "cases", "interactions", "orders", "assets", "tasks", "dossiers")  # what a service desk opens all day


def tabs_of(course: Course) -> tuple[tuple[str, Text], ...]:
    """The tables one opens from anywhere, those of every day first."""
    names = [*(name for name in FIRST if name in course.tables), *(name for name in course.tables if name not in FIRST and name not in LINES)]
    return tuple((name, course.tables[name].label) for name in names)


AREA_LABELS: Mapping[str, Message] = {
    "customers": message("Customers"), "marketing": message("Marketing"), "sales": message("Sales"),
    "service": message("Service"), "quality": message("Quality"), "firm": message("The firm"),
}  # fmt: skip


class Menu(NamedTuple):
    """The tables of every day, and all that can be opened from anywhere by area."""

    first: tuple[tuple[str, Text], ...]
    areas: tuple[tuple[Message, tuple[tuple[str, Text], ...]], ...]


def menu_of(course: Course) -> Menu:
    tabs = tabs_of(course)
    areas = ((label, tuple(tab for tab in tabs if course.tables[tab[0]].area == area)) for area, label in AREA_LABELS.items())
    return Menu(tuple(tab for tab in tabs if tab[0] in FIRST), tuple((label, inside) for label, inside in areas if inside))


@lru_cache(maxsize=512)
def clock_words(at: str, language: str) -> str:
    """A sandbox time with its day, as the band says it."""
    pattern = "y年M月d日 EEE HH:mm" if language == "zh" else "EEE d MMM y, HH:mm"
    return format_datetime(datetime.fromisoformat(at), pattern, locale=LOCALES[language])
