"""The SQL console of a run: the tables, a query, its rows. A query is a look: it is asked with GET, changes nothing and waits for no writer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from courseware.sandbox.console.pool import ROWS
from courseware.web.console import POOL, ResultShown, result_shown
from courseware.web.kept import shelf_of
from courseware.web.lists import csv_file
from courseware.web.routing import Area, Context, Page, Result, signed_in
from courseware.web.views import fragment
from courseware.web.workbench import Frame, Run, frame_of, menu_of, open_run

area = Area("console")

@dataclass(frozen=True)
class ConsolePage:
    """The console with what was typed, and what it gave."""

    frame: Frame
    panel: None
    tabs: Markup
    schema: Markup
    sql: str
    result: ResultShown | None
    most_rows: int
    seconds: float
    longest: int
    content_language: str


LONGEST = 5_000  # characters of a query, which travels in the address


@area.get("/practise/runs/<int:run_id>/console", policy=signed_in)
def show(ctx: Context, run_id: int) -> Result:
    run = open_run(ctx, run_id)
    sql = ctx.request.args.get("sql", "")
    result = None
    if sql.strip():
        found = POOL.run(run.course.base, run.changes, sql, asker=(ctx.site.school.name, ctx.who.id))
        if found.status == "ok" and ctx.request.args.get("format") == "csv":
            return csv_file(f"query-{run.file_name}", found.columns, found.rows)
        result = result_shown(found, "?" + urlencode({"sql": sql, "format": "csv"}))
    page = ConsolePage(
        frame=frame_of(ctx, run),
        panel=None,
        tabs=_part(ctx, run, "tabs", (menu_of(run.course), "console")),
        schema=_part(ctx, run, "schema", run.course.tables),
        sql=sql,
        result=result,
        most_rows=ROWS,
        seconds=POOL.seconds,
        longest=LONGEST,
        content_language="zh-CN" if run.paper.language == "zh" else "en",
    )
    return Page("practise/console.html", page)


def _part(ctx: Context, run: Run, name: str, value: Any) -> Markup:
    """A part of the page that is the same for everybody; it is rendered once."""
    key = ("console", name, run.course.revision, ctx.language)
    return shelf_of(ctx.site).part(key, lambda: fragment(f"practise/{name}.html", ctx, ctx.language, value))
