"""Who a mail job would reach, who is left out and why, and who would get it although somebody should look first. Nothing is sent or changed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from courseware.sandbox.state import Row, State
from courseware.sandbox.text import digits, fold

CONSENT = {"email": "consent_email", "sms": "consent_sms", "phone": "consent_phone"}
WAYS = (("email", "email"), ("mobile", "sms"))  # the kinds of key and the channel each serves; e-mail goes before text message
FILTERS = {"segment": "a", "kind": "a", "industry": "a", "region": "a", "size": "a", "role_in_buying": "c", "preferred_channel": "c"}  # a column of the account or the contact
MOST = 1_000  # contacts that one filter may put on a list
CLOSE = timedelta(days=7)


@dataclass(frozen=True)
class Verdict:
    """What becomes of one person on a list: the channel, the reason why the job leaves them out, or the reason to take them off before it runs."""

    member: Row
    table: str  # contacts or leads
    person: Row
    channel: str | None
    left_out: str | None
    doubt: str | None


def fitting(state: State, filters: Mapping[str, str]) -> list[int]:
    """Give the contacts who are here and fit a filter on themselves and their account."""
    wanted = {name: value for name, value in filters.items() if name in FILTERS and value}
    where = "".join(f' AND {FILTERS[name]}."{name}" = ?' for name in wanted)
    sql = (
        f"SELECT c.id FROM contacts c JOIN accounts a ON a.id = c.account_id WHERE c.merged_into_id IS NULL AND a.merged_into_id IS NULL AND c.left_on IS NULL{where} ORDER BY c.id"
    )
    return [row["id"] for row in state.query(sql, list(wanted.values()))]


def dry_run(state: State, campaign: Row, now: str) -> list[Verdict]:
    """Judge everybody who stands on the list, in the order in which the job takes them."""
    reached: set[tuple[str, int]] = set()
    elsewhere = on_other_lists(state, campaign, now)
    verdicts = []
    for member in state.rows("campaign_members", campaign_id=campaign["id"], status="planned"):
        table, person = person_of(state, member)
        if person is None:
            continue
        found = way(campaign, person)
        left_out = None if campaign["type"] == "partner-export" else hindrance(state, campaign, table, person, reached)
        if left_out is None:
            reached.add((table, person["id"]))
        doubt = None if left_out else _doubt(state, campaign, table, person, now, elsewhere)
        verdicts.append(Verdict(member, table, person, found[1] if found else None, left_out, doubt))
    return verdicts


def person_of(state: State, member: Row) -> tuple[str, Row | None]:
    """Give whom a member of a list is: the table, contacts or leads, and the record, None if it is gone."""
    table = "leads" if member["contact_id"] is None else "contacts"
    return table, state.get(table, member["lead_id" if table == "leads" else "contact_id"])


def way(campaign: Mapping[str, Any], person: Mapping[str, Any]) -> tuple[str, str] | None:
    """Give the kind of key and the channel a message takes: the campaign's, or e-mail before text message."""
    return next((each for each in WAYS if campaign["channel"] in (None, each[1]) and person[each[0]]), None)


def normalised(kind: str, person: Mapping[str, Any]) -> str:
    return digits(person[kind]) if kind == "mobile" else fold(person[kind])


def hindrance(state: State, campaign: Mapping[str, Any], table: str, person: Row, reached: set[tuple[str, int]]) -> str | None:
    """Give the reason why the job leaves this contact or lead out, if there is one. Consent is asked for promotion only."""
    found = way(campaign, person)
    if found is None:
        return "bad-address"
    if (table, person["id"]) in reached:
        return "duplicate"
    kind, channel = found
    listed = state.rows("suppressions", key_kind=kind, normalised_key=normalised(kind, person))
    if any(row["channel"] in (channel, "all") and row["purpose"] in (campaign["purpose"], "all") for row in listed):
        return "opted-out"
    return "no-consent" if campaign["purpose"] == "promotional" and person[CONSENT[channel]] == "no" else None


def on_other_lists(state: State, campaign: Mapping[str, Any], now: str) -> set[tuple[str, int]]:
    """Give the contacts and leads (table and id) who got other promotion within the last seven days, or are to get it within the next."""
    begin, end = (f"{datetime.fromisoformat(now) + way:%Y-%m-%d %H:%M}" for way in (-CLOSE, CLOSE))
    rows = state.query(
        """SELECT m.contact_id, m.lead_id FROM campaign_members m JOIN campaigns c ON c.id = m.campaign_id WHERE c.id <> ? AND c.purpose = 'promotional'
        AND ((m.status = 'sent' AND m.sent_at BETWEEN ? AND ?) OR (m.status = 'planned' AND c.job_status = 'planned' AND c.scheduled_at BETWEEN ? AND ?))""",
        (campaign["id"], begin, now, now, end),
    )
    return {("leads", row["lead_id"]) if row["contact_id"] is None else ("contacts", row["contact_id"]) for row in rows}


def _doubt(state: State, campaign: Mapping[str, Any], table: str, person: Row, now: str, elsewhere: set[tuple[str, int]]) -> str | None:
    """The job asks for none of this: the firm's rules leave it to people. Promotion only."""
    if campaign["purpose"] != "promotional":
        return None
    account = state.get("accounts", person["account_id"])
    if account and (account["do_not_sell_until"] or "") > now[:10]:
        return "do-not-sell"
    if (table, person["id"]) in elsewhere:
        return "already-sent"
    found = way(campaign, person)
    return "no-consent" if found and person[CONSENT[found[1]]] != "yes" else None
