"""What a record's page shows besides its facts: whom a segment takes, what a price needs, whom a mail job reaches."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from tests.conftest import Browser
from tests.web.practising import begin

JOB = {"name": "Spring labels", "purpose": "promotional", "channel": "email", "scheduled_at": "2026-03-17 20:00"}
SEGMENT = {
    "name": "Great", "field": "revenue_year", "from_value": "100000", "coverage": "visits", "visits_year": "6", "calls_year": "4", "routes": ["manager", "phone"],
    "wish_code": "one-contact",
}  # fmt: skip


@pytest.fixture
def run(lin: Browser) -> str:
    return begin(lin, "free")


def part(page: Any, id: str) -> str:
    """The words of one part of a page."""
    found = re.search(rf'<section[^>]* aria-labelledby="{id}">.*?</section>', page.text, re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", found[0]))) if found else ""


def made(lin: Browser, run: str, verb: str, **arguments: Any) -> str:
    return str(lin.post(f"{run}/do/{verb}", arguments).headers["Location"]).split("?")[0]


def test_a_segment_says_whom_it_takes_and_whom_nobody_takes(lin: Browser, run: str) -> None:
    rule = made(lin, run, "rule.save_segment", **SEGMENT)
    told = part(lin.get(rule), "segment")
    takes, left = (int(found) for found in re.findall(r"(\d+) of 962|no rule in use takes (\d+)", told) for found in found if found)
    assert takes + left == 962
    assert 30 < takes < 100
    made(lin, run, "rule.switch", on=rule.rsplit("/", 1)[1], active="0")
    told = part(lin.get(rule), "segment")
    assert "switched off" in told and "no rule in use takes 962" in told


def test_a_rule_of_another_kind_has_no_such_part(lin: Browser, run: str) -> None:
    rule = made(lin, run, "rule.save", name="Web forms", field="source", operator="equals", value="web", then="assign", employee_id="15")
    page = lin.get(rule)
    assert page.status_code == 200
    assert not part(page, "segment")


def test_a_quote_says_which_rule_holds_and_who_may_approve(lin: Browser, run: str) -> None:
    quote = made(lin, run, "quote.create", account_id="1", product_id="8", qty="2", price="9000", valid_until="2026-04-15")
    told = part(lin.get(quote), "prices")
    assert "23.7 %" in told and "needed:" in told and "may approve:" in told
    assert "cannot be sent before it has been approved" in told
    answer = lin.post(f"{run}/do/quote.send", {"on": quote.rsplit("/", 1)[1], "text": "Here it is."})
    assert answer.status_code == 409
    assert "needs approval before it goes out" in unescape(answer.text)
    quote = made(lin, run, "quote.create", account_id="1", product_id="8", qty="2", price="11800", valid_until="2026-04-15")
    told = part(lin.get(quote), "prices")
    assert "not needed" in told and "cannot be sent" not in told


def test_a_mail_job_is_filled_by_a_filter_and_tried_before_it_runs(lin: Browser, run: str) -> None:
    job = made(lin, run, "campaign.create", **JOB)
    assert "Nobody is on the list" in part(lin.get(job), "dry-run")
    counted = part(lin.get(f"{job}?segment=A&industry=clinics"), "audience")
    count = int(re.findall(r"(\d+) people fit", counted)[0])
    assert f"{count} of them are not on the list yet" in counted
    made(lin, run, "campaign.fill", on=job.rsplit("/", 1)[1], segment="A", industry="clinics")
    told = part(lin.get(job), "dry-run")
    assert sum(int(found) for found in re.findall(r"(\d+) (?:would get it|are left out)", told)) == count
    assert "would get it, though: they never said yes to this channel" in told and "are left out: no consent" in told
    made(lin, run, "campaign.screen", on=job.rsplit("/", 1)[1], reasons=["no-consent"])
    assert "though" not in part(lin.get(job), "dry-run")
    made(lin, run, "campaign.run", on=job.rsplit("/", 1)[1])
    assert not part(lin.get(job), "dry-run"), "what has run is not tried any more"


def test_an_unknown_choice_in_the_address_filters_nothing(lin: Browser, run: str) -> None:
    job = made(lin, run, "campaign.create", **JOB)
    assert "people fit" not in part(lin.get(f"{job}?segment=Z"), "audience")
