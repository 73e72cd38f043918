"""Verbs on surveys: note a doubt about an answer, and put a result into one sentence with its figure, base, method and doubt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid
from courseware.i18n import message
from courseware.sandbox.actions.work import save_brief
from courseware.sandbox.verbs import Argument, Desk, verb

SENTENCE = "Survey result 调查结果"  # the subject of the brief that holds it, alike in every language
METHODS = {
    "raw": message("share of those who answered"),
    "weighted": message("share by segment, weighted by customers"),
    "bounds": message("lower and upper bound over all who were asked"),
    "estimate": message("answers and follow-up calls combined"),
}
DOUBTS = {
    "none": message("no doubt"),
    "size": message("too few answers"),
    "chosen": message("in one place staff chose whom to ask"),
    "polite": message("the question invites a polite answer"),
    "calls": message("people lie on the telephone"),
}
FIXES = {
    "call-silent": message("After each wave, call a random sample of those who did not answer"),
    "by-lot": message("Draw by lot whom to ask, in every branch"),
    "neutral": message("Ask neutrally, with both ends of the scale named"),
    "by-segment": message("Report by segment and weight by customers"),
    "send-more": message("Send ten times as many questionnaires in the same way"),
    "drop-low": message("Leave out the lowest scores as outliers"),
    "reward-five": message("Give a voucher for every 5"),
    "faithful": message("Ask only customers who have answered before"),
}


@verb("survey.flag", Argument("flag", "surveys.flag", required=True), label=message("Note a doubt about this answer"), minutes=1, on="surveys", edits=True)
def flag(desk: Desk, given: Mapping[str, Any]) -> int:
    return desk.change("surveys", given["record"], flag=given["flag"])


@verb(
    "survey.report",
    Argument("method", type="choice", label=message("Method"), required=True, choices=METHODS),
    Argument("figure", type="number", label=message("Satisfied, %"), help=message("For every method but the bounds.")),
    Argument("low", type="number", label=message("Lower bound, %")),
    Argument("high", type="number", label=message("Upper bound, %")),
    Argument("sent", type="integer", label=message("Customers asked"), required=True),
    Argument("answered", type="integer", label=message("Questionnaires answered"), required=True),
    Argument("doubt", type="choice", label=message("A doubt about how the answers came about"), required=True, choices=DOUBTS),
    Argument("fix_1", type="choice", label=message("First improvement"), required=True, choices=FIXES),
    Argument("fix_2", type="choice", label=message("Second improvement"), required=True, choices=FIXES),
    label=message("Put the result into one sentence"), minutes=5, keeps="briefs.fields", makes="briefs",
    help=message("“By this method so many per cent are satisfied; so many were asked, so many answered; but …” Saving it again replaces what stood there."),
)  # fmt: skip
def report(desk: Desk, given: Mapping[str, Any]) -> int:
    fields = {name: value for name, value in given.items() if value is not None}
    _check(fields)
    return save_brief(desk, "report", SENTENCE, fields)


def _check(fields: Mapping[str, Any]) -> None:
    """A sentence states what its method gives: two bounds, or one figure; never both."""
    wanted = ("low", "high") if fields["method"] == "bounds" else ("figure",)
    for name in ("figure", "low", "high"):
        if name in wanted and name not in fields:
            raise Invalid(message("This method needs this figure."), name)
        if name not in wanted and name in fields:
            raise Invalid(message("This method does not give this figure. Leave it empty."), name)
        if not 0 <= fields.get(name, 0) <= 100:
            raise Invalid(message("A share lies between 0 and 100 %."), name)
    if fields.get("low", 0) > fields.get("high", 100):
        raise Invalid(message("The lower bound cannot be above the upper one."), "low")
    if not 0 <= fields["answered"] <= fields["sent"]:
        raise Invalid(message("No more can have answered than were asked."), "answered")
    if fields["fix_1"] == fields["fix_2"]:
        raise Invalid(message("Choose two different improvements."), "fix_2")
