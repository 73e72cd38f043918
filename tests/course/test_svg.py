"""Figures: what a figure may hold passes, everything else is refused, and two figures never share an id."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.course import svg
from courseware.course.faults import Faults
from courseware.shipped import root

XMLNS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def cleaned(content: str | bytes) -> tuple[str, list[str]]:
    faults = Faults()
    html = svg.clean("f.svg", content if isinstance(content, bytes) else content.encode(), "fig-1-1", faults)
    return html, [str(fault) for fault in faults]


def figure(inside: str, attributes: str = "") -> str:
    return f'<svg {XMLNS} viewBox="0 0 10 10" {attributes}><title>A figure</title>{inside}</svg>'


def test_a_plain_figure_passes_as_an_image_with_its_classes() -> None:
    html, faults = cleaned(figure('<g transform="translate(1 2)"><rect class="box" x="1" y="1" width="3" height="2"/><text class="tm" x="2" y="2">内部 &amp; <tspan>a</tspan> b</text></g>'))
    assert faults == []
    assert html == (
        '<svg viewBox="0 0 10 10" class="fig" role="img"><title>A figure</title><g transform="translate(1 2)">'
        '<rect class="box" x="1" y="1" width="3" height="2"></rect><text class="tm" x="2" y="2">内部 &amp; <tspan>a</tspan> b</text></g></svg>'
    )


def test_ids_and_what_points_to_them_get_the_figures_prefix() -> None:
    html, _ = cleaned(f'<svg {XMLNS} viewBox="0 0 1 1" aria-labelledby="t d"><title id="t">T</title><desc id="d">D</desc></svg>')
    assert 'aria-labelledby="fig-1-1-t fig-1-1-d"' in html
    assert '<title id="fig-1-1-t">' in html and '<desc id="fig-1-1-d">' in html


@pytest.mark.parametrize(
    ("hostile", "named"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ("<style>* {display: none}</style>", "<style>"),
        ("<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><img src='x' onerror='alert(1)'/></body></foreignObject>", "<foreignObject>"),
        ("<html:script xmlns:html='http://www.w3.org/1999/xhtml'>alert(1)</html:script>", "<{http://www.w3.org/1999/xhtml}script>"),
        ("<image href='http://evil/x.png'/>", "<image>"),
        ("<use href='#a'/>", "<use>"),
        ("<a href='javascript:alert(1)'><text>x</text></a>", "<a>"),
        ("<animate attributeName='href' to='javascript:alert(1)'/>", "<animate>"),
        ("<set attributeName='onload' to='alert(1)'/>", "<set>"),
        ("<iframe src='//evil'/>", "<iframe>"),
        ("<rect onclick='alert(1)'/>", "'onclick'"),
        ("<rect OnLoad='alert(1)'/>", "'OnLoad'"),
        ("<rect style='fill: red'/>", "'style'"),
        ("<text font-size='40'>x</text>", "'font-size'"),
        ("<rect fill='url(http://evil)'/>", "'fill'"),
        ("<rect href='javascript:alert(1)'/>", "'href'"),
        ("<rect xlink:href='javascript:alert(1)'/>", "'{http://www.w3.org/1999/xlink}href'"),
    ],
)
def test_what_could_act_or_style_is_refused_and_left_out(hostile: str, named: str) -> None:
    html, faults = cleaned(figure(hostile))
    assert any(named in fault for fault in faults)
    assert not re.search(r"script|alert|evil|style|<a|on\w+=|href|font|fill|<image|<use", html, re.I)


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + figure("<text>&e;</text>"),
        '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>' + figure("<text>&c;</text>"),
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">' + figure(""),
        "",
        "<svg",
        "not xml",
        figure("<g>"),
        figure("&nbsp;"),
        '<?xml version="1.0" encoding="no-such-code"?>' + figure(""),
        b"\xff\xfe\x00",
        figure("<text>\x00</text>"),
    ],
    ids=range(11),
)
def test_what_is_no_plain_xml_is_refused_without_being_expanded(content: str | bytes) -> None:
    started = time.perf_counter()
    html, faults = cleaned(content)
    assert html == ""
    assert len(faults) == 1 and "not a readable SVG" in faults[0]
    assert time.perf_counter() - started < 1


def test_a_fault_in_xml_stands_at_its_line_and_column() -> None:
    assert cleaned("<svg>\n  <g></h>\n</svg>")[1][0].startswith("f.svg:2:")


def test_a_figure_needs_a_title_and_a_view_box() -> None:
    assert cleaned(f'<svg {XMLNS} viewBox="0 0 1 1"/>')[1] == ["f.svg:1:1: a figure needs a title for those who cannot see it"]
    assert cleaned(f"<svg {XMLNS}><title>t</title></svg>")[1] == ["f.svg:1:1: a figure is one svg element with a viewBox"]
    assert any("one svg element" in fault for fault in cleaned("<g><title>t</title></g>")[1])


def test_groups_without_end_are_a_fault_and_no_crash() -> None:
    html, faults = cleaned(figure("<g>" * 5000 + "</g>" * 5000))
    assert faults == [f"f.svg:1:1: elements are nested deeper than {svg.DEEPEST} levels"]
    assert html.endswith("</svg>")


def test_texts_and_attributes_cannot_break_out() -> None:
    html, _ = cleaned(figure('<text class="&quot;&gt;&lt;b&gt;">&lt;script&gt;alert(1)&lt;/script&gt;</text><!-- <script> --><?php x ?><![CDATA[<script>]]>'))
    assert "<script" not in html and "<b>" not in html


@given(st.text(alphabet="<>/&;\"'=!-[]svgtilex ", max_size=60))
def test_any_text_inside_gives_only_known_elements(inside: str) -> None:
    html, _ = cleaned(figure(inside))
    assert set(re.findall(r"</?([^\s>/]+)", html)) <= svg.ELEMENTS


def test_every_shipped_figure_is_clean_and_has_a_twin() -> None:
    figures = sorted((root() / "content").rglob("*.svg"))
    assert figures
    for path in figures:
        assert cleaned(path.read_bytes())[1] == [], path
        assert path.with_name(path.name.replace(".en.", ".zh.")).exists()
