"""Where a command finds its school: a database URL, or a file in the instance folder."""

from __future__ import annotations

import argparse
import os
import secrets
from pathlib import Path

from sqlalchemy import select

from courseware import db, storage
from courseware.people.models import Person
from courseware.web.site import Site


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--instance", type=Path, default=Path(os.environ.get("COURSEWARE_INSTANCE", "instance")), help="folder for the database and built files")
    command.add_argument("--database", default=os.environ.get("COURSEWARE_DATABASE_URL"), help="database URL; without it a SQLite file in the instance folder")
    command.add_argument("--school", default="main", help="the school: a schema on PostgreSQL")


def open_school(options: argparse.Namespace, *, create: bool = False) -> db.School:
    """Connect to the school. With `create` its tables are made or brought up to date; otherwise it must exist."""
    instance: Path = options.instance
    url = options.database or f"sqlite:///{instance / 'school.sqlite'}"
    if url.startswith("sqlite") and not create and not (instance / "school.sqlite").exists() and not options.database:
        raise FileNotFoundError(f"there is no school in {instance}/ yet; `courseware init` or `courseware demo` makes one")
    instance.mkdir(parents=True, exist_ok=True)
    school = db.connect(url, options.school)
    if create:
        storage.migrate(school)
    return school


def open_site(options: argparse.Namespace, *, create: bool = False) -> Site:
    return Site(open_school(options, create=create), options.instance)


def secret_key(instance: Path) -> str:
    """The key that signs cookies: from COURSEWARE_SECRET_KEY, or made once and kept in the instance folder for its owner's eyes."""
    if given := os.environ.get("COURSEWARE_SECRET_KEY"):
        if len(given) < 32:
            raise ValueError("COURSEWARE_SECRET_KEY has to be at least 32 characters long")
        return given
    path = instance / "secret-key"
    if not path.exists():
        instance.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def is_empty(school: db.School) -> bool:
    """Tell whether nobody is in the school yet, as at a first start, or after one that was cut short."""
    with db.session(school) as session:
        return session.scalar(select(Person.id).limit(1)) is None
