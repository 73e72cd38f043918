"""Read evidence and fold it into mastery: of each source the newest row counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware.course.model import Objective
from courseware.grading.mastery import Mastery, Piece, mastery
from courseware.grading.models import Evidence


def evidence_of(session: Session, person_ids: Iterable[int], objective: str | None = None) -> Sequence[Evidence]:
    """The rows that count for some persons, newest first, in one statement."""
    newest = select(func.max(Evidence.id)).where(Evidence.person_id.in_(list(person_ids))).group_by(Evidence.person_id, Evidence.source)
    query = select(Evidence).where(Evidence.id.in_(newest)).order_by(Evidence.id.desc())
    if objective is not None:
        query = query.where(Evidence.objective == objective)
    return session.scalars(query).all()


@dataclass(frozen=True)
class Standing:
    """Where one person stands with one objective, and the rows it rests on."""

    objective: Objective
    mastery: Mastery
    evidence: tuple[Evidence, ...]


def standings(rows: Iterable[Evidence], objectives: Mapping[str, Objective]) -> dict[int, dict[str, Standing]]:
    """Fold evidence into the standing of every person named in it, by person id and objective code."""
    grouped: dict[int, dict[str, list[Evidence]]] = {}
    for row in rows:
        grouped.setdefault(row.person_id, {}).setdefault(row.objective, []).append(row)
    return {person: {code: standing(objectives[code], found) for code, found in by_code.items() if code in objectives} for person, by_code in grouped.items()}


def standing(objective: Objective, rows: Sequence[Evidence] = ()) -> Standing:
    pieces = [Piece(row.score, row.weight, row.shows_ability) for row in rows]
    return Standing(objective, mastery(pieces, is_ability=objective.is_ability), tuple(rows))
