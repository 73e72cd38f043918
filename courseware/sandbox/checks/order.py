"""The kind `order`: each action of one pattern has one of another before it. What was undone does not count."""

from __future__ import annotations

from courseware.i18n import Text
from courseware.sandbox import show
from courseware.sandbox.findings import CheckSpec, Context, Miss, Outcome, check_kind
from courseware.sandbox.journal import Entry, minutes_between
from courseware.sandbox.patterns import Pattern, matching, records

NOT_DONE = Text({"en": "not done yet", "zh": "尚未做"})
JOURNAL = Text({"en": "the journal of what you did", "zh": "操作日志"})
EARLIER = Text({"en": "first “{0}”, then “{1}”", "zh": "先“{0}”，后“{1}”"})


class OrderSpec(CheckSpec):
    """`every` action needs an `after` action before it: on the same record, within minutes, with no `unless` between, as far as said."""

    every: Pattern
    after: Pattern
    same_record: bool = False
    within: float | None = None
    unless: Pattern | None = None
    least: int = 1
    least_every: int = 0


@check_kind("order", OrderSpec, example={"every": {"verb": "account.assign"}, "after": {"verb": "account.create"}})
def check(spec: OrderSpec, context: Context) -> Outcome:
    later, earlier = matching(spec.every, context), matching(spec.after, context)
    between = matching(spec.unless, context) if spec.unless else []
    early = [entry for entry in later if not any(_serves(spec, first, entry, between) for first in earlier)]
    missing = max(0, spec.least - len(earlier)) + max(0, spec.least_every - len(later))
    misses = [_early(spec, entry, context) for entry in early] or ([_miss(spec, context, NOT_DONE, JOURNAL)] if missing else [])
    of = len(later) + max(spec.least, 1)
    return Outcome(not misses, max(0, of - len(early) - missing), of, tuple(misses), len(later))


def _serves(spec: OrderSpec, first: Entry, entry: Entry, between: list[Entry]) -> bool:
    return (
        first.no < entry.no
        and (not spec.same_record or bool(records(first, spec.after) & records(entry, spec.every)))
        and (spec.within is None or minutes_between(first.at, entry.at) <= spec.within)
        and not any(first.no < other.no < entry.no for other in between)
    )


def _early(spec: OrderSpec, entry: Entry, context: Context) -> Miss:
    about = sorted(records(entry, spec.every))
    where = show.same(f"{entry.at} " + ", ".join(show.title_of(context.scope.state, table, id) for table, id in about))
    miss = _miss(spec, context, show.same(f"{entry.at} {entry.verb}"), where)
    table, id = about[0] if about else (None, None)
    return Miss(table, id, miss.where, miss.field, miss.holds, miss.expected, spec.every.teach)


def _miss(spec: OrderSpec, context: Context, holds: Text, where: Text) -> Miss:
    first, second = _named(spec.after, context), _named(spec.every, context)
    expected = Text({language: words.format(first.to(language), second.to(language)) for language, words in EARLIER.items()})
    return Miss(where=where, field=first, holds=holds, expected=expected)


def _named(pattern: Pattern, context: Context) -> Text:
    if pattern.sets is None:
        return show.same(", ".join(pattern.verbs()))
    tables, table = context.scope.state.tables, pattern.sets.table
    return show.joined([show.label(tables, table, column) for column in pattern.sets.columns])
