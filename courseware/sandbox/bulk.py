"""One verb on many records: tried out first, then done as one entry a record, so that the checks see each. Who may is asked elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from courseware.errors import Invalid, Refused
from courseware.i18n import Message, message
from courseware.sandbox.actions import VERBS
from courseware.sandbox.journal import Entry, Journal, Paper
from courseware.sandbox.play import Rules, perform
from courseware.sandbox.state import State
from courseware.sandbox.verbs import Verb

MOST = 200  # records at once: a journal stays quick to read
MARK = "bulk"  # the argument that joins the entries of one press: the number of the first


@dataclass(frozen=True)
class Tried:
    """What would happen: the entries, and the records that the rules of the verb refuse, each with the reason."""

    entries: tuple[Entry, ...]
    refused: Mapping[int, Message]


def verbs_for(table: str) -> tuple[Verb, ...]:
    """The verbs that make sense for many records of a table."""
    return tuple(verb for verb in VERBS.values() if verb.on == table and verb.bulk)


def try_out(state: State, paper: Paper, journal: Journal, rules: Rules, verb: str, arguments: Mapping[str, Any], records: Sequence[int]) -> Tried:
    """Do a verb to each record on a state that holds the journal's changes, each as the one before left it. All happens at the same time and costs what one costs.

    Raises Invalid where the arguments fit no record at all.
    """
    if verb not in VERBS or not VERBS[verb].bulk:
        raise Invalid(message("This cannot be done to several records at once."))
    if not records or len(records) > MOST:
        raise Refused(message("Choose at least one record and at most %(most)s.", most=MOST))
    entries: list[Entry] = []
    refused: dict[int, Invalid | Refused] = {}
    first = journal.next_no()
    for record in dict.fromkeys(records):
        try:
            done = perform(state, paper, journal, rules, verb, {**arguments, "record": record})
        except (Invalid, Refused) as problem:
            refused[record] = problem
        else:
            entries += [replace(entry, no=first + len(entries), arguments={**entry.arguments, MARK: first}) for entry in done]
    if not entries:
        _see_to_form(verb, refused.values())
    return Tried(tuple(entries), {record: problem.message for record, problem in refused.items()})


def _see_to_form(verb: str, problems: Iterable[Exception]) -> None:
    """Raise what names a field of the form, where no record could be done: that is not about the records."""
    fields = {argument.name for argument in VERBS[verb].arguments}
    for problem in problems:
        if isinstance(problem, Invalid) and problem.field in fields:
            raise problem
