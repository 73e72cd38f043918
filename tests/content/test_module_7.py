"""Module 7: its sums are right in both languages, its table of priorities is the one its questions use, its figure has the steps of its text, and its templates are reckoned another way."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest

from courseware.i18n import LANGUAGES
from tests.content.sections import drawn, says, text
from tests.content.templates import cells, right, variants

# The sums of the prose


def after(start: datetime, hours: float, opens: int, closes: int) -> datetime:
    """Go through the working hours of Monday to Friday, a quarter of an hour at a time."""
    at, left = start, hours
    while left > 0:
        at += timedelta(minutes=15)
        if at.weekday() < 5 and timedelta(hours=opens) < timedelta(hours=at.hour, minutes=at.minute) <= timedelta(hours=closes):
            left -= 0.25
    return at


def test_the_clock_of_the_ticket_runs_as_told() -> None:
    friday = datetime(2026, 3, 13, 16, 30)
    assert after(friday, 4, 9, 18) == datetime(2026, 3, 16, 11, 30)
    assert after(friday, 16, 9, 18) == datetime(2026, 3, 17, 14, 30)
    assert after(friday, 16 + 4, 9, 18) == datetime(2026, 3, 18, 9, 30)
    says("7.1", "1.5", "2.5", "5.5", "11:30", "14:30", "9:30")
    assert 12 * 5 / 4 == 15
    says("7.1", "12 × 5 / 4 = 15")


def test_the_days_of_the_story_are_real() -> None:
    assert [date(2026, 3, day).strftime("%A") for day in (17, 18, 19, 20)] == ["Tuesday", "Wednesday", "Thursday", "Friday"]


def test_priorities_have_hours_of_whole_days() -> None:
    assert [hours / 9 for hours in (9, 27, 45)] == [1, 3, 5]
    says("7.2", "27", "45")


def test_who_is_sent() -> None:
    rates = {(66, 82): 80.5, (31, 36): 86.1, (2, 2): 100, (2, 3): 66.7, (40, 46): 87.0}
    for (fixed, jobs), rate in rates.items():
        assert round(100 * fixed / jobs, 1) == rate
    says("7.2", "66 / 82 = 80.5%", "31 / 36 = 86.1%", "2 / 2 = 100%", "2 / 3 = 66.7%", "40 / 46 = 87.0%")


def test_the_same_day_counted_twice_and_the_credit() -> None:
    assert (10 - 1, round(100 * 7 / 9, 1), 2 * 100) == (9, 77.8, 200)
    says("7.3", "10 / 10 = 100%", "10 − 1 = 9", "7 / 9 = 77.8%", "2 × 100 = 200")


def test_a_week_of_calls() -> None:
    week = {"red": (40, 9), "driver": (12, 25), "head": (5, 45), "others": (21, 8), "plug": (22, 6)}
    minutes = {cause: calls * each for cause, (calls, each) in week.items()}
    assert sum(calls for calls, _ in week.values()) == 100 and max(minutes, key=lambda cause: minutes[cause]) == "red"
    whole, own = sum(minutes.values()), minutes["red"] + minutes["plug"]
    assert (whole, own, round(100 * own / whole, 1)) == (1185, 492, 41.5) and 19.5 < whole / 60 < 20
    says("7.4", "40 × 9 = 360", "12 × 25 = 300", "5 × 45 = 225", "21 × 8 = 168", "22 × 6 = 132", "1185", "360 + 132 = 492", "41.5%")
    assert (26 * 9, 26 * 9 / 60, 21 * 9, 21 * 9 / 60) == (234, 3.9, 189, 3.15)
    says("7.4", "40 − 14 = 26", "234", "3.9", "26 − 5 = 21", "21 × 9 = 189", "3.15")
    assert 352 + 179 == 531
    says("7.5", "531", "755")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figure_of_steps_has_the_steps_of_the_text(language: str) -> None:
    steps = sorted(int(found) for found in re.findall(r">(\d) (?!hour)[^<]", drawn("7-2", language)))
    numbered = re.findall(r"^(\d)\. \*\*", text("7.3", language).partition("fig-7-2")[2].partition("table-7-2")[0], re.M)
    assert steps == [int(found) for found in numbered] == list(range(1, 9))


# The templates, each reckoned another way


def minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def number(found: str, pattern: str) -> int:
    (value,) = re.findall(pattern, found)
    return int(str(value).replace(",", ""))


def test_clocks_of_desk_hours() -> None:
    for situation, parts in variants("m7-a-15"):
        promised, came = number(situation, r"within (\d+) desk hours"), minutes(re.findall(r"telephone \| (\d\d:\d\d)", situation)[0])
        ((begin, end),) = re.findall(r"from (\d\d:\d\d) to (\d\d:\d\d)", situation)
        paused = minutes(end) - minutes(begin) if "told that it is his turn" in situation else 0
        assert came < minutes(begin) and parts["due"]["answer"] == promised * 60 - (18 * 60 - came - paused)
        assert right(parts["state"]) == ("Open" if "our engineer" in situation else "Resolved" if "Mended" in situation else "Waiting for the customer")
        assert right(parts["gap"]) == ("Owner" if "service desk" in situation else "Promised" if "soon" in situation else "Done")
    for situation, parts in variants("m7-b-15"):
        promised, came = number(situation, r"within (\d) desk hours"), minutes(re.findall(r"Wednesday at (\d\d:\d\d)", situation)[0])
        assert parts["due"]["answer"] == promised * 60 - (17 * 60 - came)
        assert right(parts["stops"]).startswith("No" if "automatic" in situation else "Yes")


@pytest.mark.parametrize("id", ["m7-a-16", "m7-b-16"])
def test_priorities_follow_the_table_of_the_text(id: str) -> None:
    printed = {row[0].split()[0]: row[1:] for row in cells(text("7.2", "en").partition("table-7-1")[2].partition(":::")[0])}
    meant = {  # what the messages say, by severity and urgency: our reading, independent of the file
        "only scale dead": ("High", 0), "inspection in 2": ("Medium", 0), "inspection in 12": ("Medium", 1), "tomorrow's course": ("Low", 0), "which paper": ("Low", 2),
        "price list": ("Low", 1), "came with a dent": ("Medium", 2), "freezer dead": ("High", 1), "conveyor stands still": ("High", 1), "slow, goods in 9": ("Medium", 1),
        "goods tomorrow": ("Medium", 0), "thaw now": ("High", 0), "stocktaking": ("Medium", 0), "colour of the box": ("Low", 2), "audit tomorrow": ("Low", 0), "brochure": ("Low", 1),
    }  # fmt: skip
    for situation, parts in variants(id):
        assert {row[0]: row[1:] for row in cells(situation)} == printed
        messages = re.findall(r"\*\*[123]\*\* ([^*]+)", situation)
        for message, left in zip(messages, parts["match"]["left"], strict=True):
            ((severity, urgency),) = {ranks for words, ranks in meant.items() if words in message}
            assert left["match"] == printed[severity][urgency], message


def test_the_one_who_passes_every_filter_is_sent() -> None:
    for situation, parts in variants("m7-a-17"):
        fit = [name for name, jobs, until, free in cells(situation) if int(jobs.split()[2]) >= 10 and until == "30 September" and free == "Tuesday"]
        assert fit == [right(parts["who"])]
        (fixed,) = ([int(jobs.split()[0]), int(jobs.split()[2])] for name, jobs, *_ in cells(situation) if name in fit)
        assert parts["rate"]["answer"] == pytest.approx(100 * fixed[0] / fixed[1], abs=0.051)
    for situation, parts in variants("m7-b-17"):
        job, road = number(situation, r"takes (\d+) minutes"), number(situation, r"road (\d+) minutes")
        assert parts["need"]["answer"] == job + road + road
        assert [right(parts["who"])] == [name for name, free, valid, part in cells(situation) if int(free) >= job + 2 * road and valid == "valid" and part == "yes"]


def test_remedy_authority_and_rate() -> None:
    for situation, parts in variants("m7-a-19"):
        price, limit = number(situation, r"for ([\d,]+) yuan"), number(situation, r"up to (\d+) yuan")
        refund = price * number(situation, r"refund \| (\d+)%") / 100
        assert parts["amount"]["answer"] == refund and right(parts["authority"]) == ("The clerk" if refund <= limit else "The team leader")
        assert right(parts["remedy"]) == (
            "Part refund" if "It does its work" in situation else "Repair on the spot" if "sold out" in situation else "Replacement by the same model"
        )
    for situation, parts in variants("m7-b-19"):
        filed, questions, bridged, reopened = (int(row[1]) for row in cells(situation)[:4])
        real = filed - questions
        assert parts["rate"]["answer"] == pytest.approx(100 * (real - bridged - reopened) / real, abs=0.051)


def test_minutes_spared_and_shares_of_time() -> None:
    for stem, data in variants("m7-a-20"):
        before, left, moved, each = (int(found) for found in re.findall(r"\d+", stem)[:4])
        assert data["answer"] == pytest.approx((before - left - moved) * each / 60, abs=0.051)
    for stem, data in variants("m7-b-20"):
        calls, some, each, others, other = (int(found) for found in re.findall(r"\d+", stem)[:5])
        assert calls == some + others and data["answer"] == pytest.approx(100 * some * each / (some * each + others * other), abs=0.051)
    for situation, parts in variants("m7-a-21"):
        time = {cause: int(count) * int(long) for cause, count, long, _ in cells(situation)}
        own = {cause: time[cause] for cause, _, _, alone in cells(situation) if alone == "yes"}
        assert parts["share"]["answer"] == pytest.approx(100 * sum(own.values()) / sum(time.values()), abs=0.051)
        assert right(parts["first"]) == max(own, key=lambda cause: own[cause])
    for situation, parts in variants("m7-b-21"):
        (_, calls_before, calls_after), (_, _, mails) = cells(situation)
        assert parts["spared"]["answer"] == (int(calls_before) - int(calls_after) - int(mails)) * number(situation, r"takes (\d+) minutes") > 0
