"""KPI cards: what is measured, how it is computed step by step, and what it tempts people to do. The practice firm's own figures are the sandbox's business."""

from __future__ import annotations

from typing import Literal

from courseware.course.calculators import Calculator
from courseware.course.evidence import Evidence
from courseware.course.yaml import Strict
from courseware.i18n import Text

Group = Literal["speed", "quality", "work", "people", "value", "data"]
GROUPS: tuple[Group, ...] = ("speed", "quality", "work", "people", "value", "data")


class Target(Strict):
    """What is usually aimed at. `caution` says why it is no standard."""

    text: Text
    evidence: Evidence
    caution: Text
    sources: tuple[str, ...] = ()


class Kpi(Calculator):
    """A card. `choices` are what must be agreed before anybody computes, `fields` where the figures stand in the practice CRM."""

    number: int
    name: Text
    short: str = ""
    group: Group
    formula: Text
    unit: Text
    choices: Text
    fields: tuple[str, ...] = ()
    target: Target
    improves: Text
    gamed: Text
