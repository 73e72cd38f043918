"""Short text: labelled fields of a few words, compared with accepted answers or searched for ideas. Numbers are numeric.py's business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from courseware.assessment.accepting import Accepting, Answer, Group, normalised
from courseware.assessment.questions import KINDS, Fault, Fields, PartScore, Question, Remark, Response, Score, example_of, first, text_in
from courseware.i18n import Text


class Entry(Accepting):
    """A field to fill, with its label."""

    label: Text
    accept: dict[str, tuple[Answer, ...]] = Field(default_factory=dict)
    keywords: tuple[Group, ...] = ()

    @property
    def key(self) -> str:
        """An answer that gives all: the first of those accepted, or a word of every idea."""
        return self.answers[0] if self.accept else "; ".join(group.words[0] for group in self.keywords)

    def worth(self, typed: str) -> float:
        """Give the fraction of a typed text: that of the accepted answer, or the weight of the ideas found by that of all."""
        if self.accept:
            return self.share(typed)
        return sum(group.weight for group in self.keywords if group.is_in(typed)) / sum(group.weight for group in self.keywords)


class Short(Question):
    """One or more fields of a few words, each worth the same share of the points.

    `fields` is a list of `{id, label, accept: {en: […], zh: […]}}`. An answer in any language counts. Answers are compared after width
    (NFKC), capitals, spaces and closing punctuation are made equal; `case: true` on a field makes capitals count.

    An accepted answer is a text, which gives all, or `{match, fraction, as, feedback}`. `fraction` (0 to 1) is what it gives; `as` says
    how it is compared: `words` (the default) as a whole, `wildcard` with `*` for any characters or none and `\\*` for a star, `regex` as a
    regular expression that the whole answer must match. Each language's list is tried in order and its first answer that fits counts, so
    a pattern that catches the rest stands last; of two languages the better one counts. At least one answer of a field gives all and is
    written in plain words: it is shown as the right one. Regular expressions are RE2's: no look-around and no back-references, and in return
    none can be slow; one that RE2 does not know or finds too large is refused when the question is read.

    `typos: true` on a field forgives one slip (a letter too many, missing, wrong, or swapped with its neighbour: the distance of Damerau,
    1964) for every six characters of the accepted answer, where no listed answer fits as it stands. A listed wrong answer stays wrong.

    `rule: right-fields` (the default): every field gives its share times the fraction of its answer. `rule: keywords`: a field has, instead
    of `accept`, `keywords`, a list of ideas `{any: {en: […], zh: […]}, weight}`; its fraction is the weight (default 1) of the ideas that
    the text names by the weight of all. A word counts as a whole word, in Chinese anywhere in the text. The rule cannot see a "not".

    `feedback` explains. Answers that are not listed are shown to the instructor, who may extend the list.

    Example: a field `accept: {en: [internal customer, {match: "*customer", as: wildcard, fraction: 0.5}]}` with `typos: true` gives all for
    "Internal custmer" and half for "inner customer".
    """

    kind: Literal["short"]
    rule: Literal["right-fields", "keywords"] = "right-fields"
    fields: tuple[Entry, ...] = Field(min_length=1)
    feedback: Text

    @property
    def is_graded(self) -> bool:
        """Whether some answers give a part: learners are told."""
        return any(0 < answer.fraction < 1 for entry in self.fields for answers in entry.accept.values() for answer in answers)

    def clean(self, response: Response) -> dict[str, str] | None:
        if not isinstance(response, Mapping):
            return None
        typed = {id: text_in(response.get(id)) for id in self.ids("fields")}
        return {id: text for id, text in typed.items() if text} or None

    def judge(self, given: Response) -> Score:
        parts = self._parts(given)
        fraction = sum(part.fraction for part in parts) / len(parts)
        return self.scored(fraction, [*self._remarks(given), Remark("", self.feedback, fraction == 1)], parts)

    def _remarks(self, given: Mapping[str, str]) -> Iterator[Remark]:
        for entry in self.fields:
            found = entry.found(given[entry.id]) if entry.id in given else None
            if found and found.feedback:
                yield Remark(entry.id, found.feedback, found.fraction == 1)

    def unanswered(self) -> Score:
        return self.scored(0.0, parts=self._parts({}))

    def _parts(self, given: Mapping[str, str]) -> list[PartScore]:
        share = self.points / len(self.fields)
        return [PartScore(entry.id, entry.worth(given[entry.id]) if entry.id in given else 0.0, share, self.rule) for entry in self.fields]

    def unlisted(self, responses: Iterable[Response]) -> dict[str, list[tuple[str, int]]]:
        """Count, by field, the answers that nothing listed fits, the most frequent first. What differs in width, spaces or capitals is one answer."""
        given, found = [one for one in map(self.clean, responses) if one], {}
        for entry in self.fields:
            typed = [one[entry.id] for one in given if entry.id in one]
            if entry.accept and (others := Counter(normalised(text, entry.case) for text in typed if entry.found(text) is None)):
                found[entry.id] = others.most_common()
        return found

    def read(self, form: Fields, prefix: str) -> dict[str, str] | None:
        return self.clean({id: first(form, f"{prefix}.{id}") for id in self.ids("fields")})

    def correct(self) -> dict[str, str]:
        return {entry.id: entry.key for entry in self.fields}

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        ids = self.ids("fields")
        for index, entry in enumerate(self.fields):
            if entry.id in ids[:index]:
                yield Fault(("fields", index), f"the id {entry.id!r} is used twice")
            if bool(entry.accept) == bool(entry.keywords) or bool(entry.keywords) != (self.rule == "keywords"):
                yield Fault(("fields", index), "a field has `accept`, or with `rule: keywords` it has `keywords`")
            elif entry.accept:
                yield from (Fault(("fields", index, *fault.path), fault.sentence) for fault in entry.answer_faults())
            elif not all(word.strip() for group in entry.keywords for word in group.words):
                yield Fault(("fields", index, "keywords"), "a word of an idea is empty")

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        fields = [
            {"id": "inside", "label": {"en": "Receives inside the firm"}, "accept": {"en": ["internal customer"], "zh": ["内部客户"]}},
            {"id": "outside", "label": {"en": "Receives outside it"}, "accept": {"en": ["external customer"], "zh": ["外部客户"]}},
        ]
        data = example_of("short", 2, stem={"en": "Name the two."}, fields=fields, feedback={"en": "The firm's wall divides them."})
        return data, {"inside": "Internal  customer", "outside": "外部客户"}, {"inside": "colleague", "outside": "外部客户"}


KINDS.add("short", Short)
