"""The addresses of things inside the site. The web's routes follow them; a test holds the two together."""

from __future__ import annotations


def section(id: str) -> str:
    return f"/learn/{id}"


def block(section_id: str, id: str) -> str:
    return f"/learn/{section_id}#{id}"


def scenario(id: str) -> str:
    return f"/practise/{id}"


def case(id: str) -> str:
    return f"/cases/{id}"


def objective(code: str) -> str:
    return f"/progress/{code}"


def kpi(id: str) -> str:
    return f"/kpis/{id}"


def role(id: str) -> str:
    return f"/careers/{id}"


def glossary(slug: str) -> str:
    return f"/glossary#{slug}"
