"""Acting in the practice CRM: a form made from a verb's declaration, and what is typed into it. The lists and records themselves are in sandbox.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from courseware.errors import Invalid, NotFound, Refused
from courseware.i18n import Message, Text, message
from courseware.sandbox import attempts, show
from courseware.sandbox.actions import VERBS
from courseware.sandbox.state import Row, State, checkout
from courseware.sandbox.verbs import Field, Label, Verb
from courseware.web.fields import FieldShown, arguments_of, field_shown, near_to, sought, whole, words_of
from courseware.web.panel import AskedShown, Panel, panel_of
from courseware.web.routing import Area, Context, Page, Redirect, Result, signed_in
from courseware.web.workbench import Frame, Run, back_to, clock_words, frame_of, open_run, work_in

area = Area("verbs")

MOST_MOVING = 5  # rows of a table that the comparison names
COMPARE = "compare"  # the button of a merger that shows both records first


@dataclass(frozen=True)
class Compared:
    """A field of two records that may be one: what each holds."""

    name: str
    label: str
    here: str
    there: str
    may_take: bool
    taken: bool


@dataclass(frozen=True)
class Moving:
    """Rows of one table that move over: the first of them by address and name, and how many there are."""

    label: Text
    rows: int
    first: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class VerbPage:
    """The form of a verb. `compared` is filled for a merger once the other record is chosen."""

    frame: Frame
    panel: Panel | None
    verb: Verb
    action: str
    on: int | None
    record: str
    record_href: str | None
    fields: tuple[FieldShown, ...]
    problem: Message | None
    compared: tuple[Compared, ...] = ()
    other: str = ""
    other_id: int | None = None
    moving: tuple[Moving, ...] = ()
    asked: AskedShown | None = None
    leads: str = ""

    @property
    def error_count(self) -> int:
        return sum(field.error is not None for field in self.fields)


@area.get("/practise/runs/<int:run_id>/do/<verb>", policy=signed_in)
def form(ctx: Context, run_id: int, verb: str) -> Result:
    run = open_run(ctx, run_id)
    if not run.is_open:
        raise NotFound
    known = _known(verb)
    args = ctx.request.args
    with run.state() as state:
        row = _row(state, known, whole(args.get("on", "")))
        started = {name: value for name, value in known.initial(row).items() if value is not None} if row else {}
        typed = {**started, **{field.name: args[field.name] for field in known.fields(state.tables) if field.name in args}}
        page = _page(ctx, run, state, known, row, typed, {})
    return Page("practise/verb.html", page)


@area.post("/practise/runs/<int:run_id>/do/<verb>", policy=signed_in)
def act(ctx: Context, run_id: int, verb: str) -> Result:
    """Do it; or search for a record of a list (`find`); or give the form back with what is wrong beside the field."""
    attempt, course, scenario = work_in(ctx, run_id)
    known = _known(verb)
    on = whole(ctx.form.get("on", ""))
    find = ctx.form.get("find", "")
    if find in ("", COMPARE):
        find = sought(ctx, known.fields(course.tables)) or find
    if find:
        return _again(ctx, run_id, known, on, None, find)
    arguments = arguments_of(ctx, known, known.fields(course.tables))
    if known.on and on is not None:
        arguments["record"] = on
    try:
        done = attempts.act(ctx.session, attempt, scenario=scenario, state=checkout(course.base), verb=verb, arguments=arguments, now=ctx.now)
    except (Invalid, Refused) as problem:
        return _again(ctx, run_id, known, on, problem)
    at = clock_words(done.journal.clock(attempts.paper_at(attempt).start), ctx.language)
    if verb == "time.forward":
        others = [entry for entry in done.entries if entry.by_event]
        told = message("Time has moved on to %(at)s. What others did meanwhile: %(count)s steps.", at=at, count=len(others))
        return Redirect(f"/practise/runs/{run_id}/story", told, (f"#step-{(others or done.entries)[0].no}", message("To the new steps")))
    if verb == "answer.give":
        return Redirect(back_to(ctx, run_id, f"q-{arguments.get('key', '')}"), message("Your answer is kept. You may change it until you hand in."))
    gone = any(change.after is None and (change.table, change.id) == done.record for entry in done.entries for change in entry.changes)
    where = f"/practise/runs/{run_id}" + (f"/{done.record[0]}" if done.record else "") + (f"/{done.record[1]}" if done.record and not gone else "")
    return Redirect(where, message("Done. It is %(at)s in the sandbox now.", at=at))


def _known(name: str) -> Verb:
    if name not in VERBS:
        raise NotFound
    return VERBS[name]


def _row(state: State, verb: Verb, on: int | None) -> Row | None:
    """The record the verb acts on, or fills in. Raises NotFound where one is needed and there is none."""
    table = verb.on or verb.fills
    if table is None or (verb.on is None and on is None):
        return None
    row = state.get(table, on)
    if row is None:
        raise NotFound
    return row


def _again(ctx: Context, run_id: int, verb: Verb, on: int | None, problem: Invalid | Refused | None, find: str = "") -> Result:
    """The form once more, with everything that was typed."""
    run = open_run(ctx, run_id)
    typed: dict[str, Any] = {name: ctx.request.form.getlist(name) if len(ctx.request.form.getlist(name)) > 1 else ctx.form[name] for name in ctx.request.form}
    with run.state() as state:
        errors: dict[str, Message] = {}
        if isinstance(problem, Invalid) and problem.field and problem.field in {*(field.name for field in verb.fields(state.tables)), typed.get("key", "")}:
            errors[problem.field] = problem.message
        if find == COMPARE and not typed.get("other"):
            errors["other"] = message("Search for the other record and choose it first.")
        page = _page(ctx, run, state, verb, _row(state, verb, on), typed, errors, None if errors or problem is None else problem.message, find)
    return Page("practise/verb.html", page, problem.status if problem else 200)


def _page(
    ctx: Context, run: Run, state: State, verb: Verb, row: Row | None, typed: Mapping[str, Any], errors: Mapping[str, Message], problem: Message | None = None, find: str = ""
) -> VerbPage:
    table = verb.on or verb.fills
    home = f"{run.address}/{table}/{row['id']}" if row and table else None
    back = home or run.address
    panel = panel_of(ctx, run, state)
    fields = verb.fields(state.tables)
    other = whole(str(typed.get("other", ""))) if _is_merger(verb) and find != "other" else None
    there = state.get(verb.on or "", other) if other is not None and row is not None and other != row["id"] else None
    compared: tuple[Compared, ...] = ()
    if there is not None and row is not None and verb.on:
        taken = typed.get("take", [])
        compared = _compared(ctx, state, verb, row, there, {taken} if isinstance(taken, str) else set(taken))
        fields = ()
    near = near_to(state, table, row) or next((found for field in fields if (found := near_to(state, field.table, _chosen(state, field, typed)))), None)
    if _is_merger(verb) and near and near.table == verb.on:
        near = None  # no record is merged with itself
    asked = _asked(panel, typed) if verb.name == "answer.give" else None
    if verb.name == "answer.give" and asked is None:
        raise NotFound
    return VerbPage(
        frame=frame_of(ctx, run, back),
        panel=panel,
        verb=verb,
        action=f"{run.address}/do/{verb.name}",
        on=row["id"] if row else None,
        record=show.title(state, table, row) if row and table else "",
        record_href=home,
        fields=tuple(field_shown(ctx, state, field, typed, errors.get(field.name), find, near) for field in fields if not (_is_merger(verb) and field.type == "choices"))
        if asked is None
        else (),
        problem=problem or (errors.get(asked.question.key) or next(iter(errors.values()), None) if asked else None),
        compared=compared,
        other=show.title(state, verb.on, there) if there is not None and verb.on else "",
        other_id=there["id"] if there else None,
        moving=_moving(state, run.address, verb.on, there["id"]) if there is not None and verb.on else (),
        asked=asked,
        leads=str(typed.get("back", "")) or back,
    )


def _chosen(state: State, field: Field, typed: Mapping[str, Any]) -> Row | None:
    """The record that a field holds now: the one whose page led here, or one chosen before a search."""
    id = whole(str(typed.get(field.name) or "")) if field.table else None
    return state.get(field.table, id) if field.table and id is not None else None


def _asked(panel: Panel | None, typed: Mapping[str, Any]) -> AskedShown | None:
    asked = next((each for each in panel.questions if each.question.key == typed.get("key")), None) if panel else None
    return AskedShown(asked.question, asked.text, typed.get("value", asked.answer)) if asked else None


# Merging


def _is_merger(verb: Verb) -> bool:
    return verb.name.endswith(".merge")


def _compared(ctx: Context, state: State, verb: Verb, row: Row, there: Row, taken: set[str]) -> tuple[Compared, ...]:
    take = next(field for field in verb.fields(state.tables) if field.type == "choices")
    table = verb.on or ""

    def line(name: str, label: Label) -> Compared:
        here, other = (show.value(state, table, name, side[name]).to(ctx.language) if side[name] is not None else "" for side in (row, there))
        differs = row[name] != there[name] and there[name] is not None
        return Compared(name, words_of(ctx, label), here, other, differs, name in taken)

    return tuple(line(name, label) for name, label in take.choices.items() if row[name] is not None or there[name] is not None)


def _moving(state: State, address: str, table: str, id: int) -> tuple[Moving, ...]:
    """What hangs on the other record and moves over."""
    found: dict[str, dict[int, str]] = {}
    for child, column in state.tables.pointing_at(table):
        if column.name != "merged_into_id":
            rows = state.rows(child.name, **{column.name: id})
            found.setdefault(child.name, {}).update({row["id"]: show.title(state, child.name, row) for row in rows})
    return tuple(
        Moving(state.tables[name].label, len(rows), tuple((f"{address}/{name}/{row}", title) for row, title in list(rows.items())[:MOST_MOVING]))
        for name, rows in found.items() if rows
    )  # fmt: skip
