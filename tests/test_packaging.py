"""The wheel: it carries the course and the migrations, and runs the demo from an empty folder without the working copy."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.cli.test_serving import CLEAN, free_port, once, page, serving

HERE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return next(once(tmp_path_factory, "dist", _build).glob("courseware-*.whl"))


def _build(folder: Path) -> None:
    built = subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, HERE], capture_output=True, text=True, check=False, cwd=folder)
    assert built.returncode == 0, built.stdout + built.stderr


def test_the_wheel_carries_the_course_the_migrations_and_the_pages(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in ("content", "quizzes", "case_studies", "migrations"):
        wanted = {f"courseware/shipped/{path.relative_to(HERE)}" for path in (HERE / name).rglob("*") if path.is_file() and "__pycache__" not in path.parts}
        assert wanted and wanted <= names, sorted(wanted - names)
    for name in ("templates", "static"):
        wanted = {str(path.relative_to(HERE)) for path in (HERE / "courseware" / "web" / name).rglob("*") if path.is_file()}
        assert wanted and wanted <= names, sorted(wanted - names)
    assert any(name.startswith("courseware/translations/") and name.endswith((".po", ".mo")) for name in names)


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"courseware"}
    assert not [name for name in names if name.endswith((".pyc", ".sqlite", "~")) or "/tests/" in name or "secret" in name]
    licences = [name for name in names if ".dist-info/licenses/" in name]
    assert len(licences) == 2


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel alone in it. Its dependencies are looked up where the tests have theirs: no network is needed."""
    return once(tmp_path_factory, "environment", lambda folder: _install(folder, wheel))


def _install(folder: Path, wheel: Path) -> None:
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", wheel], check=True)
    site_packages = next((folder / "lib").glob("python*/site-packages"))
    (site_packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")


def test_the_installed_command_runs_the_demo_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    env = {name: value for name, value in CLEAN.items() if name != "PYTHONPATH"}
    where = subprocess.run([installed / "bin" / "python", "-c", "import courseware; print(courseware.__file__)"], capture_output=True, text=True, check=True, cwd=tmp_path, env=env).stdout
    assert where.startswith(str(installed))
    port = free_port()
    with serving([str(installed / "bin" / "courseware"), "demo", "--port", str(port)], tmp_path, port, env):
        assert "<h1>Sign in</h1>" in page(port, "/")
        assert "demo-demo" in page(port, "/sign-in")
    assert (tmp_path / "instance" / "school.sqlite").exists()


def test_the_installed_course_is_sound(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run([installed / "bin" / "courseware", "outline"], capture_output=True, text=True, cwd=tmp_path, env=CLEAN, check=False)
    assert done.returncode == 0, done.stderr
    assert "K1.1" in done.stdout
