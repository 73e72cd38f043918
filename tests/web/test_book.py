"""The book as a whole: every page of every listed module and case, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.compile import Course
from courseware.course import links
from courseware.i18n import LANGUAGES

LARGEST = 120_000  # bytes of a page as sent, before compression


@pytest.fixture
def pages(browser: Any, course: Course) -> dict[tuple[str, str], str]:
    lin, found = browser("lin"), {}
    sections = [links.section(id) for module in course.modules.values() for id in module.sections]
    for language in LANGUAGES:
        lin.post("/language", {"language": language})
        for path in ("/learn", "/glossary", *sections, *(links.case(id) for id in course.cases)):
            answer = lin.get(path)
            assert answer.status_code == 200, path
            found[path, language] = answer.text
    return found


def test_no_page_of_the_book_is_larger_than_120_kilobytes(pages: dict[tuple[str, str], str]) -> None:
    assert {page: size for page, text in pages.items() if (size := len(text.encode())) > LARGEST} == {}


def test_every_linked_word_has_its_definition_on_the_page_and_its_way_back_in_the_glossary(pages: dict[tuple[str, str], str], course: Course) -> None:
    for (path, language), text in pages.items():
        if not path.startswith("/learn/"):
            continue
        row = {term.slug: pages["/glossary", language].split(f'<tr id="{term.slug}">')[1].split("</tr>")[0] for term in course.material.terms.values()}
        for term in course.material.terms.values():
            linked = f'popovertarget="t-{term.slug}"' in text
            assert linked == (f'id="t-{term.slug}" popover' in text) == (f'<a href="{path}">' in row[term.slug]), (path, language, term.slug)


def test_a_module_ends_with_its_key_terms(pages: dict[tuple[str, str], str], course: Course) -> None:
    for module in course.modules.values():
        for id in module.sections:
            listed = pages[links.section(id), "en"].partition("Key terms of this module")[2].partition("</section>")[0]
            words = [term for term in course.material.terms.values() if term.module == module.id]
            assert all(f'href="{links.glossary(term.slug)}"' in listed for term in words) == (id == module.sections[-1])
