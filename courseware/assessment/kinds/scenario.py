"""A scenario as a question: the work in a run of the practice CRM, checked when the quiz is handed in. The checks themselves are the sandbox's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from courseware.assessment.questions import KINDS, Fault, Fields, Model, PartScore, Question, Remark, Response, Score, example_of, text_in
from courseware.i18n import Text
from courseware.sandbox.findings import Finding

LONGEST_ID = 18


class CheckShare(Model):
    """A check of the scenario as the paper pinned it: its objective, and its weight among the others."""

    id: str
    objective: str
    weight: float


class Worked(Model):
    """What the last check of a run found."""

    findings: tuple[dict[str, Any], ...]
    passed: bool


class ScenarioQuestion(Question):
    """The learner works on a scenario in a run of its own, beside the quiz; its checks give the points when the quiz is handed in.

    `sandbox: {scenario: SC31}` names the scenario; its situation and tasks stand in the CRM, so the stem only says what to begin with.
    Opening the CRM begins the run, planted with the paper's seed; the learner comes and goes as she likes until the quiz is handed in or its time is over. There is no
    checking in between and there are no hints: the state at hand-in counts. Behaviours with several tries do not apply.

    `rule: scenario-1` is that of the scenario: the sum of weight ×
    fraction of its checks, by the sum of their weights, each check a part. A scenario worth 12 by its weights, with 9 reached, gives 9 ÷ 12 of the
    question's points.

    Each check is evidence for its own objective, and shows ability where the scenario was passed, as if it had been worked on
    outside a quiz; it is counted once, as part of the quiz. Such a run is no attempt at the scenario of its own: it stands in no list, and another
    may be open beside it. `feedback` is read with the findings.
    """

    has_run: ClassVar[bool] = True

    kind: Literal["scenario"]
    rule: Literal["scenario-1"] = "scenario-1"
    feedback: Text
    checks: tuple[CheckShare, ...] = ()
    found: dict[str, Worked] = Field(default_factory=dict)

    def clean(self, response: Response) -> str | None:
        """The id of the run, as text."""
        run = text_in(response)
        return run if run and run.isascii() and run.isdecimal() and len(run) <= LONGEST_ID else None

    def with_found(self, found: Mapping[str, Any]) -> Question:
        return self.model_copy(update={"found": {run: Worked.model_validate(worked) for run, worked in found.items()}})

    @property
    def worked(self) -> Worked | None:
        """What was found in the run of this question, once it was handed in."""
        return next(iter(self.found.values()), None)

    def findings(self, response: Response) -> tuple[Finding, ...]:
        """Give what the checks found in the run that an answer names; nothing if that is none of this question."""
        worked = self.found.get(self.clean(response) or "")
        return tuple(Finding.from_json(finding) for finding in worked.findings) if worked else ()

    def judge(self, given: str) -> Score:
        findings = self.findings(given)
        if not findings:
            return self.scored(0.0, [Remark("", self.feedback, False)], self._parts({}))
        parts = self._parts({finding.check: finding.fraction for finding in findings}, findings)
        fraction = min(1.0, sum(part.fraction * part.points for part in parts) / self.points)
        remarks = [Remark(finding.check, finding.teaching or finding.title, finding.passed) for finding in findings]
        return self.scored(fraction, [*remarks, Remark("", self.feedback, fraction == 1)], parts)

    def unanswered(self) -> Score:
        return self.scored(0.0, parts=self._parts({}))

    def _parts(self, fractions: Mapping[str, float], findings: tuple[Finding, ...] = ()) -> list[PartScore]:
        weights = {finding.check: finding.weight for finding in findings} or {check.id: check.weight for check in self.checks}
        whole = sum(weights.values())
        return [PartScore(id, fractions.get(id, 0.0), self.points * weight / whole, self.rule) for id, weight in weights.items()]

    def read(self, form: Fields, prefix: str) -> str | None:
        return self.clean((form.get(prefix) or [""])[0])

    def correct(self) -> str:
        """Name the run in which everything was found right; there is no such answer before it was worked out."""
        return next((run for run in self.found if self.judge(run).fraction == 1), "")

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.sandbox == "":
            yield Fault(("sandbox", "scenario"), "a scenario has to be named, as `sandbox: {scenario: SC31}`")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        stem = {"en": "A customer writes for the second time. Settle it in the CRM.", "zh": "一位客户第二次来信，请在CRM里处理。"}
        feedback = {"en": "Open what came in first, then decide who owns it.", "zh": "先看来件，再决定由谁负责。"}
        found = {
            "7": {"findings": [_finding("owner", True), _finding("reply", True)], "passed": True},
            "8": {"findings": [_finding("owner", True), _finding("reply", False)], "passed": False},
        }
        return example_of("scenario", 6, stem=stem, feedback=feedback, found=found), "7", "8"


def _finding(check: str, passed: bool) -> dict[str, Any]:
    text = Text({"en": f"The {check} is right", "zh": "已完成"})
    return Finding(check, "state", text, "A4.1", 6.0, passed, float(passed), text, text, None if passed else text, text, text, text).to_json()


KINDS.add("scenario", ScenarioQuestion)
