"""Verbs on saved views: keep what a list shows under a name, and let it go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Refused
from courseware.i18n import message
from courseware.sandbox.verbs import Argument, Desk, verb
from courseware.sandbox.views import check, view_of

_WHAT = ("filters", "columns", "sort")


@verb(
    "view.save",
    Argument("name", "saved_views.name", required=True), Argument("source", "saved_views.source", required=True), *(Argument(name, f"saved_views.{name}") for name in _WHAT),
    label=message("Save a view"), minutes=1, makes="saved_views",
    help=message("A list with its filters, columns and order under a name. Saving under the same name replaces it."),
)  # fmt: skip
def save(desk: Desk, given: Mapping[str, Any]) -> int:
    what = {name: given.get(name) for name in _WHAT}
    check(desk.state, view_of({"source": given["source"], **what}))
    standing = next(iter(desk.state.rows("saved_views", source=given["source"], name=given["name"], owner_id=desk.by)), None)
    if standing is None:
        return desk.state.insert("saved_views", {"name": given["name"], "source": given["source"], **what, "owner_id": desk.by, "saved_at": desk.at})
    desk.change("saved_views", standing["id"], **what)
    desk.state.update("saved_views", standing["id"], saved_at=desk.at)
    return int(standing["id"])


@verb("view.delete", label=message("Delete the view"), minutes=1, on="saved_views", help=message("The records it showed stay as they are."))
def delete(desk: Desk, given: Mapping[str, Any]) -> int:
    view = desk.record("saved_views", given["record"])
    if view["owner_id"] != desk.by:
        raise Refused(message("This view belongs to somebody else."))
    desk.state.delete("saved_views", view["id"])
    return int(view["id"])
