"""Clean a figure: only shapes, texts and classes pass. A figure is part of the page, so it must be as harmless as prose."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from courseware.course.faults import Faults
from courseware.course.text import escape

ELEMENTS = frozenset("svg g title desc rect circle ellipse line path polyline polygon text tspan".split())  # noqa: SIM905
ATTRIBUTES = frozenset(
    "viewBox role aria-label aria-labelledby aria-describedby id class x y x1 y1 x2 y2 width height rx ry r cx cy d points transform dx dy lang".split()  # noqa: SIM905 -- a word list reads better
)
DEEPEST = 40  # levels of groups in groups; ours need three
NAMESPACE = "{http://www.w3.org/2000/svg}"


def clean(file: str, content: bytes, prefix: str, faults: Faults) -> str:
    """Give the figure as HTML. Ids get the prefix, so that two figures on a page never share one."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as failure:
        line, column = getattr(failure, "position", (1, 0))
        faults.add(file, line, column + 1, f"not a readable SVG: {failure}")
        return ""
    if root.tag.removeprefix(NAMESPACE) != "svg" or "viewBox" not in root.attrib:
        faults.add(file, 1, 1, "a figure is one svg element with a viewBox")
    if root.find(f"{NAMESPACE}title") is None and root.find("title") is None:
        faults.add(file, 1, 1, "a figure needs a title for those who cannot see it")
    return _write(root, file, prefix, faults, top=True)


def _write(element: Element, file: str, prefix: str, faults: Faults, *, top: bool = False, depth: int = 0) -> str:
    name = element.tag.removeprefix(NAMESPACE)
    if depth > DEEPEST:
        faults.add(file, 1, 1, f"elements are nested deeper than {DEEPEST} levels")
        return ""
    if name not in ELEMENTS:
        faults.add(file, 1, 1, f"element <{name}> is not used in figures; known: {', '.join(sorted(ELEMENTS))}")
        return ""
    attributes = {key: value for key, value in element.attrib.items() if key in ATTRIBUTES}
    for key in element.attrib.keys() - ATTRIBUTES - {"{http://www.w3.org/XML/1998/namespace}space"}:
        faults.add(file, 1, 1, f"attribute {key!r} on <{name}> is not used in figures; looks come from classes")
    for key in ("id", "aria-labelledby", "aria-describedby"):
        if key in attributes:
            attributes[key] = " ".join(f"{prefix}-{part}" for part in attributes[key].split())
    if top:
        attributes["class"] = " ".join(["fig", *(c for c in attributes.get("class", "").split() if c != "fig")])
        attributes["role"] = "img"
    inner = escape(element.text or "") + "".join(
        _write(child, file, prefix, faults, depth=depth + 1) + escape(child.tail or "") for child in element
    )
    opening = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{opening}>{inner}</{name}>"
