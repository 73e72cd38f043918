"""Read the course's own files out of a tree of files: head, objectives, glossary, sources, modules and sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

from courseware.course import links
from courseware.course.calculators import Calculator
from courseware.course.faults import Faults
from courseware.course.kpis import Kpi
from courseware.course.model import CourseHead, Fact, Material, ModuleFile, Objective, Section, SectionHead, Source, Term
from courseware.course.render import Renderer
from courseware.course.roles import Role
from courseware.course.scan import Piece, scan
from courseware.course.yaml import Document, load
from courseware.i18n import LANGUAGES

Tree = Mapping[str, bytes]  # path inside the folder, with forward slashes → content
SECTION_FILE = re.compile(r"(content/modules/[a-z0-9]+|case_studies/[a-z0-9]+)/([a-z0-9.]+)\.(en|zh)\.md")
Item = TypeVar("Item")
Card = TypeVar("Card", Kpi, Role, Calculator)


@dataclass(frozen=True)
class Draft:
    """A section as scanned, before anything can be referred to."""

    file: str
    folder: str
    language: str
    head: SectionHead
    pieces: list[Piece]


def read_material(tree: Tree, faults: Faults) -> Material | None:
    """Read everything this room knows. None only where the course has no readable head."""
    head_file = document(tree, "content/course.yaml", faults)
    head = head_file.read(CourseHead) if head_file else None
    if head is None:
        return None
    objectives = _list(tree, "content/objectives.yaml", Objective, lambda objective: objective.code, faults)
    terms = _list(tree, "content/glossary.yaml", Term, lambda term: term.term["en"].lower(), faults)
    facts = _list(tree, "content/facts.yaml", Fact, lambda fact: fact.code, faults)
    sources = _list(tree, "content/sources.yaml", Source, lambda source: source.id, faults)
    modules = dict(_modules(tree, head, faults))
    drafts = list(_drafts(tree, faults))
    targets = _targets(tree, drafts, faults)
    sections = {
        (draft.head.id, draft.language): Section(draft.head.id, draft.language, draft.file, draft.head, _renderer(tree, draft, terms, sources, targets, faults).blocks(draft.pieces))
        for draft in drafts
    }
    _check_languages(sections, faults)
    kpis = _cards(tree, "kpis", Kpi, faults)
    calculators = {**kpis, **_cards(tree, "calculators", Calculator, faults)}
    return Material(head, objectives, terms, facts, sources, modules, sections, kpis, _cards(tree, "roles", Role, faults), calculators)


def read_section(tree: Tree, file: str, faults: Faults) -> Section | None:
    """Read one section as it stands among all others: what its author sees while writing."""
    elsewhere = Faults()
    terms = _list(tree, "content/glossary.yaml", Term, lambda term: term.term["en"].lower(), elsewhere)
    sources = _list(tree, "content/sources.yaml", Source, lambda source: source.id, elsewhere)
    targets = _targets(tree, list(_drafts(tree, elsewhere)), elsewhere)
    draft = next(_drafts({file: tree[file]}, faults), None)
    if draft is None:
        return None
    blocks = _renderer(tree, draft, terms, sources, targets, faults).blocks(draft.pieces)
    return Section(draft.head.id, draft.language, draft.file, draft.head, blocks)


def document(tree: Tree, file: str, faults: Faults) -> Document | None:
    """Load one YAML file of the tree; a missing one is a fault."""
    if file not in tree:
        faults.add(file, 1, 1, "this file is missing")
        return None
    return load(file, tree[file], faults)


def _list(tree: Tree, file: str, model: type[Item], key: Callable[[Item], str], faults: Faults) -> dict[str, Item]:
    found: dict[str, Item] = {}
    document_ = document(tree, file, faults)
    if document_ is None or document_.data is None:
        return found
    if not isinstance(document_.data, list):
        document_.fault((), "expected a list")
        return found
    for index, data in enumerate(document_.data):
        item = document_.read(model, (index,), data)
        if item is not None and key(item) in found:
            document_.fault((index,), f"{key(item)!r} stands here a second time")
        elif item is not None:
            found[key(item)] = item
    return found


def _cards(tree: Tree, folder: str, model: type[Card], faults: Faults) -> dict[str, Card]:
    """Read a folder of cards, one file each, named as its id; in the order of their numbers."""
    found: list[Card] = []
    for file in sorted(file for file in tree if re.fullmatch(rf"content/{folder}/[A-Za-z0-9-]+\.yaml", file)):
        document_ = document(tree, file, faults)
        card = document_.read(model) if document_ else None
        if card and document_:
            if card.id != PurePosixPath(file).stem:
                document_.fault(("id",), f"the file is called {PurePosixPath(file).name}, its id is {card.id!r}")
            for path, sentence in card.faults():
                document_.fault(path, sentence)
            found.append(card)
    return {card.id: card for card in sorted(found, key=lambda card: getattr(card, "number", 0))}


def _modules(tree: Tree, head: CourseHead, faults: Faults) -> Iterator[tuple[str, ModuleFile]]:
    for id in head.modules:
        document_ = document(tree, f"content/modules/{id.lower()}/module.yaml", faults)
        module = document_.read(ModuleFile) if document_ else None
        if module and document_ and module.id != id:
            document_.fault(("id",), f"expected {id!r}, got {module.id!r}")
        if module:
            yield id, module


def _drafts(tree: Tree, faults: Faults) -> Iterator[Draft]:
    for file in sorted(tree):
        if not (name := SECTION_FILE.fullmatch(file)):
            continue
        try:
            text = tree[file].decode()
        except UnicodeDecodeError as failure:
            faults.add(file, 1, 1, f"not UTF-8: {failure}")
            continue
        front, pieces = scan(file, text, faults)
        head = front.read(SectionHead) if front else None
        if head and front and head.id.lower() != name[2]:
            front.fault(("id",), f"the file is called {name[2]}, its id is {head.id!r}")
        if head:
            yield Draft(file, name[1], name[3], head, pieces)


def _targets(tree: Tree, drafts: list[Draft], faults: Faults) -> dict[str, str]:
    """Everything a text may refer to, with its address. Block ids are unique in the course."""
    targets = {path.split("/")[2]: links.scenario(path.split("/")[2]) for path in tree if re.fullmatch(r"content/scenarios/[A-Z0-9]+/scenario\.yaml", path)}
    for path in tree:
        if card := re.fullmatch(r"content/(kpis|roles)/([A-Za-z0-9-]+)\.yaml", path):
            targets[f"kpi-{card[2]}" if card[1] == "kpis" else card[2]] = links.kpi(card[2]) if card[1] == "kpis" else links.role(card[2])
    owners: dict[tuple[str, str], str] = {}
    for draft in drafts:
        is_case = draft.folder.startswith("case_studies")
        home = links.case(draft.head.id) if is_case else links.section(draft.head.id)
        targets[draft.head.id] = home
        for piece in draft.pieces:
            if not piece.id:
                continue
            owner = owners.setdefault((piece.id, draft.language), draft.file)
            if targets.setdefault(piece.id, f"{home}#{piece.id}") and owner is not draft.file:
                faults.add(draft.file, piece.line, 1, f"block id {piece.id!r} is already used in {owner}")
    for draft in drafts:
        seen: set[str] = set()
        for piece in draft.pieces:
            if piece.id and piece.id in seen:
                faults.add(draft.file, piece.line, 1, f"block id {piece.id!r} stands here a second time")
            seen.add(piece.id)
    return targets


def _renderer(tree: Tree, draft: Draft, terms: Mapping[str, Term], sources: Mapping[str, Source], targets: Mapping[str, str], faults: Faults) -> Renderer:
    languages = dict.fromkeys(("en", draft.language))  # a translation may use the English names too
    by_name = {name.lower(): term for term in terms.values() for language in languages for name in term.names(language)}
    return Renderer(draft.file, draft.head, draft.language, by_name, sources, targets, tree, draft.folder, faults)


def _check_languages(sections: Mapping[tuple[str, str], Section], faults: Faults) -> None:
    """Two languages of a section hold the same blocks in the same order; a missing translation is a note, missing English a fault."""
    for (id, language), section in sections.items():
        if language != "en":
            if (id, "en") not in sections:
                faults.add(section.file, 1, 1, "the English version is missing")
            continue
        for other in LANGUAGES[1:]:
            twin = sections.get((id, other))
            if twin is None:
                faults.add(section.file, 1, 1, f"no {other} version yet", note=True)
            elif difference := next((pair for pair in _pairs(section, twin) if pair[0] != pair[1]), None):
                here, there = difference
                faults.add(twin.file, twin.blocks[-1].line, 1, f"the blocks differ from {section.file}: there {here!r}, here {there!r}")


def _pairs(one: Section, other: Section) -> Iterator[tuple[str, str]]:
    for index in range(max(len(one.blocks), len(other.blocks))):
        yield tuple(f"{s.blocks[index].kind} {s.blocks[index].id}" if index < len(s.blocks) else "nothing" for s in (one, other))  # type: ignore[misc]  # a pair by construction
