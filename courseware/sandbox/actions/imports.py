"""Verbs on imports: set the file up, preview it, commit it, play its set-up on the next file. What becomes of a row is decided in courseware.sandbox.imports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import message
from courseware.sandbox.imports import FIELDS, KEYS, STEPS, Judged, Known, Line, Person, SetUp, consent, read
from courseware.sandbox.state import Row, State
from courseware.sandbox.verbs import Argument, Desk, verb

COLUMNS = {
    "name": message("Name"),
    "company": message("Firm"),
    "title": message("Title"),
    "mobile": message("Mobile"),
    "email": message("E-mail"),
    "consent": message("Tick: mailings agreed to"),
    "interest": message("Interest code"),
}
NORMALISE = {
    "width": message("full and half width: ＡＢ１２ becomes AB12"),
    "spaces": message("spaces: 199 0002 becomes 1990002"),
    "case": message("capital letters: Li.Wen becomes li.wen"),
    "phone": message("telephone numbers: +86 and dashes go"),
}
MATCH = {"mobile": message("mobile"), "email": message("e-mail")}
MAILINGS = ("consent_email", "consent_sms")  # what the tick on a card is about
_ALL = frozenset(STEPS)


@verb(
    "import.set_up",
    *(Argument(field, label=COLUMNS[field], required=field == "name", help=message("The heading of its column in the file.")) for field in FIELDS),
    Argument("normalise", type="choices", label=message("Treat as alike"), choices=NORMALISE),
    Argument("match_keys", type="choices", label=message("Same person if alike"), required=True, choices=MATCH),
    Argument("consent_rule", "imports.consent_rule", required=True),
    Argument("campaign_id", "imports.campaign_id", required=True),
    label=message("Set the import up"), minutes=3, on="imports", help=message("Nothing is imported yet. After a change the preview has to be made again."),
)  # fmt: skip
def set_up(desk: Desk, given: Mapping[str, Any]) -> int:
    batch = _uncommitted(desk, given)
    mapping = {field: given[field] for field in FIELDS if given.get(field)}
    _check_mapping(mapping, headings(desk.state, batch["id"]), given["match_keys"])
    keys, steps = ([each for each in order if each in (given.get(name) or ())] for order, name in ((KEYS, "match_keys"), (STEPS, "normalise")))
    values = {"mapping": mapping, "normalise": steps, "match_keys": keys, "consent_rule": given["consent_rule"], "campaign_id": given["campaign_id"]}
    desk.change("imports", batch["id"], **values)
    desk.state.update("imports", batch["id"], status="new", previewed_at=None)
    return int(batch["id"])


@verb(
    "import.preview", label=message("Preview the import"), minutes=2, on="imports",
    help=message("Shows what would become of each row. Nothing is imported."),
)  # fmt: skip
def preview(desk: Desk, given: Mapping[str, Any]) -> int:
    batch = _uncommitted(desk, given)
    if not batch["mapping"]:
        raise Refused(message("Say first which column is which: set the import up."))
    if batch["status"] == "previewed":
        raise Refused(message("This preview is still true: nothing has been changed since."))
    desk.state.update("imports", batch["id"], status="previewed", previewed_at=desk.at)
    return int(batch["id"])


@verb(
    "import.commit",
    Argument("campaign_id", type="ref", table="campaigns", label=message("Put the new records on this list")),
    label=message("Commit the import"), minutes=5, on="imports", final=True,
    help=message("New people become leads of the campaign, repeats and known people are merged, useless rows are rejected. A file that was never set up makes contacts."),
)  # fmt: skip
def commit(desk: Desk, given: Mapping[str, Any]) -> int:
    batch = desk.record("imports", given["record"])
    if batch["status"] == "committed":
        return int(batch["id"])
    if batch["status"] == "new" and not batch["mapping"]:
        raise Refused(message("Say first which column is which: set the import up."))
    _commit(desk, batch, batch["campaign_id"] or given.get("campaign_id"))
    return int(batch["id"])


@verb(
    "import.repeat", Argument("like_id", type="ref", table="imports", label=message("Import whose set-up is taken"), required=True),
    label=message("Commit with the set-up of another import"), minutes=5, on="imports", final=True,
    help=message("For the next file of the same scanner; in a scenario it happens on the second day. Without a set-up to take it does nothing."),
)  # fmt: skip
def repeat(desk: Desk, given: Mapping[str, Any]) -> int:
    batch, like = (desk.record("imports", given[name]) for name in ("record", "like_id"))
    if batch["status"] != "committed" and like["mapping"]:
        taken = {name: like[name] for name in ("mapping", "normalise", "match_keys", "consent_rule", "campaign_id")}
        desk.state.update("imports", batch["id"], **taken)
        _commit(desk, {**batch, **taken}, like["campaign_id"])
    return int(batch["id"])


def headings(state: State, batch: int) -> tuple[str, ...]:
    """Give the headings of the columns of a file, in the order in which they first occur."""
    return tuple(dict.fromkeys(name for line in lines_of(state, batch) for name in line.raw))


def lines_of(state: State, batch: int) -> tuple[Line, ...]:
    """Give the rows of a file by line."""
    rows = state.rows("import_rows", import_id=batch)
    return tuple(Line(row["id"], row["line_no"], row["scanned_at"] or "", json.loads(row["raw"])) for row in sorted(rows, key=lambda row: row["line_no"]))


def judged(state: State, batch: Row) -> tuple[Judged, ...]:
    """Give what would become of the rows of a file that is not committed, as it is set up."""
    return read(set_up_of(batch), lines_of(state, batch["id"]), _known(state))


def set_up_of(batch: Row) -> SetUp:
    """Give how a file is read. One that was never set up names its columns as our fields are called."""
    mapping = json.loads(batch["mapping"]) if batch["mapping"] else {field: field for field in FIELDS}
    steps = frozenset(json.loads(batch["normalise"] or "[]")) if batch["mapping"] else _ALL
    keys = json.loads(batch["match_keys"] or "[]")
    return SetUp(mapping, steps, tuple(keys), batch["consent_rule"] or "blank-yes")


def _known(state: State) -> list[Known]:
    contacts = state.query(
        "SELECT c.id, c.mobile, c.email, a.kind, c.opted_out_at FROM contacts c LEFT JOIN accounts a ON a.id = c.account_id WHERE c.merged_into_id IS NULL"
    )
    leads = state.query("SELECT id, mobile, email, opted_out_at FROM leads WHERE merged_into_id IS NULL AND status NOT IN ('converted', 'disqualified')")
    found = [Known("contacts", row["id"], row["mobile"], row["email"], row["kind"], row["opted_out_at"] is not None) for row in contacts]
    return found + [Known("leads", row["id"], row["mobile"], row["email"], None, row["opted_out_at"] is not None) for row in leads]


def _uncommitted(desk: Desk, given: Mapping[str, Any]) -> Row:
    batch = desk.record("imports", given["record"])
    if batch["status"] == "committed":
        raise Refused(message("This import is committed and stays as it is."))
    return batch


def _check_mapping(mapping: Mapping[str, str], there: tuple[str, ...], keys: list[str]) -> None:
    for field, column in mapping.items():
        if column not in there:
            raise Invalid(message("The file has no column “%(column)s”; it has: %(known)s.", column=column, known=", ".join(there)), field)
        first = next(name for name, other in mapping.items() if other == column)
        if first != field:
            raise Invalid(message("The column “%(column)s” fills another field already. One column fills one field.", column=column), field)
    for key in keys:
        if key not in mapping:
            raise Invalid(message("People cannot be matched by a field that no column fills."), key)


def _commit(desk: Desk, batch: Row, campaign: int | None) -> None:
    """Write what was judged, a person at a time; then account for every row."""
    set_up, rows = set_up_of(batch), judged(desk.state, batch)
    makes = "leads" if batch["mapping"] else "contacts"
    numbers = _numbers(desk.state, makes)
    listed = {(row["contact_id"], row["lead_id"]): row["id"] for row in desk.state.rows("campaign_members", campaign_id=campaign)} if campaign else {}
    records: dict[int, dict[str, int]] = {}
    for row in rows:
        if row.outcome in ("rejected", "merged") and row.reason != "known":
            continue
        made = row.person.known is None
        table, id = _keep(desk, row, set_up, makes, campaign, numbers)
        records[row.line.id] = pointer = {"contact_id" if table == "contacts" else "lead_id": id}
        if campaign and (made or batch["mapping"]):
            _list(desk, campaign, pointer, listed.get((pointer.get("contact_id"), pointer.get("lead_id"))), row.person.values.get("interest"))
    for row in rows:
        first = row.repeats.id if row.repeats else None
        desk.state.update(
            "import_rows", row.line.id, outcome=row.outcome, reason=row.reason, merged_into_row_id=first, **records.get(first or row.line.id, {})
        )  # fmt: skip
    desk.state.update("imports", batch["id"], status="committed", committed_at=desk.at)


def _list(desk: Desk, campaign: int, pointer: Mapping[str, int], member: int | None, interest: str | None) -> None:
    """Put a person on the campaign's list; of one who is on it the newest interest counts."""
    if member is None:
        desk.state.insert("campaign_members", {"campaign_id": campaign, **pointer, "status": "planned", "interest_code": interest})
    elif interest:
        desk.state.update("campaign_members", member, interest_code=interest)


