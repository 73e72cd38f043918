"""Where the course and the migrations that come with the product are: beside the package in a wheel, or in the working copy."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def root() -> Path:
    """The folder that holds content/, quizzes/, case_studies/ and migrations/."""
    inside = PACKAGE / "shipped"
    return inside if inside.is_dir() else PACKAGE.parent


def folder(name: str) -> Path:
    found = root() / name
    if not found.is_dir():
        raise FileNotFoundError(f"the folder {name}/ that ships with courseware is missing from {root()}")
    return found
