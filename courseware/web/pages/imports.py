"""The page of an import: set the file up, see what would become of each row, commit, and the account of the rows that is kept. The rules are the verbs'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from courseware.errors import CoursewareError, Invalid, NotFound, Refused
from courseware.i18n import Message, Text, message
from courseware.sandbox import attempts, queries
from courseware.sandbox.actions import VERBS, imports
from courseware.sandbox.imports import INTERESTS, Judged, cells_of
from courseware.sandbox.imports import left_out as left_out_of
from courseware.sandbox.state import Row, State, checkout
from courseware.web.kept import shelf_of
from courseware.web.lists import asked, listing
from courseware.web.panel import Panel, panel_of
from courseware.web.routing import Area, Context, Page, Redirect, Result, signed_in
from courseware.web.views import fragment
from courseware.web.workbench import Frame, Run, clock_words, frame_of, note_look, open_run, work_in

area = Area("imports")

KINDS: Mapping[str, Message] = {
    "imported": message("new: imported"),
    "repeat": message("repeat of another row: merged"),
    "known": message("on record already: merged"),
    "no-channel": message("no working channel: rejected"),
    "staff": message("our own staff: rejected"),
    "supplier": message("supplier: rejected"),
}
LEFT_OUT = "left-out"  # a filter beside the kinds
FILTERS: Mapping[str, Message] = {**KINDS, LEFT_OUT: message("a channel left out")}
CHANNELS: Mapping[str, Message] = {"mobile": message("mobile left out"), "email": message("e-mail left out")}
SHOWN = ("name", "company", "mobile", "email", "consent", "interest")


@dataclass(frozen=True)
class RowShown:
    """A row of the file: what it holds, what becomes of it, which row or record that refers to."""

    line_no: int
    cells: tuple[str, ...]
    kind: str | None
    repeats: int | None = None
    left_out: tuple[str, ...] = ()
    href: str | None = None

    @property
    def word(self) -> Message | None:
        return KINDS[self.kind] if self.kind else None

    @property
    def notes(self) -> tuple[Message, ...]:
        return tuple(CHANNELS[kind] for kind in self.left_out)


@dataclass(frozen=True)
class RowsShown:
    """The rows of one page of the list, the account of all rows, and what to look at before committing. Ready to be kept."""

    heads: tuple[Message | str, ...]
    rows: Sequence[RowShown]
    account: tuple[tuple[Message, int, str, bool], ...]
    total: int
    of: int
    page: int
    pages: int
    before: str
    after: str
    chosen: Message | None
    problems: tuple[Message, ...]
    is_committed: bool


@dataclass(frozen=True)
class ColumnShown:
    """A field of ours, and the headings of the file that may fill it."""

    name: str
    label: Message
    required: bool
    value: str
    error: Message | None


@dataclass(frozen=True)
class Chosen:
    """A group of boxes of which any may be ticked."""

    name: str
    label: Message
    options: tuple[tuple[str, Message], ...]
    values: frozenset[str]
    error: Message | None


@dataclass(frozen=True)
class SetUpShown:
    """The form of the set-up, with what stands in it."""

    columns: tuple[ColumnShown, ...]
    headings: tuple[tuple[str, str], ...]
    boxes: tuple[Chosen, ...]
    rules: tuple[tuple[str, Text], ...]
    rule: str
    rule_error: Message | None
    campaigns: tuple[tuple[str, str], ...]
    campaign: str
    campaign_error: Message | None


@dataclass(frozen=True)
class ImportPage:
    frame: Frame
    panel: Panel | None
    id: int
    file: str
    label: Text
    status: Text
    created: str
    previewed: str
    committed: str
    is_set_up: bool
    is_previewed: bool
    form: SetUpShown | None
    problem: Message | None
    minutes: Mapping[str, int]
    rows: Markup

    @property
    def is_committed(self) -> bool:
        return bool(self.committed)


@area.get("/practise/runs/<int:run_id>/imports/<int:import_id>", policy=signed_in)
def show(ctx: Context, run_id: int, import_id: int) -> Result:
    run = open_run(ctx, run_id)
    page = _page(ctx, run, import_id)
    note_look(ctx, run, "look.record", {"table": "imports", "record": import_id})
    return Page("practise/import.html", page)


@area.post("/practise/runs/<int:run_id>/imports/<int:import_id>", policy=signed_in)
def act(ctx: Context, run_id: int, import_id: int) -> Result:
    """Do what the button says: `save` the set-up, save it and `preview`, or `commit`. What does not fit comes back beside its field."""
    wanted = ctx.form.get("do", "preview")
    verbs = {"save": ("import.set_up",), "save-preview": ("import.set_up", "import.preview"), "preview": ("import.preview",), "commit": ("import.commit",)}
    attempt, course, scenario = work_in(ctx, run_id)
    at = ""
    for verb in verbs.get(wanted, ()):
        arguments = {"record": import_id, **(_typed(ctx) if verb == "import.set_up" else {})}
        try:
            done = attempts.act(ctx.session, attempt, scenario=scenario, state=checkout(course.base), verb=verb, arguments=arguments, now=ctx.now)
            at = clock_words(done.journal.clock(attempts.paper_at(attempt).start), ctx.language)
        except (Invalid, Refused) as problem:
            if verb == "import.set_up" and wanted == "save-preview" and isinstance(problem, Refused):
                continue  # the set-up is as it was: the preview says whether that is in order
            return Page("practise/import.html", _page(ctx, open_run(ctx, run_id), import_id, problem), problem.status)
    return Redirect(f"/practise/runs/{run_id}/imports/{import_id}#rows", message("Done. It is %(at)s in the sandbox now.", at=at))


def _typed(ctx: Context) -> dict[str, Any]:
    form = ctx.request.form
    several = {name: form.getlist(name) for name in ("normalise", "match_keys")}
    return {**{name: form[name] for name in (*imports.COLUMNS, "consent_rule", "campaign_id") if name in form}, **several}


def _page(ctx: Context, run: Run, import_id: int, problem: CoursewareError | None = None) -> ImportPage:
    here = f"{run.address}/imports/{import_id}"
    with run.state() as state:
        batch = state.get("imports", import_id)
        if batch is None:
            raise NotFound
        declared = state.tables["imports"]
        errors: dict[str | None, Message] = {problem.field: problem.message} if isinstance(problem, Invalid) and problem.field else {}
        form = _form(ctx, state, batch, errors, problem is not None) if run.is_open and batch["status"] != "committed" else None
        panel = panel_of(ctx, run, state)
        rows = _rows(ctx, run, state, batch)
    return ImportPage(
        frame=frame_of(ctx, run, here), panel=panel, id=import_id, file=batch["file"], label=declared.label,
        status=declared.column("status").choices[batch["status"]], created=batch["created_at"] or "", previewed=batch["previewed_at"] or "",
        committed=batch["committed_at"] or "", is_set_up=bool(batch["mapping"]), is_previewed=batch["status"] == "previewed", form=form,
        problem=problem.message if problem is not None and not errors else None,
        minutes={name: VERBS[f"import.{name}"].minutes for name in ("set_up", "preview", "commit")}, rows=rows,
    )  # fmt: skip


# The set-up


def _form(ctx: Context, state: State, batch: Row, errors: Mapping[str | None, Message], is_typed: bool) -> SetUpShown:
    held = _typed(ctx) if is_typed and ctx.form.get("do", "").startswith("save") else _held(batch)
    examples: dict[str, str] = {}
    for line in imports.lines_of(state, batch["id"]):
        for name, value in line.raw.items():
            if value:
                examples.setdefault(name, str(value))
    return SetUpShown(
        columns=tuple(ColumnShown(name, label, name == "name", str(held.get(name) or ""), errors.get(name)) for name, label in imports.COLUMNS.items()),
        headings=tuple((name, f"{name} – {examples[name]}" if name in examples else name) for name in imports.headings(state, batch["id"])),
        boxes=tuple(
            Chosen(name, label, tuple(choices.items()), frozenset(held.get(name) or ()), errors.get(name))
            for name, label, choices in (
                ("normalise", message("Treat as alike"), imports.NORMALISE),
                ("match_keys", message("Same person if alike"), imports.MATCH),
            )
        ),
        rules=tuple(state.tables["imports"].column("consent_rule").choices.items()),
        rule=str(held.get("consent_rule") or ""),
        rule_error=errors.get("consent_rule"),
        campaigns=tuple((str(option.id), option.title) for option in queries.choose(state, "campaigns", most=200)),
        campaign=str(held.get("campaign_id") or ""),
        campaign_error=errors.get("campaign_id"),
    )


def _held(batch: Row) -> dict[str, Any]:
    """The set-up as it is kept; a file not set up yet starts empty."""
    if not batch["mapping"]:
        return {}
    kept = imports.set_up_of(batch)
    return {**kept.mapping, "normalise": kept.steps, "match_keys": kept.keys, "consent_rule": kept.consent_rule, "campaign_id": batch["campaign_id"]}


# The rows


def _rows(ctx: Context, run: Run, state: State, batch: Row) -> Markup:
    """The list of the rows. It is kept: judging some hundred rows again for each page of the list would be felt."""
    want = asked(ctx.request.args, "show", sort="")
    chosen = want.filters.get("show", "")
    key = ("import", *run.mark, run.course.revision, ctx.language, batch["id"], chosen, want.page)
    return shelf_of(ctx.site).lists.get(key, lambda: fragment("practise/import_rows.html", ctx, ctx.language, _rows_shown(run, state, batch, chosen, want.page)))


def _rows_shown(run: Run, state: State, batch: Row, chosen: str, page: int) -> RowsShown:
    is_judged = batch["status"] in ("previewed", "committed") and bool(batch["mapping"])
    judged = imports.judged(state, batch) if is_judged and batch["status"] == "previewed" else ()
    rows = [_would(row, run.address) for row in judged] if judged else _kept(run, state, batch, is_judged)
    counted = Counter(row.kind for row in rows)
    account = tuple((word, counted[kind], f"?{urlencode({'show': kind})}", chosen == kind) for kind, word in KINDS.items()) if is_judged else ()
    fitting = [row for row in rows if row.left_out] if chosen == LEFT_OUT else [row for row in rows if row.kind == chosen] if chosen in KINDS and is_judged else rows
    cut = listing(fitting, asked({"page": str(page)}, sort=""), {})
    headings: tuple[Message | str, ...] = tuple(imports.COLUMNS[name] for name in SHOWN) if is_judged else imports.headings(state, batch["id"])
    where = {"show": chosen} if chosen in FILTERS else {}
    before, after = ("?" + urlencode({**where, "page": cut.page + step}) + "#rows" for step in (-1, 1))
    return RowsShown(
        headings, cut.rows, account, cut.total, len(rows), cut.page, cut.pages, before, after, FILTERS.get(chosen) if is_judged else None,
        tuple(_problems(state, batch, judged)) if judged else (), batch["status"] == "committed",
    )  # fmt: skip


def _would(row: Judged, address: str) -> RowShown:
    """What would become of a row. It is shown as it would be written."""
    known = row.person.known if row.reason in ("known", "staff", "supplier") else None
    repeats = row.repeats.line_no if row.repeats else None
    return RowShown(row.line.line_no, tuple(row.cells.get(name, "") for name in SHOWN), row.reason or row.outcome, repeats, row.left_out, _href(known, address))


def _href(known: Any, address: str) -> str | None:
    return f"{address}/{known.table}/{known.id}" if known else None


def _kept(run: Run, state: State, batch: Row, is_judged: bool) -> list[RowShown]:
    """The rows of a file as they lie there, with what became of them if it is committed."""
    kept = {row["id"]: row for row in state.rows("import_rows", import_id=batch["id"])}
    numbers = {id: row["line_no"] for id, row in kept.items()}
    set_up = imports.set_up_of(batch)
    shown = []
    for line in imports.lines_of(state, batch["id"]):
        row = kept[line.id]
        cells = cells_of(set_up, line) if is_judged else {name: str(value or "") for name, value in line.raw.items()}
        record = next((f"{run.address}/{table}s/{row[f'{table}_id']}" for table in ("lead", "contact") if row[f"{table}_id"]), None)
        kind = (row["reason"] or row["outcome"]) if is_judged else None
        columns = SHOWN if is_judged else tuple(line.raw)
        left_out = left_out_of(cells) if is_judged else ()
        shown.append(RowShown(line.line_no, tuple(cells.get(name, "") for name in columns), kind, numbers.get(row["merged_into_row_id"]), left_out, record))
    return shown


def _problems(state: State, batch: Row, judged: Sequence[Judged]) -> list[Message]:
    """What a careful person would want to know before committing."""
    set_up = imports.set_up_of(batch)
    unused = [name for name in imports.headings(state, batch["id"]) if name not in set_up.mapping.values()]
    left_out = sum(bool(row.left_out) and row.outcome != "rejected" for row in judged)
    odd = sum(row.cells.get("interest", INTERESTS[0]) not in INTERESTS for row in judged)
    unclear = len({id(row.person) for row in judged if row.person.is_ambiguous})
    found = [message("The column “%(column)s” fills no field; what stands in it is not imported.", column=name) for name in unused]
    if left_out:
        found.append(message("In %(count)s rows the mobile or the e-mail cannot work and is left out; the other channel stays.", count=left_out))
    if odd:
        found.append(message("In %(count)s rows the interest code is neither V nor P and is left out.", count=odd))
    if unclear:
        found.append(message("%(count)s people fit two records at once. They go to the older contact; look whether the two records are one person.", count=unclear))
    return found
