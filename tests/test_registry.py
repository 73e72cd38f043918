"""Registries: members by name, found by scanning a folder."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from courseware.registry import Registry

MEMBER = "from plugins import REGISTRY\nREGISTRY.add({name!r}, {value})\n"


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with a registry, in a folder of its own."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "__init__.py").write_text("from courseware.registry import Registry\nREGISTRY = Registry('check')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "plugins"]:
        del sys.modules[name]


def scanned() -> Registry[int]:
    package = importlib.import_module("plugins")
    package.REGISTRY.scan(package)
    registry: Registry[int] = package.REGISTRY
    return registry


def test_every_module_of_a_folder_adds_its_members_in_the_order_of_names(plugins: Path) -> None:
    (plugins / "b.py").write_text(MEMBER.format(name="second", value=2))
    (plugins / "a.py").write_text(MEMBER.format(name="first", value=1))
    assert dict(scanned()) == {"first": 1, "second": 2}
    assert len(scanned()) == 2  # scanning again changes nothing


def test_a_name_taken_twice_is_refused(plugins: Path) -> None:
    for name in ("a.py", "b.py"):
        (plugins / name).write_text(MEMBER.format(name="same", value=1))
    with pytest.raises(ValueError, match="check 'same' is registered twice"):
        scanned()


def test_a_broken_module_is_not_passed_over(plugins: Path) -> None:
    (plugins / "a.py").write_text("1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        scanned()


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    registry: Registry[int] = Registry("question kind")
    registry.add("ordering", 1)
    registry.add("choice", 2)
    with pytest.raises(KeyError, match="unknown question kind 'multi'; known: choice, ordering"):
        registry["multi"]
    assert registry.get("multi") is None
    assert "choice" in registry and registry["choice"] == 2
