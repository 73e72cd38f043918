"""Verbs of whoever takes over a customer at short notice: the account brief, each fact with the record it rests on, and a call to the colleague who left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import Message, message
from courseware.sandbox.actions.work import save_brief, write_down
from courseware.sandbox.verbs import Argument, Desk, verb

NOT_ON_RECORD = message("It is not in the record")
CHANGES = {
    "price": message("the price"),
    "terms": message("the payment terms only"),
    "quantity": message("the quantity"),
    "delivery": message("the delivery date"),
    "nothing": message("no difference"),
    "not-on-record": NOT_ON_RECORD,
}
APPROVERS = {
    "nobody": message("nobody"),
    "finance-manager": message("the finance manager"),
    "director": message("the sales director"),
    "lead": message("the regional sales lead"),
    "salesperson": message("the salesperson alone"),
    "not-on-record": NOT_ON_RECORD,
}
PROMISES = {
    "none": message("no promise"),
    "discount": message("a discount"),
    "delivery": message("a delivery date"),
    "training": message("training"),
    "installation": message("installation"),
    "warranty": message("a longer warranty"),
    "not-on-record": NOT_ON_RECORD,
}
LAST_WORDS = {
    "all-agreed": message("that all is agreed"),
    "price-open": message("that the price is still open"),
    "call-off": message("that the signing is called off"),
    "not-on-record": NOT_ON_RECORD,
}
_CITES = message("Number of a quote or case, or date and time of an interaction: 2026-02-11 14:20.")


def _cited(name: str, label: Message) -> Argument:
    return Argument(name, label=label, help=_CITES)


_NUMBERS = {"decider": "contacts", "quote": "quotes", "case": "cases"}  # chosen in a list, kept by number: a brief is read by people
CITED = ("decider_on", "changed_on", "approved_on", "promise_on", "competitor_on")
_FACTS = (
    Argument("decider", type="ref", table="contacts", label=message("1. Who decides on the customer's side"), required=True),
    _cited("decider_on", message("1. rests on")),
    Argument("quote", type="ref", table="quotes", label=message("2. Version on the table"), required=True),
    Argument("changed", type="choice", label=message("3. What it changed against the version before"), required=True, choices=CHANGES),
    _cited("changed_on", message("3. rests on")),
    Argument("approved", type="choice", label=message("4. Who approved that change"), required=True, choices=APPROVERS),
    _cited("approved_on", message("4. rests on")),
    Argument("promise", type="choice", label=message("5. What is promised besides and not kept yet"), required=True, choices=PROMISES),
    Argument("promised_by", label=message("5. By whom"), help=message("Number of the colleague, who may have left: E-012.")),
    _cited("promise_on", message("5. rests on")),
    Argument("case", type="ref", table="cases", label=message("6. Open problem")),
    Argument("competitor", label=message("7. Competitor named")),
    _cited("competitor_on", message("7. rests on")),
    Argument("floor_pct", type="number", label=message("8. Red line: least margin, %")),
    Argument("longest_days", type="number", label=message("8. Red line: longest payment term, days")),
    Argument("rule", type="ref", table="price_rules", label=message("8. rests on")),
    Argument("last_day", type="choice", label=message("9. What was said to the customer on the colleague's last day"), required=True, choices=LAST_WORDS),
    Argument("opening", type="long_text", label=message("Three sentences to open with"), required=True),
)


@verb(
    "account.brief", *_FACTS,
    label=message("Save the account brief"), minutes=10, keeps="briefs.fields", on="accounts", makes="briefs",
    help=message("Nine facts, each with the record it rests on. Saving it again replaces what stood there, and takes its time again."),
)  # fmt: skip
def brief(desk: Desk, given: Mapping[str, Any]) -> int:
    account = desk.record("accounts", given["record"])
    if account["merged_into_id"] is not None:
        raise Refused(message("This account was merged into another one. Work on that one."))
    cited = {name: _record(desk, account["id"], given[name], name) for name in CITED if given.get(name)}
    if given.get("promised_by") and not desk.state.rows("employees", no=given["promised_by"]):
        raise Invalid(message("There is no colleague with this number."), "promised_by")
    chosen = {name: desk.record(table, given[name])["no"] for name, table in _NUMBERS.items() if given.get(name)}
    if given.get("rule"):
        chosen["rule"] = desk.record("price_rules", given["rule"])["name"]
    facts = {fact.name: given[fact.name] for fact in _FACTS if given.get(fact.name) not in (None, "")} | chosen | cited
    saved = save_brief(desk, "account-brief", f"{account['no']} {account['name']}", facts)
    desk.state.update("briefs", saved, account_id=account["id"])
    return saved


@verb(
    "employee.call_former", label=message("Call this former colleague"), minutes=20, on="employees", final=True,
    help=message("Who has left may help, or not. What is said on the telephone is not in the record."),
)  # fmt: skip
def call_former(desk: Desk, given: Mapping[str, Any]) -> int:
    colleague = desk.record("employees", given["record"])
    if colleague["left_on"] is None or colleague["left_on"] > desk.at[:10]:
        raise Refused(message("This colleague has not left; simply ask."))
    return write_down(desk, kind="call", direction="internal", subject=str(colleague["name"]))


def _record(desk: Desk, account: int, citation: str, argument: str) -> str:
    """Give the number of a quote or case, or the time of an interaction, of this account. Raises Invalid where there is none."""
    wanted = citation.strip()
    found = [row for table, column in (("quotes", "no"), ("cases", "no"), ("interactions", "at")) for row in desk.state.rows(table, **{column: wanted})]
    if any(row["account_id"] == account for row in found):
        return wanted
    if found:
        raise Invalid(message("This record stands under another account. If it is the same customer, merge the two first."), argument)
    raise Invalid(message("There is no quote or case with this number, and no interaction at this time."), argument)
