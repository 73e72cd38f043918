"""Verbs on the register of commitments: write down who promised what and where it was said, mark a conflict, decide what becomes of a promise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.state import Row
from courseware.sandbox.verbs import Argument, Desk, done, verb

_TERMS = ("value", "unit", "condition", "due_on", "opportunity_id")
DECISIONS = {
    "kept": message("kept: it has been done"),
    "confirmed": message("confirmed: it holds, and will be done"),
    "renegotiated": message("renegotiated with the customer"),
    "withdrawn": message("withdrawn, and the customer told"),
}


@verb(
    "commitment.record",
    Argument("account_id", "commitments.account_id", required=True), Argument("kind", "commitments.kind", required=True),
    Argument("text", "commitments.text", required=True),
    Argument("made_by_id", "commitments.made_by_id", help=message("Left empty: the colleague of the interaction, who may have left.")),
    Argument("source_interaction_id", "commitments.source_interaction_id", required=True, help=message("Its time is the time of the promise.")),
    *(Argument(name, f"commitments.{name}") for name in _TERMS),
    label=message("Record a commitment"), minutes=2, makes="commitments", help=message("A promise that rests on no record cannot be kept by anybody but the one who made it."),
)  # fmt: skip
def record(desk: Desk, given: Mapping[str, Any]) -> int:
    said = desk.record("interactions", given["source_interaction_id"])
    if said["account_id"] != given["account_id"]:
        raise Invalid(message("This interaction stands under another account."), "source_interaction_id")
    maker = given.get("made_by_id") or said["employee_id"]
    if desk.state.rows("commitments", source_interaction_id=said["id"], kind=given["kind"], made_by_id=maker):
        raise Refused(message("This promise is in the register already."))
    return desk.state.insert("commitments", {**given, "made_by_id": maker, "made_at": said["at"], "status": "open"})


@verb(
    "commitment.mark_conflict", Argument("conflicts_with_id", "commitments.conflicts_with_id", required=True),
    label=message("Mark a conflict with another commitment"), minutes=1, on="commitments", help=message("Two promises that cannot both be kept. The mark stands on both."),
)  # fmt: skip
def mark_conflict(desk: Desk, given: Mapping[str, Any]) -> int:
    one, other = desk.record("commitments", given["record"]), desk.record("commitments", given["conflicts_with_id"])
    if one["id"] == other["id"] or one["account_id"] != other["account_id"]:
        raise Invalid(message("Choose another commitment to the same account."), "conflicts_with_id")
    changed = [desk.state.update("commitments", here["id"], conflicts_with_id=there["id"]) for here, there in ((one, other), (other, one))]
    return done(one["id"], any(changed))


@verb(
    "commitment.decide",
    Argument("status", "commitments.status", label=message("What becomes of it"), required=True, choices=DECISIONS),
    Argument("note", "commitments.note", help=message("Needed where a promise is changed or withdrawn: what was agreed instead.")),
    label=message("Decide on the commitment"), minutes=1, on="commitments",
)  # fmt: skip
def decide(desk: Desk, given: Mapping[str, Any]) -> int:
    commitment = _undecided(desk, given["record"])
    if given["status"] in ("renegotiated", "withdrawn") and not given.get("note"):
        raise Invalid(message("Say what was agreed with the customer instead."), "note")
    note = given.get("note") or commitment["note"]
    desk.state.update("commitments", commitment["id"], status=given["status"], note=note, decided_by_id=desk.by, decided_at=desk.at)
    return int(commitment["id"])


def _undecided(desk: Desk, id: int) -> Row:
    """Give a commitment that is still to be kept: an open one, or one that was confirmed."""
    commitment = desk.record("commitments", id)
    if commitment["status"] not in ("open", "confirmed"):
        raise Refused(message("This commitment has been decided on already."))
    return commitment
