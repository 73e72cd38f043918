"""Turn the pieces of a section into blocks of HTML. Addresses come from links, labels from the words below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from courseware.course import svg
from courseware.course.evidence import Evidence
from courseware.course.faults import Faults
from courseware.course.model import Block, SectionHead, Source, Term
from courseware.course.scan import Piece
from courseware.course.text import escape, inline, mark_chinese, prose
from courseware.course.yaml import Strict
from courseware.i18n import Text

WORDS = {
    "figure": Text({"en": "Figure", "zh": "图"}),
    "table": Text({"en": "Table", "zh": "表"}),
    "example": Text({"en": "Worked example", "zh": "例题"}),
    "fact": Text({"en": "Quick fact", "zh": "小知识"}),
    "case": Text({"en": "Mini case", "zh": "小案例"}),
    "focus": Text({"en": "Focus question.", "zh": "思考："}),
    "exercise": Text({"en": "Exercise", "zh": "练习"}),
    "check": Text({"en": "Check yourself", "zh": "自测"}),
    "calculator": Text({"en": "Calculator", "zh": "算一算"}),
    "in words": Text({"en": "The figure in words", "zh": "图的文字说明"}),
    "confirmed": Text({"en": "confirmed", "zh": "已证实"}),
    "reported": Text({"en": "reported", "zh": "据称"}),
    "own": Text({"en": "course’s own", "zh": "本课程自拟"}),
    "source": Text({"en": "Source", "zh": "来源"}),
}


class Captioned(Strict):
    caption: str
    evidence: Evidence
    svg: str = ""


class Titled(Strict):
    title: str
    evidence: Evidence | None = None
    focus: str = ""
    questions: tuple[str, ...] = ()


class Questions(Strict):
    questions: tuple[str, ...]


class Calculated(Strict):
    title: str
    use: str
    evidence: Evidence | None = None


class Bare(Strict):
    pass


HEADERS: Mapping[str, type[Strict]] = {
    "figure": Captioned, "table": Captioned, "fact": Titled, "case": Titled, "example": Titled,
    "exercise": Titled, "check": Questions, "focus": Bare, "aside": Titled, "calculator": Calculated,
}  # fmt: skip


@dataclass
class Renderer:
    """Renders the pieces of one section in one language. `terms` stand by name in lower case, `targets` are the things that may be referred to, by address."""

    file: str
    head: SectionHead
    language: str
    terms: Mapping[str, Term]
    sources: Mapping[str, Source]
    targets: Mapping[str, str]
    figures: Mapping[str, bytes]
    folder: str
    faults: Faults
    cited: list[str] = field(default_factory=list)
    _line: int = 0

    def blocks(self, pieces: list[Piece]) -> tuple[Block, ...]:
        result: list[Block] = []
        count = 0
        for piece in pieces:
            self._line = piece.line
            if piece.kind in ("text", "heading"):
                count += 1
                piece = replace(piece, id=f"{self.head.id}-p{count}")
            try:
                block = self._block(piece)
            except ValueError as failure:  # a text too long to render
                self._fault(str(failure))
                continue
            if block:
                result.append(block)
        if self.cited:
            result.append(Block(f"{self.head.id}-sources", "sources", self._source_list(), self._line))
        return tuple(result)

    def _block(self, piece: Piece) -> Block | None:
        if piece.kind == "text":
            rendered = prose(piece.body, self.language, self._mark)
            return Block(piece.id, "text", re.sub(r"^<(\w+)", rf'<\1 id="{piece.id}"', rendered, count=1), piece.line)
        if piece.kind == "heading":
            title = inline(piece.body, self.language, self._mark)
            return Block(piece.id, "heading", f'<h{piece.level} id="{piece.id}">{title}</h{piece.level}>', piece.line, piece.level, re.sub(r"<[^>]+>", "", title))
        if piece.kind not in HEADERS:
            self._fault(f"unknown block {piece.kind!r}; known: {', '.join(sorted(HEADERS))}")
            return None
        header = self._header(piece)
        if header is None:
            return None
        rendered = getattr(self, f"_{piece.kind}")(piece, header)
        return Block(piece.id, piece.kind, rendered, piece.line, title=getattr(header, "title", ""), questions=getattr(header, "questions", ()), calculator=getattr(header, "use", ""))

    def _header(self, piece: Piece) -> Any:
        if piece.header is not None:
            return piece.header.read(HEADERS[piece.kind])
        try:
            return HEADERS[piece.kind]()
        except ValueError:
            self._fault(f"block {piece.id!r} needs a header: {', '.join(name for name, f in HEADERS[piece.kind].model_fields.items() if f.is_required())}")
            return None

    # The blocks, one function a kind

    def _figure(self, piece: Piece, header: Captioned) -> str:
        name = f"{self.folder}/figures/{header.svg}"
        file = next((f for f in (f"{name}.{self.language}.svg", f"{name}.en.svg") if f in self.figures), None)
        if file is None:
            self._fault(f"figure {piece.id!r}: there is no file {name}.en.svg")
            return ""
        picture = svg.clean(file, self.figures[file], piece.id, self.faults)
        words = f"<details><summary>{self._word('in words')}</summary>{prose(piece.body, self.language, self._mark)}</details>" if piece.body else ""
        return f'<figure class="figure" id="{piece.id}"><figcaption>{self._caption(piece, header)}</figcaption>{picture}{words}</figure>'

    def _table(self, piece: Piece, header: Captioned) -> str:
        rows = [_cells(line) for line in piece.body.splitlines() if line.strip().startswith("|")]
        if len(rows) < 3 or any(len(row) != len(rows[0]) for row in rows):
            self._fault(f"table {piece.id!r}: a heading row, a line of dashes, and rows of the same number of cells are needed")
            return ""
        heads = [self._inline(cell) for cell in rows[0]]
        labels = [escape(re.sub(r"<[^>]+>", "", head)) for head in heads]
        top = "".join(f'<th scope="col">{head}</th>' if head else "<td></td>" for head in heads)  # an empty head heads nothing
        body = "".join(
            "<tr>" + f'<th scope="row">{self._inline(row[0])}</th>'
            + "".join(f'<td data-l="{label}">{self._inline(cell)}</td>' for label, cell in zip(labels[1:], row[1:], strict=True))
            + "</tr>"
            for row in rows[2:]
        )  # fmt: skip
        caption = self._caption(piece, header)
        return f'<table class="stack" id="{piece.id}"><caption>{caption}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'

    def _fact(self, piece: Piece, header: Titled) -> str:
        return self._box(piece, header, "box-fact", self._word("fact"))

    def _case(self, piece: Piece, header: Titled) -> str:
        focus = f'<p class="focus"><b>{self._word("focus")}</b> {self._inline(header.focus)}</p>' if header.focus else ""
        return self._box(piece, header, "box-case", self._word("case"), after=focus)

    def _focus(self, piece: Piece, _: Bare) -> str:
        return f'<p class="focus" id="{piece.id}"><b>{self._word("focus")}</b> {self._inline(piece.body)}</p>'

    def _example(self, piece: Piece, header: Titled) -> str:
        box = self._box(piece, header, "box-example", f"{self._word('example')} {number(piece.id)}")
        return re.sub(r"<li>(.*?)</li>", r"<li><span>\1</span></li>", box.replace("<ol>", '<ol class="steps">'), flags=re.S)

    def _exercise(self, piece: Piece, header: Titled) -> str:
        return self._box(piece, header, "box-example", f"{self._word('exercise')} {piece.id.upper()}")

    def _calculator(self, piece: Piece, header: Calculated) -> str:
        label = self._evidence(header.evidence) if header.evidence else ""
        return f"<header><h3>{self._word('calculator')} <span>{self._inline(header.title)}</span></h3>{label}</header>{prose(piece.body, self.language, self._mark)}"

    def _check(self, piece: Piece, _: Questions) -> str:
        return prose(piece.body, self.language, self._mark) if piece.body else ""

    def _aside(self, piece: Piece, header: Titled) -> str:
        return f'<p class="aside" id="{piece.id}"><b>{self._inline(header.title)}</b> {self._inline(piece.body)}</p>'

    # Parts of blocks

    def _box(self, piece: Piece, header: Titled, style: str, name: str, after: str = "") -> str:
        label = self._evidence(header.evidence) if header.evidence else ""
        return (
            f'<section class="box {style}" id="{piece.id}"><header><h3>{name} <span>{self._inline(header.title)}</span></h3>{label}</header>'
            f"{prose(piece.body, self.language, self._mark)}{after}</section>"
        )

    def _caption(self, piece: Piece, header: Captioned) -> str:
        return f"<b>{self._word(piece.kind)} {number(piece.id)}</b>  {self._inline(header.caption)} {self._evidence(header.evidence)}"

    def _evidence(self, evidence: Evidence) -> str:
        return f'<span class="ev ev-{evidence}">{self._word(evidence)}</span>'

    def _word(self, name: str) -> str:
        return WORDS[name].to(self.language)

    def _inline(self, source: str) -> str:
        return inline(source, self.language, self._mark)

    def _source_list(self) -> str:
        items = "".join(
            f'<li id="source-{id}">{self._plain(self.sources[id].title)}. <span class="meta">{self._plain(self.sources[id].where)}</span></li>' for id in self.cited
        )
        return f'<section class="sources" id="{self.head.id}-sources"><h2 class="h3">{self._word("source")}</h2><ol>{items}</ol></section>'

    # Marks of our own

    def _mark(self, match: re.Match[str]) -> str:
        term, shown, words, target, source = match.groups()
        if term:
            return self._term(term.strip(), shown or term)
        if target:
            return self._reference(words, target)
        return self._citation(source)

    def _term(self, name: str, shown: str) -> str:
        term = self.terms.get(name.lower())
        if term is None:
            self._fault(f"[[{name}]] is not in the glossary")
            return escape(shown)
        return f'<button class="term" type="button" popovertarget="t-{term.slug}">{self._plain(shown)}</button>'

    def _reference(self, words: str, target: str) -> str:
        if target not in self.targets:
            self._fault(f"reference to {target!r}, which does not exist")
            return escape(words)
        return f'<a href="{escape(self.targets[target])}">{self._plain(words)}</a>'

    def _citation(self, id: str) -> str:
        if id not in self.sources:
            self._fault(f"[^{id}] is not in content/sources.yaml")
            return ""
        if id not in self.cited:
            self.cited.append(id)
        count = self.cited.index(id) + 1
        return f'<sup><a href="#source-{id}" aria-label="{self._word("source")} {count}">{count}</a></sup>'

    def _plain(self, words: str) -> str:
        return mark_chinese(escape(words)) if self.language == "en" else escape(words)

    def _fault(self, sentence: str) -> None:
        self.faults.add(self.file, self._line, 1, sentence)


def number(id: str) -> str:
    """Give the printed number of a block: `fig-1-2` is 1.2, `table-cs2-1` is CS2.1."""
    return ".".join(id.split("-")[1:]).upper()


def _cells(line: str) -> list[str]:
    """Split a table row. A bar that belongs to a cell is written `\\|`."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))]


