"""The forms that a duplicate search fills in before the learner does: merging and linking a lead."""

from __future__ import annotations

from html import unescape

from courseware.web.site import Site
from tests.conftest import Browser
from tests.web.practising import attempt_of, begin


def test_the_forms_begin_with_what_the_search_found_and_another_may_be_chosen(lin: Browser, site: Site) -> None:
    run = begin(lin, "SC01")
    paper = attempt_of(site, run).paper
    rows = {name: id for name, (_, id) in paper["names"].items()}
    first, second = rows[f"lead_{paper['drawn']['tb']}"], rows["twin_b"]
    assert "Compare the two" in lin.get(f"{run}/do/lead.merge?on={first}").text
    assert lin.post(f"{run}/do/lead.search_batch", {"on": str(rows["fair"])}).status_code == 303
    compared = lin.get(f"{run}/do/lead.merge?on={first}").text
    assert f'name="other" value="{second}"' in compared
    other = f"{run}/do/lead.merge?on={first}&other="
    assert other in unescape(compared)
    assert "Compare the two" in lin.get(other).text
    assert f'<option value="{rows["known_4"]}" selected>' in lin.get(f"{run}/do/lead.link?on={rows['lead_4']}").text
