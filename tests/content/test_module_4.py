"""Module 4: its sums are right in both languages, its table holds the twenty voices, and the keys of its templates follow from what is shown."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from courseware.i18n import LANGUAGES
from courseware.shipped import root
from tests.content.sections import says, text
from tests.content.templates import cells, variants

VOICES = {"Sales": 2, "Marketing": 6, "Service": 2, "Customer": 6, "Manager": 4}
ABILITIES = {"recognise": 4, "remember": 8, "keep one’s word": 4, "reckon": 4}


# The templates, each reckoned another way


def test_the_failures_of_the_first_diagnosis_are_one_of_each() -> None:
    for _, parts in variants("m4-a-14", "m4-b-14"):
        assert sorted(left["match"] for left in parts["failures"]["left"]) == ["data", "none", "process"]
        for part in ("ability", "figure"):
            assert sum(option["right"] for option in parts[part]["options"]) == 1


def test_doubles_are_taken_off_once_in_the_second_diagnosis() -> None:
    for situation, parts in variants("m4-a-15", "m4-b-15"):
        doubles, *others = (int(row[-1]) for row in cells(situation))
        assert parts["devices"]["answer"] == sum(others)
        assert str(doubles + sum(others)) in situation.split("|")[0]


def test_the_points_follow_from_the_table_of_before_and_after() -> None:
    for situation, parts in variants("m4-a-16", "m4-b-16"):
        (n0, n1), (x0, x1) = ((int(cell) for cell in row[1:]) for row in cells(situation))
        assert abs(parts["fall"]["answer"]) == pytest.approx(abs(x1 / n1 - x0 / n0) * 100, abs=0.051)
        assert parts["fall"]["answer"] > 0
        assert sum(option["right"] for option in parts["doubt"]["options"]) == 1


def test_the_fall_in_cost_follows_from_what_is_told() -> None:
    for stem, data in variants("m4-a-17", "m4-b-17"):
        told = [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", stem)]
        if data["id"].startswith("m4-a"):
            letters, replies, fewer, answers, price = told
            before, after = letters * price / replies, fewer * price / answers
        else:
            spent, settled, less, more = told
            before, after = spent / settled, less / more
        assert data["answer"] == pytest.approx((before - after) / before * 100, abs=0.051)


def test_each_line_of_the_brief_rests_on_the_record_that_says_so() -> None:
    signs = {
        "What has been promised": ("training", "promised"),
        "Who decides": ("without him",),
        "What is open or broken": ("on trial",),
        "Where our red line for the price is": ("Rule card",),
        "Which rival has been named": ("a rival named",),
    }
    for situation, parts in variants("m4-a-18", "m4-b-18"):
        records = {f"r{row[0]}": row[1] for row in cells(situation)}
        for left in parts["lines"]["left"]:
            found = [id for id, record in records.items() if any(sign in record for sign in signs.get(left["text"]["en"], ()))]
            assert [left["match"]] == (found or ["absent"]), left["text"]


# The table of the voices


def test_the_table_holds_twenty_voices_each_with_its_scenario() -> None:
    table = cells(text("4.2", "en"))
    assert Counter(row[0].split()[0] for row in table) == VOICES
    for language in LANGUAGES:
        assert [re.findall(r"SC\d\d", row[4])[0] for row in cells(text("4.2", language))] == [f"SC{number:02}" for number in range(1, 21)]


def test_the_twenty_voices_lack_four_abilities() -> None:
    assert Counter(re.findall(r"^\*(.+?)\*", row[2])[0] for row in cells(text("4.2", "en"))) == ABILITIES
    assert sorted(Counter(re.findall(r"^\*(.+?)\*", row[2])[0] for row in cells(text("4.2", "zh"))).values()) == sorted(ABILITIES.values())
    for row, other in zip(cells(text("4.2", "en")), cells(text("4.2", "zh")), strict=True):
        pairs = {"recognise": "认得清", "remember": "共同记住", "keep one’s word": "说到做到", "reckon": "算得出"}
        assert other[2].startswith(f"*{pairs[re.findall(r'^[*](.+?)[*]', row[2])[0]]}*")


def test_no_ability_is_missing_in_one_column_of_the_wall_alone() -> None:
    for ability in ABILITIES:
        assert len({row[0].split()[0] for row in cells(text("4.2", "en")) if row[2].startswith(f"*{ability}*")}) > 1


def test_a_voice_is_linked_when_its_scenario_is_there() -> None:
    for language in LANGUAGES:
        for row in cells(text("4.2", language)):
            id = re.findall(r"SC\d\d", row[4])[0]
            if row[4] != id:
                assert row[4] == f"[{id}](ref:{id})" and (root() / "content/scenarios" / id).is_dir()


# Sums of the prose


def test_a_year_of_scattering() -> None:
    catalogues = round(1_800 * 0.12)
    asking = 9 * 20 * 240
    newcomers = 4 * (15 - 5) * 8
    assert (catalogues, catalogues * 14, asking, asking // 60, asking // 60 * 90) == (216, 3_024, 43_200, 720, 64_800)
    assert (round(38 * 0.05, 1), (6 - 2) * 5_000) == (1.9, 20_000)
    assert (newcomers, newcomers * 90) == (320, 28_800)
    writing = 24 * 5 * 240
    assert (writing, writing // 60, writing // 60 * 90) == (28_800, 480, 43_200)
    assert 3_024 + 64_800 + 20_000 + 28_800 == 116_624 and 116_624 - 43_200 == 73_424
    says("4.1", "216", "3024", "43200", "720", "64800", "1.9", "20000", "320", "28800", "480", "116624", "73424")


def test_the_returned_parcels() -> None:
    assert (9 / 300 * 100, 2 / 320 * 100, 3.0 - 0.625) == (3.0, 0.625, 2.375)
    says("4.2", "3.0%", "0.6%", "0.625", "2.375")


def test_before_and_after_in_four_domains() -> None:
    shares = {(60, 5000): "1.2%", (45, 1500): "3.0%", (216, 1800): "12%", (36, 1800): "2%", (6, 38): "15.8%", (2, 40): "5.0%", (132, 240): "55%", (168, 240): "70%"}
    shares |= {(60, 80): "75%", (72, 80): "90%", (180_000, 720_000): "25%", (40_000, 760_000): "5.3%", (3, 15): "20%", (9, 12): "75%"}
    for (part, whole), share in shares.items():
        assert f"{part / whole * 100:.{len(share.partition('.')[2]) - 1 if '.' in share else 0}f}%" == share
        says("4.3", str(part), str(whole), share)


def test_the_mailing_that_improved() -> None:
    assert (60 / 5000, 45 / 1500) == (0.012, 0.03) and round(1.8 / 1.2, 2) == 1.5
    assert (5000 * 3 / 60, 1500 * 3 / 45, 60 - 45) == (250, 100, 15)
    assert round(40 / 1500 * 100, 2) == 2.67 and round(3.0 - 2.67, 2) == 0.33
    assert ((5000 - 1500) * 3, 60 - 40, 10_500 / 20) == (10_500, 20, 525)
    says("4.3", "1.8", "150%", "250", "100", "2.67%", "0.33", "10500", "525")


def test_the_figures_of_ibm() -> None:
    assert round(1700 / 24) == 71
    assert (round(50.06 - 50.05, 2), round(6.56 - 6.55, 2)) == (0.01, 0.01)
    assert round(6.55 / 50.05 * 100, 1) == 13.1 and round(6.55 / 1.20, 2) == 5.46
    assert round(2.86 + 4.97 + 8.10, 2) == 15.93
    assert round((405_535 - 302_000) / 405_535, 2) == 0.26  # a quarter fewer
    says("4.4", "1700", "24", "71", "405535", "302000", "13.1%")
    assert all(figure in text("4.4", "en") for figure in ("15.93", "5.46", "2.86, 4.97 and 8.10", "50.06", "6.56"))
    assert all(figure in text("4.4", "zh") for figure in ("159.3亿", "54.6亿", "28.6亿、49.7亿和81.0亿", "500.6", "65.6"))
