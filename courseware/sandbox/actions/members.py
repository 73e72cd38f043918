"""Verbs that put people on the list of a campaign. Taking them off and running the job are in marketing.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from courseware.errors import Refused
from courseware.i18n import message
from courseware.sandbox.actions.contacts import present
from courseware.sandbox.verbs import Argument, Desk, verb


@verb(
    "contact.add_to_campaign", Argument("campaign_id", "campaign_members.campaign_id", required=True),
    label=message("Put on the list of a campaign"), minutes=1, on="contacts", makes="campaign_members", bulk=True,
    help=message("Whether this person may be written to is for you to see to."),
)  # fmt: skip
def add_contact(desk: Desk, given: Mapping[str, Any]) -> int:
    contact, campaign = present(desk, given["record"]), desk.record("campaigns", given["campaign_id"])
    if campaign["job_status"] not in (None, "planned"):
        raise Refused(message("This campaign has run or was stopped; its list stays as it is."))
    if any(row["status"] != "removed" for row in desk.state.rows("campaign_members", campaign_id=campaign["id"], contact_id=contact["id"])):
        raise Refused(message("This person is on the list already."))
    return desk.state.insert("campaign_members", {"campaign_id": campaign["id"], "contact_id": contact["id"], "status": "planned"})
