"""The verb of the marketing analyst: report what campaigns have returned, and what the figure cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid
from courseware.i18n import message
from courseware.sandbox.actions.work import save_brief
from courseware.sandbox.verbs import Argument, Desk, verb

RETURN = "Return on campaigns 活动回报"  # the subject of the brief that holds it, alike in every language
LIMITS = {
    "open-offers": message("Offers that are still open are not in it: what was done last has had the least time"),
    "other-rule": message("Another rule of crediting would give the same orders to other campaigns"),
    "baseline": message("Some of these customers would have bought without any campaign"),
    "no-answer": message("Orders without a recorded answer count for no campaign, whatever led to them"),
    "revenue": message("Revenue would show more, so the true return is higher"),
    "sunk": message("The cost is spent and should be left out"),
    "winners": message("Campaigns without orders should not be counted"),
    "too-few": message("So few orders cannot be added up"),
}


@verb(
    "campaign.report",
    Argument("roi", type="number", label=message("Return on all campaigns together, %"), required=True),
    Argument("best_id", type="ref", table="campaigns", label=message("Highest return to date"), required=True),
    Argument("worst_id", type="ref", table="campaigns", label=message("Lowest return to date"), required=True),
    Argument("limit_1", type="choice", label=message("What the figure cannot tell"), required=True, choices=LIMITS),
    Argument("limit_2", type="choice", label=message("What else it cannot tell"), required=True, choices=LIMITS),
    label=message("Report the return on campaigns"), minutes=5, keeps="briefs.fields", makes="briefs",
    help=message("One figure, the best and the worst campaign, and two limits. Saving it again replaces what stood there."),
)  # fmt: skip
def report(desk: Desk, given: Mapping[str, Any]) -> int:
    if given["best_id"] == given["worst_id"]:
        raise Invalid(message("The best cannot be the worst as well."), "worst_id")
    if given["limit_1"] == given["limit_2"]:
        raise Invalid(message("Choose two different limits."), "limit_2")
    return save_brief(desk, "report", RETURN, given)
