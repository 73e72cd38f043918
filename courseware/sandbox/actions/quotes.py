"""Verbs on quotes: write one, ask for approval, send it with its explanation, supersede or delete it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.actions.work import write_down
from courseware.sandbox.prices import LinePrice, waits_for
from courseware.sandbox.state import Row
from courseware.sandbox.verbs import Argument, Desk, verb

REPLY_FORM = ("apology", "cause", "price", "valid_until")


@verb(
    "quote.create",
    Argument("account_id", "quotes.account_id", required=True), Argument("contact_id", "quotes.contact_id"),
    Argument("product_id", "quote_lines.product_id", required=True), Argument("qty", "quote_lines.qty", required=True), Argument("price", "quote_lines.price", required=True),
    Argument("valid_until", "quotes.valid_until", required=True), Argument("terms", "quotes.terms"),
    label=message("Write a quote"), minutes=4, everyday=True, makes="quotes", help=message("A draft with one line. The discount is worked out from the list price; nothing goes out yet."),
)  # fmt: skip
def create(desk: Desk, given: Mapping[str, Any]) -> int:
    product = desk.record("products", given["product_id"])
    if given["qty"] < 1 or given["price"] <= 0:
        raise Invalid(message("Quantity and price must be more than 0."), "qty" if given["qty"] < 1 else "price")
    _ahead(desk, given["valid_until"])
    if desk.record("accounts", given["account_id"])["merged_into_id"] is not None:
        raise Invalid(message("This account was merged into another one. Work on that one."), "account_id")
    before = [quote["version"] or 0 for quote in desk.state.rows("quotes", account_id=given["account_id"])]
    discount = round(100 * (1 - given["price"] / product["list_price"]), 2) if product["list_price"] else None
    quote = desk.state.insert("quotes", {
        "no": desk.state.next_number("quotes"), "account_id": given["account_id"], "contact_id": given.get("contact_id"), "owner_id": desk.by,
        "version": max(before, default=0) + 1, "status": "draft", "discount_pct": discount, "terms": given.get("terms"),
        "total": round(given["qty"] * given["price"], 2), "created_at": desk.at, "valid_until": given["valid_until"],
    })  # fmt: skip
    line = {"product_id": product["id"], "qty": given["qty"], "price": given["price"], "unit_cost": product["unit_cost"]}
    desk.state.insert("quote_lines", {"quote_id": quote, "line_no": 1, **line})
    return quote


@verb(
    "quote.ask_approval", Argument("approval_asked_of_id", "quotes.approval_asked_of_id", required=True),
    label=message("Ask for approval of the price"), minutes=2, on="quotes", final=True, help=message("The answer comes later: move time on."),
)  # fmt: skip
def ask_approval(desk: Desk, given: Mapping[str, Any]) -> int:
    quote = _in_state(desk, given["record"], "draft")
    if quote["approval_asked_at"] is not None:
        raise Refused(message("Approval was asked for already, on %(at)s.", at=quote["approval_asked_at"]))
    if given["approval_asked_of_id"] == desk.by:
        raise Invalid(message("Nobody approves a price of their own."), "approval_asked_of_id")
    waiting = waits_for(desk.state, quote, given["approval_asked_of_id"])
    if waiting:
        raise Invalid(message("The price rule “%(rule)s” leaves this to the %(role)s.", **_named(waiting)), "approval_asked_of_id")
    desk.state.update("quotes", quote["id"], approval_asked_at=desk.at, approval_asked_of_id=given["approval_asked_of_id"])
    return int(quote["id"])


@verb(
    "quote.answer_approval", Argument("approval_answer", "quotes.approval_answer", required=True),
    label=message("Answer the request for approval"), minutes=1, on="quotes", help=message("For the person who was asked; in a scenario this happens when time moves on."),
)  # fmt: skip
def answer_approval(desk: Desk, given: Mapping[str, Any]) -> int:
    quote = desk.record("quotes", given["record"])
    if quote["approval_asked_of_id"] is None or quote["approval_asked_of_id"] != desk.by:
        raise Refused(message("Only the person who was asked can answer."))
    approved = {"approved_by_id": desk.by, "approved_at": desk.at} if given["approval_answer"] == "yes" else {}
    desk.state.update("quotes", quote["id"], approval_answer=given["approval_answer"], **approved)
    return int(quote["id"])


@verb(
    "quote.send",
    Argument("text", type="long_text", label=message("Letter to the customer"), required=True),
    Argument("apology", type="choice", label=message("Apology"), choices={
        "ours": message("Two prices came from us. That is our fault, and we are sorry."),
        "if": message("We are sorry if this has confused you."),
        "none": message("No apology."),
    }),
    Argument("cause", type="choice", label=message("Cause that the letter names"), choices={
        "two-records": message("Your firm stood in our records twice, and two colleagues quoted."),
        "market": message("Prices have changed in the meantime."),
        "colleague": message("One of our colleagues has made a mistake."),
    }),
    Argument("price", "quote_lines.price", label=message("Valid price, as the letter says it")),
    Argument("valid_until", "quotes.valid_until", label=message("Valid until, as the letter says it")),
    label=message("Send the quote"), minutes=5, keeps="interactions.form", on="quotes", final=True, help=message("From then on the customer has it in hand, and may accept it."),
)  # fmt: skip
def send(desk: Desk, given: Mapping[str, Any]) -> int:
    quote = _in_state(desk, given["record"], "draft")
    waiting = waits_for(desk.state, quote, quote["approved_by_id"])
    if waiting:
        line = waiting.line["line_no"]
        raise Refused(
            message(
                "Line %(line)s needs approval before it goes out: the price rule “%(rule)s” leaves it to the %(role)s. Ask for it, or write the quote at a price that the rule allows.",
                line=line,
                **_named(waiting),
            )
        )
    desk.state.update("quotes", quote["id"], status="sent", sent_at=desk.at)
    form = {name: given[name] for name in REPLY_FORM if given.get(name) is not None}
    write_down(
        desk, kind="email", direction="out", subject=quote["no"], body=given["text"], account_id=quote["account_id"], contact_id=quote["contact_id"],
        purpose="service", form=form or None,
    )  # fmt: skip
    return int(quote["id"])


@verb(
    "quote.supersede",
    Argument("superseded_reason", "quotes.superseded_reason", required=True), Argument("superseded_by_id", "quotes.superseded_by_id"),
    label=message("Supersede the quote"), minutes=1, on="quotes", help=message("It stays on record with the reason, and no longer counts."),
)  # fmt: skip
def supersede(desk: Desk, given: Mapping[str, Any]) -> int:
    quote = _in_state(desk, given["record"], "sent")
    if given.get("superseded_by_id") == quote["id"]:
        raise Invalid(message("A quote cannot supersede itself."), "superseded_by_id")
    desk.state.update("quotes", quote["id"], status="superseded", superseded_reason=given["superseded_reason"], superseded_by_id=given.get("superseded_by_id"))
    return int(quote["id"])


@verb("quote.delete", label=message("Delete the quote"), minutes=1, on="quotes", help=message("It vanishes from the records, with its lines."))
def delete(desk: Desk, given: Mapping[str, Any]) -> None:
    for line in desk.state.rows("quote_lines", quote_id=given["record"]):
        desk.state.delete("quote_lines", line["id"])
    desk.state.delete("quotes", given["record"])


def _named(waiting: LinePrice) -> dict[str, str]:
    return {"rule": waiting.rule["name"] if waiting.rule else "", "role": waiting.approver_role or ""}


def _in_state(desk: Desk, id: int, status: str) -> Row:
    quote = desk.record("quotes", id)
    if quote["status"] != status:
        raise Refused(message("This needs a quote that is %(wanted)s; this one is %(status)s.", wanted=status, status=quote["status"]))
    return quote


def _ahead(desk: Desk, day: str) -> None:
    if day < desk.at[:10]:
        raise Invalid(message("That day has passed; today is %(today)s.", today=desk.at[:10]), "valid_until")
