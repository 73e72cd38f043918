"""Dialogue: a call or chat that goes on by what one says. One reaction to one situation is sjt.py's business."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Annotated, Any, Literal

from pydantic import Field

from courseware.assessment.questions import (
    KINDS,
    Fault,
    Fields,
    Id,
    Model,
    Order,
    PartScore,
    Piece,
    Question,
    Remark,
    Response,
    Score,
    example_of,
    first,
    ids_in,
    piece_faults,
)
from courseware.i18n import Text

END = "end"
MOST_NODES = 60
TAKEN_BACK = "back"  # the button that takes the last choice back


class Choice(Piece):
    """One thing to say: where the talk goes on, what it is worth, and why."""

    goes: Id
    points: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    feedback: Text


class Node(Model):
    """What the other side says, and what can be said to it. Nothing to say ends the talk."""

    says: Text
    choices: tuple[Choice, ...] = ()

    @property
    def most(self) -> float:
        return max((choice.points for choice in self.choices), default=0.0)


@dataclass(frozen=True)
class Turn:
    """One exchange of a talk: what the other side said, and what the learner answered, if anything yet."""

    id: str
    node: Node
    choice: Choice | None = None


class Dialogue(Question):
    """A talk with a customer, turn by turn: the learner chooses what to say, and the customer's answer depends on it.

    `nodes` maps an id to `{says, choices}`: what the customer says, and a list of `{id, text, goes, points, feedback}`, what the learner may
    say to it. `goes` names the next node, or `end`; a node without `choices` is a last word and ends the talk too. `points` (0 unless given,
    never below) is what a choice is worth, `feedback` says why and is read afterwards. `start` names the first node. Ids of choices are unique
    in the whole question. A talk never comes back to a node it has passed, so every path ends; several paths may lead to one node. Choices
    are shuffled for each paper. What was said stays said, unless `may_go_back: true`; a quiz that gives several tries needs that.

    Points are given by one of two named rules. `best-path` (the default): the points of the choices made, by the points of the path that
    gets most. `nodes`: each turn by itself, the points of the choice by the most that any choice of that node gives, and the mean of these
    over the turns of the path taken; turns at which no choice has points are left out. A talk that is broken off gets, by `best-path`,
    what it has so far; by `nodes` the missing turns count 0, as many as the longest way on has. Both rules show each turn as a part.

    A response is the list of the choices made, in their order: the path is kept, and each choice is saved when it is made.

    Example: start → `listen` (2 points) → `date` (2 points) → end, or start → `refuse` (0) → end. Listening and then naming no date gives
    2 of 4, so 0.5, by `best-path`, and (1 + 0) / 2 = 0.5 by `nodes`; refusing gives 0 by both.
    """

    kind: Literal["dialogue"]
    rule: Literal["best-path", "nodes"] = "best-path"
    nodes: dict[Id, Node] = Field(min_length=1, max_length=MOST_NODES)
    start: Id
    may_go_back: bool = False

    @property
    def choices(self) -> list[Choice]:
        return [choice for node in self.nodes.values() for choice in node.choices]

    # The talk

    @property
    def only_grows(self) -> bool:
        return not self.may_go_back

    def turns(self, response: Response) -> list[Turn]:
        """Give the talk so far. Its last turn is still open if there is something left to say, and is a last word if its node has no choices."""
        said = ids_in(response, [choice.id for choice in self.choices])
        talk: list[Turn] = []
        at: str | None = self.start
        while at in self.nodes and at not in {turn.id for turn in talk}:
            node = self.nodes[at]
            wanted = said[len(talk)] if len(talk) < len(said) else None
            choice = next((choice for choice in node.choices if choice.id == wanted), None)
            talk.append(Turn(at, node, choice))
            at = choice.goes if choice else None
        return talk

    def has_ended(self, response: Response) -> bool:
        last = self.turns(response)[-1]
        return last.choice is not None or not last.node.choices

    def offered(self, turn: Turn, order: Order | None) -> list[Choice]:
        """Give what can be said at a turn, in the order of a paper."""
        choices = {choice.id: choice for choice in turn.node.choices}
        wanted = [*(order or {}).get(turn.id, ()), *self.shuffle(Random(self.id)).get(turn.id, ())]
        return [choices[id] for id in dict.fromkeys(wanted) if id in choices]

    def shuffle(self, rng: Random) -> dict[str, list[str]]:
        return {id: rng.sample(ids, len(ids)) for id, node in self.nodes.items() for ids in [[choice.id for choice in node.choices]]}

    def clean(self, response: Response) -> list[str] | None:
        """Keep the choices that follow each other from the start."""
        return [turn.choice.id for turn in self.turns(response) if turn.choice] or None

    def is_answered(self, response: Response) -> bool:
        """A talk is answered when it has ended; until then it is under way."""
        return self.clean(response) is not None and self.has_ended(response)

    def read(self, form: Fields, prefix: str) -> list[str] | None:
        """Read the choices made, one field each, numbered from 0; the last one may be the button that was pressed."""
        known = {self.token(choice.id): choice.id for choice in self.choices} | {choice.id: choice.id for choice in self.choices}
        sent = [first(form, f"{prefix}.{number}") for number in range(len(self.nodes))]
        said = self.clean([known.get(value) for value in (sent if sent[0] else form.get(prefix) or ())]) or []
        return (said[:-1] if self.may_go_back and first(form, f"{prefix}.{TAKEN_BACK}") else said) or None

    # The score

    def judge(self, given: Response) -> Score:
        said = [turn for turn in self.turns(given) if turn.choice]
        remarks = [Remark(turn.choice.id, turn.choice.feedback, turn.choice.points == turn.node.most) for turn in said if turn.choice]
        parts = self._parts(given)
        return self.scored(min(1.0, sum(part.fraction * part.points for part in parts) / self.points), remarks, parts)

    def unanswered(self) -> Score:
        return self.scored(0.0, parts=self._parts([]))

    def _parts(self, given: Response) -> list[PartScore]:
        """Give every turn at which there are points to get."""
        talk = [turn for turn in self.turns(given) if turn.node.most]
        whole = self.best if self.rule == "best-path" else len(talk) + self._still_to_come(given)
        shares = [turn.node.most / whole if self.rule == "best-path" else 1 / whole for turn in talk]
        return [PartScore(turn.id, turn.choice.points / turn.node.most if turn.choice else 0.0, self.points * share, self.rule) for turn, share in zip(talk, shares, strict=True)]

    def _still_to_come(self, given: Response) -> int:
        """How many turns with points the longest way on still has, after the last turn of a talk."""
        last = self.turns(given)[-1]
        ways = self._most(lambda node, _: float(node.most > 0))
        return 0 if last.choice else int(max((ways.get(choice.goes, 0.0) for choice in last.node.choices), default=0))

    @property
    def best(self) -> float:
        """What the best path comes to: points, or by `nodes` turns at which the best was said."""
        return self._most(self._worth).get(self.start, 0.0)

    def _worth(self, node: Node, choice: Choice) -> float:
        if self.rule == "best-path":
            return choice.points
        return float(node.most > 0) if choice.points == node.most else -math.inf  # the best path says nothing but the best

    def _most(self, worth: Callable[[Node, Choice], float]) -> Mapping[str, float]:
        """Give for each node the most that any path from it comes to, its choices being worth so much."""
        most: dict[str, float] = {}

        def visit(id: str, above: tuple[str, ...]) -> float:
            if id not in self.nodes or id in above:  # the end, or what faults() tells
                return 0.0
            if id not in most:
                most[id] = max((worth(self.nodes[id], choice) + visit(choice.goes, (*above, id)) for choice in self.nodes[id].choices), default=0.0)
            return most[id]

        visit(self.start, ())
        return most

    def correct(self) -> list[str]:
        """Give the path that gets most; by `nodes` the longest one that takes the best choice at every turn."""
        most = self._most(self._worth)
        path: list[str] = []
        node = self.nodes.get(self.start)
        while node and node.choices and len(path) < len(self.nodes):
            worth = [self._worth(node, choice) + most.get(choice.goes, 0.0) for choice in node.choices]
            choice = node.choices[worth.index(max(worth))]
            path.append(choice.id)
            node = self.nodes.get(choice.goes)
        return path

    # What makes no sense

    def faults(self) -> Iterator[Fault]:
        yield from super().faults()
        if self.start not in self.nodes:
            yield Fault(("start",), f"there is no node {self.start!r}; there are {', '.join(self.nodes)}")
            return
        seen: set[str] = set()
        for id, node in self.nodes.items():
            yield from self._node_faults(id, node, seen)
        reached = self._reached(self.start)
        for id in self.nodes:
            if id not in reached:
                yield Fault(("nodes", id), f"no path from {self.start!r} leads to {id!r}")
            elif any(id in self._reached(choice.goes) for choice in self.nodes[id].choices):
                yield Fault(("nodes", id), f"a talk can come back to {id!r} and need not end")
        if self.best <= 0:
            yield Fault(("nodes",), "the best path gets no points")

    def _node_faults(self, id: str, node: Node, seen: set[str]) -> Iterator[Fault]:
        if id == END:
            yield Fault(("nodes", id), f"{END!r} is how `goes` ends the talk; a node needs another id")
        yield from (Fault(("nodes", id, *fault.path), fault.sentence) for fault in piece_faults("choices", node.choices, at_least=0))
        for index, choice in enumerate(node.choices):
            if choice.id in seen:
                yield Fault(("nodes", id, "choices", index, "id"), f"the id {choice.id!r} is used at another node too")
            if choice.goes != END and choice.goes not in self.nodes:
                yield Fault(("nodes", id, "choices", index, "goes"), f"there is no node {choice.goes!r}; there are {END}, {', '.join(self.nodes)}")
        seen |= {choice.id for choice in node.choices}

    def _reached(self, id: str) -> set[str]:
        """Give every node that a path from this one passes, itself among them."""
        found: set[str] = set()
        ahead = [id]
        while ahead:
            here = ahead.pop()
            if here in self.nodes and here not in found:
                found.add(here)
                ahead += [choice.goes for choice in self.nodes[here].choices]
        return found

    @classmethod
    def example(cls) -> tuple[dict[str, Any], Response, Response]:
        nodes = {
            "hello": {
                "says": {"en": "This is the third time I ring. Nobody keeps a promise at your place!", "zh": "这是我第三次打电话了。你们那儿就没人说话算数！"},
                "choices": [
                    {"id": "listen", "text": {"en": "I am sorry. What was promised to you, and when?", "zh": "很抱歉。当时答应了您什么，什么时候的事？"}, "goes": "story", "points": 2, "feedback": {"en": "He is heard first, and you learn the facts.", "zh": "先听他说，也就弄清了事实。"}},
                    {"id": "number", "text": {"en": "Your order number, please.", "zh": "请报一下订单号。"}, "goes": "story", "points": 1, "feedback": {"en": "Needed, but he has not been heard yet.", "zh": "要问，但他的话还没被听进去。"}},
                    {"id": "refuse", "text": {"en": "That was not me.", "zh": "那不是我接的。"}, "goes": "gone", "feedback": {"en": "True, and of no use to him.", "zh": "是实话，但对他毫无用处。"}},
                ],
            },
            "story": {
                "says": {"en": "A technician on Monday. Today is Thursday.", "zh": "说好周一派技术员来。今天都周四了。"},
                "choices": [
                    {"id": "date", "text": {"en": "I ring you by four today with his name and the hour.", "zh": "今天四点前我给您回电，告诉您技术员是谁、几点到。"}, "goes": "thanks", "points": 2, "feedback": {"en": "One promise, with a time, that you can keep.", "zh": "一个有时间、能兑现的承诺。"}},
                    {"id": "soon", "text": {"en": "Somebody will come soon.", "zh": "很快会有人来的。"}, "goes": "thanks", "feedback": {"en": "This is what he was told on Monday.", "zh": "周一人家也是这么跟他说的。"}},
                ],
            },
            "thanks": {"says": {"en": "We shall see.", "zh": "那就看吧。"}},
            "gone": {"says": {"en": "(He hangs up.)", "zh": "（他挂了电话。）"}},
        }  # fmt: skip
        stem = {"en": "A customer rings your service desk.", "zh": "一位客户打进了你的服务台。"}
        return example_of("dialogue", 4, stem=stem, nodes=nodes, start="hello"), ["listen", "date"], ["listen", "soon"]


KINDS.add("dialogue", Dialogue)
