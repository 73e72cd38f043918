"""All tables of all rooms in one place, and the migrations that make them. Used by cli, web and tests, never by a room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

import courseware.assessment.models
import courseware.course.drafts
import courseware.course.revisions
import courseware.grading.models
import courseware.people.models
import courseware.sandbox.models  # noqa: F401 -- importing a room's models is what puts its tables into the metadata
from courseware.db import Base, School, create_schema
from courseware.shipped import folder

METADATA = Base.metadata


def migrate(school: School, revision: str = "head") -> None:
    """Bring a school's tables to a revision of the migrations, making its schema where the engine has schemas."""
    create_schema(school)
    with _migrating(school) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(school: School, revision: str = "base") -> None:
    with _migrating(school) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _migrating(school: School) -> Iterator[Connection]:
    """Lend a connection and commit: all steps or none.

    SQLite changes a table by making it anew (sqlite.org/lang_altertable.html, section 7): references rest meanwhile, and none may be left dangling.
    """
    with school.engine.connect() as connection:
        if school.is_sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all() if school.is_sqlite else ()
            if dangling:
                raise RuntimeError(f"rows whose references lead nowhere after migrating (table, row, to, reference): {dangling[:5]}")
            connection.commit()
        finally:
            connection.rollback()
            if school.is_sqlite:
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def differences(school: School) -> list[object]:
    """What the models say and the migrated tables do not: empty when a migration was written for every change."""
    with school.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), METADATA))


def write_migration(school: School, message: str) -> None:
    """Write a new migration from the difference between models and tables."""
    with school.engine.connect() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(folder("migrations"))))
    config.set_main_option("version_path_separator", "os")
    config.attributes["connection"] = connection
    return config
