"""The kind `order`: each action of one pattern has one of another before it, or actions come in the order of a list. What was undone does not count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import model_validator

from courseware.i18n import Text
from courseware.sandbox import show
from courseware.sandbox.findings import CheckSpec, Context, Miss, Outcome, Repeat, check_kind
from courseware.sandbox.journal import Entry, minutes_between
from courseware.sandbox.patterns import Pattern, matching, records

NOT_DONE = Text({"en": "not done yet", "zh": "尚未做"})
JOURNAL = Text({"en": "the journal of what you did", "zh": "操作日志"})
EARLIER = Text({"en": "first “{0}”, then “{1}”", "zh": "先“{0}”，后“{1}”"})


class OrderSpec(CheckSpec):
    """`every` action needs an `after` action before it: on the same record, within minutes, with no `unless` between, as far as said.

    With a list in `after` it needs one of each. `steps` says a whole chain instead: each needs the one before it.
    `repeat` judges all this once for each element.
    """

    repeat: Repeat | None = None
    every: Pattern | None = None
    after: Pattern | list[Pattern] | None = None
    steps: list[Pattern] = []
    same_record: bool = False
    within: float | None = None
    unless: Pattern | None = None
    least: int = 1
    least_every: int = 0

    @model_validator(mode="after")
    def _one_way(self) -> OrderSpec:
        if bool(self.steps) == (self.every is not None and self.after is not None) or len(self.steps) == 1:
            raise ValueError("an order check has either `every` and `after`, or `steps` with two patterns or more")
        return self

    def pairs(self) -> Iterator[tuple[Pattern, Pattern]]:
        """Give (what comes first, what comes after it)."""
        if self.every is not None and self.after is not None:
            yield from ((first, self.every) for first in (self.after if isinstance(self.after, list) else [self.after]))
        yield from zip(self.steps, self.steps[1:], strict=False)


@check_kind("order", OrderSpec, example={"every": {"verb": "account.assign"}, "after": {"verb": "account.create"}})
def check(spec: OrderSpec, context: Context) -> Outcome:
    scopes = context.scope.repeated(spec.repeat.raw() if spec.repeat else None)
    judged = [_pair(spec, first, then, replace(context, scope=scope)) for scope in scopes for first, then in spec.pairs()]
    misses = tuple(miss for outcome in judged for miss in outcome.misses)
    return Outcome(not misses, sum(outcome.held for outcome in judged), sum(outcome.of for outcome in judged), misses, judged[-1].count)


def _pair(spec: OrderSpec, first: Pattern, then: Pattern, context: Context) -> Outcome:
    later, earlier = matching(then, context), matching(first, context)
    between = matching(spec.unless, context) if spec.unless else []
    early = [entry for entry in later if not any(_serves(spec, first, one, then, entry, between) for one in earlier)]
    missing = max(0, spec.least - len(earlier)) + max(0, (1 if spec.steps else spec.least_every) - len(later))
    misses = [_early(first, then, entry, context) for entry in early] or ([_miss(first, then, context, NOT_DONE, JOURNAL)] if missing else [])
    of = len(later) + max(spec.least, 1)
    return Outcome(not misses, max(0, of - len(early) - missing), of, tuple(misses), len(later))


def _serves(spec: OrderSpec, first: Pattern, one: Entry, then: Pattern, entry: Entry, between: list[Entry]) -> bool:
    return (
        one.no < entry.no
        and (not spec.same_record or bool(records(one, first) & records(entry, then)))
        and (spec.within is None or minutes_between(one.at, entry.at) <= spec.within)
        and not any(one.no < other.no < entry.no for other in between)
    )


def _early(first: Pattern, then: Pattern, entry: Entry, context: Context) -> Miss:
    about = sorted(records(entry, then))
    where = show.same(f"{entry.at} " + ", ".join(show.title_of(context.scope.state, table, id) for table, id in about))
    miss = _miss(first, then, context, show.joined((show.same(entry.at), show.verb(entry.verb)), " "), where)
    table, id = about[0] if about else (None, None)
    return Miss(table, id, miss.where, miss.field, miss.holds, miss.expected, then.teach)


def _miss(first: Pattern, then: Pattern, context: Context, holds: Text, where: Text) -> Miss:
    earlier, later = _named(first, context), _named(then, context)
    expected = Text({language: words.format(earlier.to(language), later.to(language)) for language, words in EARLIER.items()})
    return Miss(where=where, field=earlier, holds=holds, expected=expected)


def _named(pattern: Pattern, context: Context) -> Text:
    if pattern.sets is None:
        return show.joined((show.verb(name) for name in pattern.verbs()), show.COMMA)
    tables, table = context.scope.state.tables, pattern.sets.table
    return show.joined([show.label(tables, table, column) for column in pattern.sets.columns])
