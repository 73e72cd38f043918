"""What the commands for authors work on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from courseware.course.revisions import FOLDERS
from courseware.shipped import root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped course."""
    for name in FOLDERS:
        shutil.copytree(root() / name, tmp_path / "course" / name)
    return tmp_path / "course"
