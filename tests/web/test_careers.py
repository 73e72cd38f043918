"""Pages of careers and KPI cards: lists, comparison, the calculator, one's own evidence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Browser


def test_a_card_shows_its_worked_example_step_by_step(lin: Browser) -> None:
    page = lin.get("/kpis/service-level").text
    assert "740 ÷ 1,000 × 100 = <b>74</b>" in page
    assert "740 ÷ 924 × 100 = <b>80.1</b>" in page


def test_the_calculator_computes_with_what_was_typed_however_it_was_typed(lin: Browser) -> None:
    page = lin.get("/kpis/service-level?within=１,８００&late=100&abandoned=100").text
    assert "1,800 ÷ 2,000 × 100 = <b>90</b>" in page
    assert 'value="１,８００"' in page


@pytest.mark.parametrize(("query", "said"), [("within=many&late=1&abandoned=1", "Type a number here"), ("within=0&late=0&abandoned=0", "cannot be computed with these figures")])
def test_what_cannot_be_computed_is_said_and_stays_typed(lin: Browser, query: str, said: str) -> None:
    response = lin.get(f"/kpis/service-level?{query}")
    assert response.status_code == 200 and said in response.text
    assert f'value="{query.split("=")[1].split("&")[0]}"' in response.text


def test_cards_are_found_filtered_and_exported(lin: Browser) -> None:
    assert "Service level" in lin.get("/kpis?q=OFFERED").text
    assert "No card fits" in lin.get("/kpis?q=nothing-like-it").text
    csv = lin.get("/kpis?format=csv&group=speed")
    assert csv.headers["Content-Type"].startswith("text/csv") and "Service level" in csv.text


def test_a_job_page_sets_requirements_beside_ones_own_evidence(lin: Browser) -> None:
    page = lin.get("/careers/R1").text
    assert "What it asks for, and what your work shows" in page
    assert 'href="/progress/A1.2"' in page
    assert "43-4051.00" in page and "USDOL/ETA" in page


def test_an_instructor_sees_the_requirements_without_evidence(browser: Any) -> None:
    page = browser("chen").get("/careers/R1").text
    assert "What it asks for" in page and "what your work shows" not in page


def test_jobs_are_compared_and_one_that_is_unknown_is_passed_over(lin: Browser) -> None:
    page = lin.get("/careers?role=R1&role=R99").text
    assert "Side by side" in page and "with customers 65 %" in page


def test_jobs_side_by_side_show_their_requirements_since_a_plan_copies_them(lin: Browser) -> None:
    page = lin.get("/careers?role=R7&role=R8").text
    assert "Scores a call, calibrates and coaches" in page and "Puts a queue in order" in page


def test_a_card_in_chinese_says_in_chinese_how_sure_its_target_is(lin: Browser) -> None:
    lin.post("/language", {"language": "zh"})
    page = lin.get("/kpis/service-level").text
    assert "据称" in page and "reported<" not in page
    assert "面对客户65%、" in lin.get("/careers/R1").text


@pytest.mark.parametrize("address", ["/careers/R99", "/kpis/none"])
def test_what_does_not_exist_is_not_found(lin: Browser, address: str) -> None:
    assert lin.get(address).status_code == 404


BLOCK = b"\n::: calculator calc-1-1\ntitle: How many posts?\nuse: ix4-posts\n\nPut in your own seats.\n:::\n"


def test_a_section_holds_a_calculator_that_keeps_its_place(lin: Browser, publish: Any) -> None:
    publish(lambda path, content: content + BLOCK if path.startswith("content/modules/m1/1.1.") else content)
    assert "ceil(60 ÷ 12) = <b>5</b>" in lin.get("/learn/1.1").text
    page = lin.get("/learn/1.1?calculator=ix4-posts&seats=240&per_leader=12&per_quality=25&per_trainer=35").text
    assert "ceil(240 ÷ 25) = <b>10</b>" in page and 'action="/learn/1.1#calc-1-1"' in page
    assert "ceil(60 ÷ 12) = <b>5</b>" in lin.get("/learn/1.1").text  # what one reader computes is not kept for the next
