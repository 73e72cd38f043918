"""Role and KPI cards: reading, computing step by step, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.compile import inspect
from courseware.course.calculators import figure
from courseware.course.kpis import Kpi
from courseware.course.revisions import read_folder
from courseware.expressions import VaryError
from courseware.shipped import root


@pytest.fixture(scope="module")
def tree() -> dict[str, bytes]:
    return dict(read_folder(root()))


def kpi(**changed: Any) -> Kpi:
    said = {"en": "…"}
    card = {
        "id": "repeat", "number": 1, "name": said, "group": "quality", "formula": said, "unit": said, "choices": said,
        "target": {"text": said, "evidence": "own", "caution": said}, "improves": said, "gamed": said, "reading": said,
        "inputs": [{"id": "again", "label": said, "value": 12}, {"id": "handled", "label": said, "value": 480}],
        "steps": [{"id": "share", "text": said, "calc": "again / handled * 100", "digits": 1}, {"id": "rest", "text": said, "calc": "100 - share"}],
    }  # fmt: skip
    return Kpi.model_validate(card | changed)


def test_each_step_shows_its_figures_and_may_use_the_steps_before() -> None:
    share, rest = kpi().compute({"again": 12, "handled": 480})
    assert (share.filled, share.shown) == ("12 ÷ 480 × 100", "2.5")
    assert (rest.filled, rest.value) == ("100 − 2.5", 97.5)


def test_a_zero_that_divides_is_told_with_its_step() -> None:
    with pytest.raises(VaryError) as refused:
        kpi().compute({"again": 12, "handled": 0})
    assert refused.value.path[0] == "share"


def test_a_card_whose_own_example_cannot_be_computed_is_refused() -> None:
    broken = kpi(steps=[{"id": "share", "text": {"en": "…"}, "calc": "again / nobody"}])
    assert [path for path, _ in broken.faults()] == [("steps",)]


def test_a_name_used_twice_is_refused() -> None:
    twice = kpi(steps=[{"id": "again", "text": {"en": "…"}, "calc": "1"}])
    assert "twice" in next(sentence for _, sentence in twice.faults())


@pytest.mark.parametrize(("value", "digits", "shown"), [(1234567.5, 2, "1,234,567.5"), (74.0, 1, "74"), (0.1 + 0.2, 2, "0.3"), (1000, 0, "1,000")])
def test_figures_are_written_as_people_write_them(value: float, digits: int, shown: str) -> None:
    assert figure(value, digits) == shown


def changed(tree: dict[str, bytes], path: str, old: str, new: str) -> list[str]:
    text = tree[path].decode()
    assert old in text
    _, faults = inspect({**tree, path: text.replace(old, new, 1).encode()}, draws=1)
    return [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("content/roles/R1.yaml", "objectives: [A7.1]", "objectives: [A99.1]", "there is no objective 'A99.1'"),
        ("content/roles/R1.yaml", "customers: 65", "customers: 60", "sum to 100"),
        ("content/roles/R1.yaml", "years: [0, 1]", "years: [2, 1]", "from fewer to more years"),
        ("content/roles/R1.yaml", "id: R1", "id: R2", "its id is 'R2'"),
        ("content/kpis/service-level.yaml", "calc: within + late", "calc: within + nobody", "step 'answered'"),
        ("content/kpis/service-level.yaml", "group: speed", "group: speed\nfields: [cases.nothing]", "no field 'cases.nothing'"),
    ],
)
def test_a_fault_in_a_card_is_told_with_its_file(tree: dict[str, bytes], path: str, old: str, new: str, said: str) -> None:
    faults = changed(tree, path, old, new)
    assert any(fault.startswith(f"{path}:") and said in fault for fault in faults), faults


def test_every_card_of_the_course_is_complete_in_both_languages(tree: dict[str, bytes]) -> None:
    course, faults = inspect(tree, draws=1)
    assert course is not None and not list(faults)
    for card in (*course.material.kpis.values(), *course.material.roles.values()):
        assert not list(_untranslated(card.model_dump(), (card.id,)))


def _untranslated(value: Any, path: tuple[str, ...]) -> Any:
    if isinstance(value, dict) and "en" in value:
        if not value.get("zh"):
            yield path
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _untranslated(each, (*path, key))
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _untranslated(each, (*path, str(index)))
