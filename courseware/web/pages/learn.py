"""The textbook: contents, sections with their checks and exercises, the glossary, print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any

import flask
from markupsafe import Markup

from courseware.assessment.attempts import practise
from courseware.assessment.peers import Peers, peers_of
from courseware.assessment.questions import Question, Score
from courseware.compile import Course
from courseware.course.model import Block, ModuleFile, Section, Term
from courseware.errors import NotFound
from courseware.web.calculators import Worked, worked
from courseware.web.cookies import place_in_book, remember_place
from courseware.web.routing import Area, Context, Page, Result, signed_in
from courseware.web.tokens import with_tokens
from courseware.web.views import fragment

area = Area("learn")


@dataclass(frozen=True)
class SectionPage:
    """A section in the reader's language, its place in the module, and the answer just checked, if any."""

    section: Section
    module: ModuleFile
    titles: Mapping[str, str]
    terms: tuple[Term, ...]
    questions: Mapping[str, Question]
    orders: Mapping[str, Mapping[str, list[str]]]
    worked: Mapping[str, Worked]
    previous: str | None
    following: str | None
    checked: str | None = None
    response: Any = None
    score: Score | None = None
    peers: Peers | None = None


@area.get("/learn", policy=signed_in)
def index(ctx: Context) -> Result:
    course = ctx.course
    titles = {id: course.material.section(id, ctx.language).head for module in course.modules.values() for id in module.sections}
    return Page("learn/index.html", {"modules": course.modules.values(), "sections": titles})


@area.get("/learn/<section_id>", policy=signed_in)
def section(ctx: Context, section_id: str) -> Result:
    if "calculator" in ctx.request.args:
        return _shown(ctx, section_id, fragment("learn/section_body.html", ctx, ctx.language, _page(ctx, section_id)))
    key = (ctx.course.revision, section_id, ctx.language)
    if key not in ctx.site.fragments:
        ctx.site.fragments[key] = fragment("learn/section_body.html", ctx, ctx.language, _page(ctx, section_id))
    if place_in_book(ctx.request) != section_id:
        flask.after_this_request(lambda response: remember_place(response, section_id))
    return _shown(ctx, section_id, ctx.site.fragments[key])


@area.post("/learn/<section_id>/check/<question_id>", policy=signed_in)
def check(ctx: Context, section_id: str, question_id: str) -> Result:
    """Score a question of the text at once; the page comes back with the verdict beside it."""
    page = _page(ctx, section_id)
    question = page.questions.get(question_id)
    if question is None:
        raise NotFound
    fields = {name: ctx.request.form.getlist(name) for name in ctx.request.form}
    response = question.read(fields, question.id)
    score = practise(ctx.session, person_id=ctx.who.id, question=question, response=response, now=ctx.now) if question.is_answered(response) else None
    peers = peers_of(ctx.session, ctx.who.id, question_id) if score else None
    checked = replace(page, checked=question_id, response=response, score=score, peers=peers)
    return _shown(ctx, section_id, fragment("learn/section_body.html", ctx, ctx.language, checked))


def _shown(ctx: Context, section_id: str, body: Markup) -> Page:
    title = ctx.course.material.section(section_id, ctx.language).head.title
    return Page("learn/section.html", {"title": f"{section_id} {title}", "body": with_tokens(body)})


@area.get("/glossary", policy=signed_in)
def glossary(ctx: Context) -> Result:
    wanted = ctx.request.args.get("q", "").strip().lower()
    terms = [term for term in ctx.course.material.terms.values() if any(wanted in text.lower() for text in (*term.term.values(), *term.gloss.values()))]
    return Page("learn/glossary.html", {"terms": sorted(terms, key=lambda term: term.term["en"].lower()), "wanted": wanted, "used": _used_terms(ctx.course)})


def _page(ctx: Context, section_id: str) -> SectionPage:
    course, language, args = ctx.course, ctx.language, ctx.request.args
    module = next((module for module in course.modules.values() if section_id in module.sections), None)
    if module is None:
        raise NotFound
    read = course.material.section(section_id, language)
    place = module.sections.index(section_id)
    questions = {id: course.questions[id].resolve(0) for block in read.blocks for id in block.questions}
    return SectionPage(
        section=read,
        module=module,
        titles={id: course.material.section(id, language).head.title for id in module.sections},
        terms=_terms(course, read.id, read.language),
        questions=questions,
        orders={id: question.shuffle(Random(id)) for id, question in questions.items()},  # the same for everyone, every time
        worked={id: worked(course.material.calculators[id], args if args.get("calculator") == id else {}) for id in (block.calculator for block in read.blocks) if id},
        previous=module.sections[place - 1] if place else None,
        following=module.sections[place + 1] if place + 1 < len(module.sections) else None,
    )


@lru_cache(maxsize=512)
def _terms_in(blocks: tuple[Block, ...], slugs: frozenset[str]) -> frozenset[str]:
    text = "".join(block.html for block in blocks)
    return frozenset(slug for slug in slugs if f'popovertarget="t-{slug}"' in text)


def _terms(course: Course, section_id: str, language: str) -> tuple[Term, ...]:
    """The glossary words of a section, for their pop-overs."""
    terms = {term.slug: term for term in course.material.terms.values()}
    used = _terms_in(course.material.sections[section_id, language].blocks, frozenset(terms))
    return tuple(terms[slug] for slug in sorted(used))


def _used_terms(course: Course) -> dict[str, list[str]]:
    """Where each word is linked from, by its slug: the back-links of the glossary."""
    found: dict[str, list[str]] = {}
    for module in course.modules.values():
        for id in module.sections:
            for term in _terms(course, id, "en"):
                found.setdefault(term.slug, []).append(id)
    return found