def _keep(desk: Desk, row: Judged, set_up: SetUp, makes: str, campaign: int | None, numbers: Iterator[str]) -> tuple[str, int]:
    """Put a person on record: a new row, or the newest values in the one there is."""
    person, known = row.person, row.person.known
    if known is not None:
        before = desk.record(known.table, known.id)
        desk.state.update(known.table, known.id, **_values(desk, person, known.table), **_consents(desk, person, set_up, before, known))
        return known.table, known.id
    values = {**_values(desk, person, makes), **_consents(desk, person, set_up, None, None)}
    values |= {"no": next(numbers), "name": _name(person), "created_at": desk.at}
    if makes == "contacts":
        return makes, desk.state.insert(makes, {**values, "consent_phone": values["consent_email"]})
    return makes, desk.state.insert(makes, {**values, "source": "fair", "status": "new", "campaign_id": campaign, "import_row_id": row.line.id})


def _values(desk: Desk, person: Person, table: str) -> dict[str, str]:
    """Give the columns that the file fills, other than name and consent."""
    columns = {"interest_code" if field == "interest" else field: value for field, value in person.values.items() if field not in ("name", "consent")}
    return {column: value for column, value in columns.items() if desk.state.tables[table].has(column)}


def _name(person: Person) -> str:
    values = person.values
    return values.get("name") or values.get("company") or values.get("email") or values["mobile"]


def _consents(desk: Desk, person: Person, set_up: SetUp, before: Row | None, known: Known | None) -> dict[str, str]:
    held = {column: before[column] if before else None for column in MAILINGS}
    found = {column: consent(set_up.consent_rule, person.ticks, value, bool(known and known.refused)) for column, value in held.items()}
    if (known is None or known.table == "contacts") and found != held and "yes" in found.values() and set_up.mapping.get("consent"):
        dated = {"consent_source": "fair", "consent_at": max((line.scanned_at for line in person.lines), default="") or desk.at}
        return {**found, **{name: value for name, value in dated.items() if before is not None}}
    return found


def _numbers(state: State, table: str) -> Iterator[str]:
    """Give the record numbers that follow the last one."""
    first = state.next_number(table) or ""
    head = first.rstrip("0123456789")
    width, number = len(first) - len(head), int(first[len(head) :])
    while True:
        yield f"{head}{number:0{width}d}"
        number += 1
