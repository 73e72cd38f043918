"""What the kinds share that ask for one of several things beside each of many: matching, categorise, matrix."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from courseware.assessment.questions import Fields, PartScore, Piece, Question, Remark, Response, Score, first
from courseware.i18n import Text


class Asked(Piece):
    """A thing that something is chosen for, and what a choice tells; where its key stands each kind says."""

    feedback: Text


class Pairs(Question):
    """Every right pair gives the same share of the points. A response maps the ids of what is asked to the ids of what is offered."""

    offered: ClassVar[str]
    """The field of the pieces to choose from."""

    @property
    @abstractmethod
    def keys(self) -> Mapping[str, str]:
        """What is right for each thing asked, by id."""

    @property
    @abstractmethod
    def asked(self) -> Sequence[Asked]:
        """The things something is chosen for."""

    def clean(self, response: Response) -> dict[str, str] | None:
        if not isinstance(response, Mapping):
            return None
        known = set(self.ids(self.offered))
        given = {one.id: response.get(one.id) for one in self.asked}
        return {id: chosen for id, chosen in given.items() if isinstance(chosen, str) and chosen in known} or None

    def judge(self, given: Response) -> Score:
        parts = self._parts(given)
        remarks = [Remark(one.id, one.feedback, given[one.id] == self.keys[one.id]) for one in self.asked if one.id in given]
        return self.scored(sum(part.fraction for part in parts) / len(parts), remarks, parts)

    def unanswered(self) -> Score:
        return self.scored(0.0, parts=self._parts({}))

    def _parts(self, given: Mapping[str, str]) -> list[PartScore]:
        share = self.points / len(self.asked)
        return [PartScore(id, float(given.get(id) == key), share, self.rule) for id, key in self.keys.items()]

    def read(self, form: Fields, prefix: str) -> dict[str, str] | None:
        known = self.by_token(self.offered)
        fields = {one.id: first(form, f"{prefix}.{self.token(one.id)}") or first(form, f"{prefix}.{one.id}") for one in self.asked}
        return self.clean({id: known.get(value) for id, value in fields.items()})

    def correct(self) -> dict[str, str]:
        return dict(self.keys)
