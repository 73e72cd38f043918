"""What quality work leaves behind: the wider library, marked talks, measures and the views that colleagues keep. Cases and talks are elsewhere."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from courseware.sandbox.firm.desk import within_hours
from courseware.sandbox.firm.draft import Draft, at, pick

_MARKED = 15  # so many talks were marked


def knowledge_articles(draft: Draft) -> None:
    """Add the rest of the library. The talks of the base cite those of service.py alone: they are told before these are there."""
    rng = draft.random("library")
    editors = draft.staff("Knowledge editor", "Service agent")
    for number, entry in enumerate(draft.material.quality.library, len(draft.rows["knowledge_articles"]) + 1):
        views = int(rng.paretovariate(1.1) * 25)
        draft.add("knowledge_articles", no=f"K-{100 + number}", title=entry.title, body=entry.body, status=pick(rng, {"published": 86, "draft": 9, "retired": 5}),
                  reason_code=entry.reason, family=entry.family, author_id=rng.choice(editors)["id"], published_at=at(draft.calendar.moment(rng)), views=views,
                  helpful=int(views * rng.uniform(0.15, 0.75)))  # fmt: skip


def qa_forms(draft: Draft) -> None:
    form = draft.material.quality.form
    for number, item in enumerate(form.items, 1):
        draft.add("qa_forms", form=form.name, item_no=number, **item.model_dump())


def qa_scores(draft: Draft) -> None:
    """Mark some calls of this year, every item of each: most are met, some do not apply."""
    rng = draft.random("qa_scores")
    reviewers, agents = draft.staff("Service team leader"), {row["id"] for row in draft.staff("Service agent")}
    calls = [row for row in draft.rows["interactions"] if row["kind"] == "call" and row.get("employee_id") in agents and "2026-01" <= row["at"] < "2026-03-06"]
    for call in sorted(rng.sample(calls, min(_MARKED, len(calls))), key=lambda row: int(row["id"])):
        reviewer = rng.choice(reviewers)
        scored = within_hours(datetime.fromisoformat(call["at"]) + timedelta(days=rng.randint(1, 5), minutes=rng.randrange(200)))
        for item in draft.rows["qa_forms"]:
            mark = pick(rng, {"yes": 95, "no": 5} if item["critical"] != "none" else {"yes": 74, "no": 16, "na": 10})
            points = {"yes": item["weight"], "no": 0.0, "na": None}[mark]
            draft.add("qa_scores", interaction_id=call["id"], reviewer_id=reviewer["id"], item_id=item["id"], mark=mark, points=points, scored_at=at(scored))


def kpi_definitions(draft: Draft) -> None:
    for entry in draft.material.quality.measures:
        values = entry.model_dump(exclude={"owner"})
        draft.add("kpi_definitions", **values, owner_id=draft.staff(entry.owner)[0]["id"], active=1, created_at="2025-12-18 15:00")


def saved_views(draft: Draft) -> None:
    """Keep the views that colleagues saved in the last week; their days are those of that week."""
    rng = draft.random("saved_views")
    for entry in draft.material.quality.views:
        draft.add("saved_views", name=entry.name, source=entry.source, filters=json.dumps(dict(entry.filters), ensure_ascii=False), columns=json.dumps(entry.columns),
                  sort=entry.sort, owner_id=rng.choice(draft.staff(entry.owner))["id"], saved_at=at(draft.calendar.moment(rng, rng.choice(draft.calendar.days[-5:]))))  # fmt: skip
