"""The jobs of a service department: duties, requirements, how each is judged, a day in it, and where it leads. Sign-off of new hires is not here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field, field_validator

from courseware.course.yaml import Strict
from courseware.expressions import Path
from courseware.i18n import Text

ACTIVITIES: Mapping[str, Text] = {
    "customers": Text({"en": "with customers", "zh": "面对客户"}),
    "records": Text({"en": "records and cases", "zh": "记录与工单"}),
    "figures": Text({"en": "figures and checks", "zh": "数据与检查"}),
    "colleagues": Text({"en": "colleagues and coaching", "zh": "同事与辅导"}),
    "planning": Text({"en": "planning and writing", "zh": "计划与写作"}),
}
"""What a working day is made of; the shares a role gives them are the course's own estimate."""


class Onet(Strict):
    """The nearest occupation of O*NET. `fit` says how near it is."""

    code: str = Field(pattern=r"^\d\d-\d{4}\.\d\d$")
    title: str
    fit: Literal["direct", "nearest", "weak"]
    note: Text | None = None


class Requirement(Strict):
    """Something the job asks for, and the objectives whose evidence shows it."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    text: Text
    objectives: tuple[str, ...] = Field(min_length=1)


class Assessed(Strict):
    """One figure or judgement a role is assessed by; `kpi` names its card where there is one."""

    text: Text
    kpi: str | None = None


class Hour(Strict):
    """A moment of a day in the job."""

    at: str = Field(pattern=r"^\d\d:\d\d$")
    text: Text


class Role(Strict):
    """A role card. `years` is the experience people usually bring before they begin in it, from and to; `leads_to` are ids of roles."""

    id: str = Field(pattern=r"^R\d+$")
    number: int
    name: Text
    summary: Text
    onet: Onet
    years: tuple[float, float]
    duties: tuple[Text, ...] = Field(min_length=3)
    qualifications: tuple[Text, ...] = Field(min_length=1)
    knowledge: tuple[Text, ...] = Field(min_length=1)
    skills: tuple[Text, ...] = Field(min_length=1)
    abilities: tuple[Text, ...] = Field(min_length=1)
    requirements: tuple[Requirement, ...] = Field(min_length=3)
    assessed_by: tuple[Assessed, ...] = Field(min_length=2)
    trade_off: Text
    leads_to: tuple[str, ...] = ()
    path: Text
    day: tuple[Hour, ...] = Field(min_length=5)
    shares: dict[str, int]
    scenarios: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def faults(self) -> Iterator[tuple[Path, str]]:
        """Find what is well formed and makes no sense."""
        if self.years[0] > self.years[1]:
            yield ("years",), "the usual experience goes from fewer to more years"
        if len({asked.id for asked in self.requirements}) < len(self.requirements):
            yield ("requirements",), "the id of a requirement is used twice"

    @field_validator("shares")
    @classmethod
    def _whole_day(cls, shares: dict[str, int]) -> dict[str, int]:
        if set(shares) != set(ACTIVITIES) or sum(shares.values()) != 100:
            raise ValueError(f"the shares of {', '.join(ACTIVITIES)} are needed and sum to 100")
        return {name: shares[name] for name in ACTIVITIES}
