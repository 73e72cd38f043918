"""Rendering: every kind of block, the marks of our own, what is dangling, and nothing that acts."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.course.faults import Faults
from courseware.course.model import Block, SectionHead, Source, Term
from courseware.course.render import HEADERS, WORDS, Renderer, number
from courseware.course.scan import scan
from courseware.course.text import LIMIT, TAGS, inline, mark_chinese, prose
from courseware.i18n import Text

TERMS = {
    "customer": Term(term=Text({"en": "customer", "zh": "顾客"}), gloss=Text({"en": "receiver"}), module="M1"),
    "internal customer": Term(term=Text({"en": "Internal customer", "zh": "内部客户"}), gloss=Text({"en": "inside"}), module="M1"),
}
SOURCES = {"judd-2003": Source(id="judd-2003", title="Customer <orientation> 顾客", where="EJM", note=Text({"en": "n"})), "other": Source(id="other", title="B", where="b", note=Text({"en": "n"}))}
TARGETS = {"1.4": "/learn/1.4", "table-1-2": "/learn/1.3#table-1-2", "SC28": "/practise/SC28"}
FIGURES = {
    "content/modules/m1/figures/fig-1-1.en.svg": b'<svg viewBox="0 0 1 1"><title id="t">English</title></svg>',
    "content/modules/m1/figures/fig-1-1.zh.svg": "<svg viewBox='0 0 1 1'><title>中文</title></svg>".encode(),
    "content/modules/m1/figures/only.en.svg": b'<svg viewBox="0 0 1 1"><title>Only</title></svg>',
}


@dataclass
class Rendered:
    blocks: tuple[Block, ...]
    faults: list[str]

    @property
    def html(self) -> str:
        return "\n".join(block.html for block in self.blocks)


def rendered(body: str, language: str = "en") -> Rendered:
    """Render the body of a section; its first line is line 4 of the file."""
    faults = Faults()
    _, pieces = scan("1.1.md", f"---\nid: x\n---\n{body}", faults)
    head = SectionHead(id="1.1", title="t", lede="l", objectives=(), facts=())
    terms = TERMS if language == "en" else {**TERMS, **{term.term.to("zh"): term for term in TERMS.values()}}
    made = Renderer("1.1.md", head, language, terms, SOURCES, TARGETS, FIGURES, "content/modules/m1", faults)
    return Rendered(made.blocks(pieces), [str(fault) for fault in faults])


def block(kind: str, id: str, header: str = "", body: str = "Body.") -> str:
    return f"::: {kind} {id}\n{header}\n\n{body}\n:::\n"


# Ordinary text


def test_paragraphs_headings_and_lists_get_numbered_ids() -> None:
    found = rendered("Text.\n\n## Head *two*\n\n- a\n- b\n")
    assert [(b.id, b.kind, b.line, b.level, b.title) for b in found.blocks] == [
        ("1.1-p1", "text", 4, 0, ""),
        ("1.1-p2", "heading", 6, 2, "Head two"),
        ("1.1-p3", "text", 8, 0, ""),
    ]
    assert found.html == '<p id="1.1-p1">Text.</p>\n<h2 id="1.1-p2">Head <em>two</em></h2>\n<ul id="1.1-p3">\n<li>a</li>\n<li>b</li>\n</ul>'


@pytest.mark.parametrize(
    ("id", "printed"), [("fig-1-2", "1.2"), ("table-cs2-1", "CS2.1"), ("example-1-10", "1.10"), ("ix1", "")]
)
def test_numbers_come_from_ids(id: str, printed: str) -> None:
    assert number(id) == printed


# Blocks


def test_a_figure_shows_its_picture_caption_and_words() -> None:
    found = rendered(block("figure", "fig-1-1", "caption: A *map*.\nevidence: own\nsvg: fig-1-1", "Four circles."))
    assert found.faults == []
    assert found.html.startswith('<figure class="figure" id="fig-1-1"><figcaption><b>Figure 1.1</b>  A <em>map</em>. <span class="ev ev-own">course’s own</span></figcaption><svg')
    assert '<title id="fig-1-1-t">English</title>' in found.html
    assert "<details><summary>The figure in words</summary><p>Four circles.</p></details></figure>" in found.html


def test_a_figure_takes_the_picture_of_its_language_or_the_english_one() -> None:
    assert "<title>中文</title>" in rendered(block("figure", "fig-1-1", "caption: 图\nevidence: own\nsvg: fig-1-1"), "zh").html
    assert "<title>Only</title>" in rendered(block("figure", "fig-1-9", "caption: 图\nevidence: own\nsvg: only"), "zh").html


def test_a_figure_without_a_file_is_a_fault_with_its_line() -> None:
    found = rendered("Text.\n\n" + block("figure", "fig-1-1", "caption: c\nevidence: own\nsvg: gone"))
    assert found.faults == ["1.1.md:6:1: figure 'fig-1-1': there is no file content/modules/m1/figures/gone.en.svg"]


def test_a_table_heads_its_columns_and_rows_and_names_each_cell() -> None:
    found = rendered(block("table", "table-1-2", "caption: C\nevidence: reported", "| Kind | What *is* owed |\n|---|---|\n| [[customer]] | a \\| b |\n| x | |"))
    assert found.faults == []
    assert '<table class="stack" id="table-1-2"><caption><b>Table 1.2</b>  C <span class="ev ev-reported">reported</span></caption>' in found.html
    assert '<th scope="col">Kind</th><th scope="col">What <em>is</em> owed</th>' in found.html
    assert '<th scope="row"><button class="term"' in found.html
    assert '<td data-l="What is owed">a | b</td>' in found.html
    assert '<td data-l="What is owed"></td>' in found.html


def test_a_number_that_opens_a_cell_begins_no_list() -> None:
    found = rendered(block("table", "table-1-2", "caption: C\nevidence: own", "| Part | B |\n|---|---|\n| 1. Target | x |"))
    assert '<th scope="row">1. Target</th>' in found.html


def test_a_word_of_the_glossary_may_be_inflected_inside_a_table() -> None:
    found = rendered(block("table", "table-1-2", "caption: C\nevidence: own", "| A | B |\n|---|---|\n| [[customer\\|customers]] | x |"))
    assert found.faults == []
    assert ">customers</button>" in found.html


@pytest.mark.parametrize("body", ["| A | B |\n|---|---|\n| only one |", "no table", "| A | B |\n|---|---|", "| A | B |\n|---|---|\n| a | b | c |"])
def test_a_table_of_unequal_rows_is_a_fault(body: str) -> None:
    faults = rendered(block("table", "table-1-2", "caption: C\nevidence: own", body)).faults
    assert faults == ["1.1.md:4:1: table 'table-1-2': a heading row, a line of dashes, and rows of the same number of cells are needed"]


@pytest.mark.parametrize(("kind", "style", "name"), [("fact", "box-fact", "Quick fact"), ("case", "box-case", "Mini case"), ("example", "box-example", "Worked example 1.2"), ("exercise", "box-example", "Exercise X-1-2")])
def test_boxes_carry_their_name_title_and_evidence(kind: str, style: str, name: str) -> None:
    found = rendered(block(kind, "x-1-2", "title: A *title*\nevidence: confirmed"))
    assert found.faults == []
    assert found.html == (
        f'<section class="box {style}" id="x-1-2"><header><h3>{name} <span>A <em>title</em></span></h3><span class="ev ev-confirmed">confirmed</span></header><p>Body.</p></section>'
    )
    assert found.blocks[0].title == "A *title*"


def test_a_mini_case_asks_its_focus_question() -> None:
    assert '<p class="focus"><b>Focus question.</b> Why?</p></section>' in rendered(block("case", "case-a", "title: T\nevidence: own\nfocus: Why?")).html


def test_a_focus_question_may_stand_alone() -> None:
    assert rendered("::: focus focus-a\nWhy *not*?\n:::\n").html == '<p class="focus" id="focus-a"><b>Focus question.</b> Why <em>not</em>?</p>'


def test_a_worked_example_shows_its_list_as_steps() -> None:
    html = rendered(block("example", "example-1-1", "title: T\nevidence: own", "1. **One.** a\n2. Two")).html
    assert '<ol class="steps">\n<li><span><strong>One.</strong> a</span></li>\n<li><span>Two</span></li>\n</ol>' in html


def test_checks_and_exercises_carry_their_questions() -> None:
    found = rendered("::: check check-1\nquestions: [a, b]\n:::\n" + block("exercise", "ix1", "title: T\nquestions: [c]"))
    assert [(b.kind, b.questions) for b in found.blocks] == [("check", ("a", "b")), ("exercise", ("c",))]
    assert "Exercise IX1" in found.blocks[1].html


def test_an_aside_stands_in_the_margin() -> None:
    assert rendered(block("aside", "aside-a", "title: Note")).html == '<p class="aside" id="aside-a"><b>Note</b> Body.</p>'


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_of_the_renderer_is_there_in_both_languages(word: str) -> None:
    assert WORDS[word]["zh"] and WORDS[word]["en"]


def test_labels_are_in_the_language_of_the_section() -> None:
    assert "<b>表 1.2</b>  标题 <span class=\"ev ev-own\">本课程自拟</span>" in rendered(block("table", "table-1-2", "caption: 标题\nevidence: own", "|甲|乙|\n|--|--|\n|1|2|"), "zh").html


def test_an_unknown_block_is_told_with_the_known_ones() -> None:
    assert rendered(block("riddle", "r-1")).faults == [f"1.1.md:4:1: unknown block 'riddle'; known: {', '.join(sorted(HEADERS))}"]


def test_a_header_that_lacks_something_is_told_at_its_line() -> None:
    assert rendered("::: fact fact-a\nBody.\n:::\n").faults == ["1.1.md:4:1: block 'fact-a' needs a header: title"]
    assert rendered("::: figure fig-1-1\ncaption: c\nevidence: guessed\nstyle: red\n\nBody.\n:::\n").faults == [
        "1.1.md:6:1: evidence: input should be 'confirmed', 'reported' or 'own'",
        "1.1.md:7:1: unknown key 'style'",
    ]


# Marks of our own


def test_a_word_of_the_glossary_opens_its_definition() -> None:
    found = rendered("An [[Internal Customer|*inside* \"one\"]] and a [[customer]].")
    assert found.faults == []
    assert '<button class="term" type="button" popovertarget="t-internal-customer">*inside* &quot;one&quot;</button>' in found.html
    assert 'popovertarget="t-customer">customer</button>' in found.html


def test_chinese_sections_name_words_in_chinese() -> None:
    found = rendered("一位[[内部客户]]和[[customer|顾客们]]。", "zh")
    assert found.faults == []
    assert 'popovertarget="t-internal-customer">内部客户</button>' in found.html
    assert 'popovertarget="t-customer">顾客们</button>' in found.html


def test_references_become_links() -> None:
    found = rendered("See [section 1.4](ref:1.4), [Table <1.2>](ref:table-1-2), [SC28](ref:SC28).")
    assert found.faults == []
    assert '<a href="/learn/1.4">section 1.4</a>' in found.html
    assert '<a href="/learn/1.3#table-1-2">Table &lt;1.2&gt;</a>' in found.html


def test_citations_are_numbered_in_the_order_of_their_first_use() -> None:
    found = rendered("A.[^other] B.[^judd-2003]\n\nC.[^other]\n")
    assert [re.findall(r">(\d)</a>", b.html) for b in found.blocks[:2]] == [["1", "2"], ["1"]]
    sources = found.blocks[2]
    assert (sources.kind, sources.id) == ("sources", "1.1-sources")
    assert '<li id="source-other">B. <span class="meta">b</span></li><li id="source-judd-2003">Customer &lt;orientation&gt; <span lang="zh-CN">顾客</span>.' in sources.html


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("A [[unknown word]].", "[[unknown word]] is not in the glossary"),
        ("See [it](ref:table-9-9).", "reference to 'table-9-9', which does not exist"),
        ("Said.[^nobody]", "[^nobody] is not in content/sources.yaml"),
    ],
)
def test_what_is_dangling_is_a_fault_with_its_line(text: str, fault: str) -> None:
    assert rendered(f"First.\n\n{text}\n").faults == [f"1.1.md:6:1: {fault}"]
    assert rendered("Text.\n\n" + block("fact", "fact-a", "title: T", text)).faults == [f"1.1.md:6:1: {fault}"]


def test_marks_work_inside_emphasis_lists_and_captions() -> None:
    found = rendered("**[[customer]]**\n\n- see [it](ref:1.4)[^other]\n")
    assert "<strong><button" in found.html and "<li>see <a" in found.html
    assert 'popovertarget="t-customer"' in rendered(block("table", "table-1-2", "caption: The [[customer]]\nevidence: own", "|a|b|\n|-|-|\n|1|2|")).html


# Chinese runs


def test_chinese_runs_in_english_are_marked_for_voice_and_font() -> None:
    html = rendered("At Lanqiao 蓝桥设备 they say 车、钳、铆、焊 and “客户至上” twice: 张 三.").html
    assert re.findall(r'<span lang="zh-CN">(.*?)</span>', html) == ["蓝桥设备", "车、钳、铆、焊", "客户至上", "张 三"]


def test_chinese_sections_are_not_marked_run_by_run() -> None:
    assert "lang=" not in rendered("蓝桥设备 and English.", "zh").html


def test_marks_between_chinese_words_are_never_swallowed() -> None:
    html = rendered("顾客[[customer]]客户[[customer|顾客]] 和[^other]、[表](ref:1.4)。").html
    assert html.count("<button") == 2 and html.count("<sup>") == 1 and 'href="/learn/1.4"' in html
    assert '<span lang="zh-CN">顾客</span></button>' in html
    assert "\ue000" not in html and "\ue001" not in html


def test_chinese_inside_tags_is_left_alone() -> None:
    assert mark_chinese('<a title="客户">客户</a>') == '<a title="客户"><span lang="zh-CN">客户</span></a>'
    assert prose('[x](http://a "1 > 中 <b>")', "en") == '<p><a href="http://a" title="1 &gt; 中 &lt;b&gt;" rel="noopener noreferrer">x</a></p>'


# Nothing that acts


HOSTILE = [
    "<script>alert(1)</script>",
    "<p onclick='alert(1)'>x</p>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:alert(1))",
    "<javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "![x](http://evil/x.png)",
    "![x](x onerror=alert(1))",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<iframe src=//evil></iframe><object data=x></object><embed src=x>",
    "<style>*{display:none}</style>",
    "<p style='position:fixed' class='x' id='main'>x</p>",
    "<form action=//evil><input name=password><button>x</button></form>",
    "<base href=//evil><meta http-equiv=refresh content='0;url=//evil'>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<!-- <script>alert(1)</script> -->",
    "<scr<script>ipt>alert(1)</script>",
    "[[<script>alert(1)</script>]]",
    "[<img src=x onerror=alert(1)>](ref:<script>)",
    "<a title=\"[[customer|x onmouseover=alert(1) y]]\">z</a>",
]


def acts(html: str) -> list[str]:
    """Tags and attributes of a piece of HTML that prose may not have, our own marks aside."""
    html = re.sub(r'<button class="term" type="button" popovertarget="t-[a-z-]+">|</button>|<span lang="zh-CN">|</span>', "", html)
    found = [tag for tag in re.findall(r"</?([a-zA-Z!][^\s>/]*)", html) if tag not in TAGS]
    found += [name for tag in re.findall(r"<\w+([^>]*)>", html) for name in re.findall(r'\s([\w-]+)=', re.sub(r'"[^"]*"', '""', tag)) if name not in {"href", "title", "rel", "align", "start", "aria-label"}]
    return found + [href for href in re.findall(r'href="([^"]*)"', html) if re.match(r"\s*(?!https?:|mailto:)[\w+.-]*:", href.replace("&amp;", "&"))]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_is_harmless(text: str) -> None:
    body = re.sub(r' id="1.1-p\d"', "", rendered(text).html)
    assert acts(body) == []
    assert "<script" not in body and "evil" not in re.sub(r"&lt;.*?&gt;|alert\(1\)", "", body).replace("http://evil/x.png", "")


def test_a_mark_inside_an_attribute_does_not_break_the_tag() -> None:
    assert prose('[x](http://a "[[customer]] y")', "en", lambda _: '<button class="term">customer</button>') == '<p><a href="http://a" title=" y" rel="noopener noreferrer">x</a></p>'


def test_the_placeholders_cannot_be_typed() -> None:
    assert prose("\ue0000\ue001 \ue0007\ue001", "en") == "<p>0 7</p>"
    assert prose("\ue0000\ue001 [[a]]", "en") == "<p>0 [[a]]</p>"


@settings(max_examples=200)
@given(st.lists(st.sampled_from([*HOSTILE, "<", ">", '"', "'", "[", "](", ")", "[[customer]]", "[^other]", "(ref:1.4)", "*", "`", "\n", "|", "顾客", "&", "\\", "<a ", "href=", "\ue0000\ue001", "javascript:"]), max_size=12).map("".join))
def test_no_mixture_of_hostile_parts_acts(text: str) -> None:
    assert acts(prose(text, "en", lambda match: '<button class="term" type="button" popovertarget="t-x">x</button>')) == []


def test_safe_links_and_tables_stay() -> None:
    html = prose('[x](https://example.org/a "T") <b>b</b>\n\n| a | b |\n|:--|--:|\n| 1 | 2 |', "en")
    assert '<a href="https://example.org/a" title="T" rel="noopener noreferrer">x</a>' in html
    assert "<td" in html and "<b>" not in html and "style" not in html


def test_a_line_has_no_paragraph_around_it() -> None:
    assert inline("a *b*", "en") == "a <em>b</em>"
    assert inline("", "en") == ""


def test_a_text_too_long_to_render_is_a_fault_at_its_line() -> None:
    found = rendered("Text.\n\n" + "word " * (LIMIT // 5 + 1) + "\n\nAfter.\n")
    assert len(found.faults) == 1 and found.faults[0].startswith("1.1.md:6:1: a text of 200,00")
    assert [b.line for b in found.blocks] == [4, 8]


def test_threads_render_side_by_side_without_mixing_their_texts() -> None:
    """A Markdown converter keeps what it is reading in itself: one shared between threads gave pages to the wrong reader."""
    texts = [f"* a{n} `code{n}`\n* **b{n}** [x](http://h/{n})\n\n| a | b |\n|---|---|\n| {n} | {n} |" for n in range(40)]
    alone = [prose(text, "en") for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: prose(text, "en"), texts * 10)) == alone * 10


@pytest.mark.parametrize("bracket", ["[", "[^a", "!["])
def test_thousands_of_brackets_are_rendered_at_once_and_stay(bracket: str) -> None:
    """The converter looks from each to the end: a paste of 20,000 took minutes, in which nobody was served."""
    began = time.process_time()
    rendered = prose(bracket * 8_000, "en")
    assert time.process_time() - began < 4
    assert rendered.count(bracket) == 8_000


def test_brackets_in_brackets_still_lead_on() -> None:
    assert 'href="https://example.org"' in prose("[" * 30 + "\n\nSee [this [one]](https://example.org).", "en")
    assert prose("`" + "[" * 30 + "`", "en") == "<p><code>" + "[" * 30 + "</code></p>"
