"""Migrations: they make what the models say, go down and up again, and have one head; on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, inspect
from sqlalchemy.exc import IntegrityError

from courseware import db, storage
from courseware.people.models import Person, Role
from courseware.shipped import folder
from tests import factories, postgres

NOW = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[db.School]:
    """A school without any table."""
    if request.param == "sqlite":
        school = db.connect(f"sqlite:///{tmp_path / 'school.sqlite'}")
        yield school
        school.engine.dispose()
        return
    url = request.getfixturevalue("postgres_url")
    if url is None:
        pytest.skip("PostgreSQL is not installed")
    name = postgres.fresh_school_name()
    school = db.connect(url, name)
    storage.create_schema(school)
    yield school
    school.engine.dispose()
    postgres.drop(url, name)


def tables(school: db.School) -> set[str]:
    return set(inspect(school.engine).get_table_names(schema=None if school.is_sqlite else school.name))


def test_the_migrations_make_what_the_models_say(empty: db.School) -> None:
    assert storage.differences(empty) != []
    storage.migrate(empty)
    assert storage.differences(empty) == []
    assert tables(empty) == set(storage.METADATA.tables) | {"alembic_version"}


def test_migrating_twice_changes_nothing_and_keeps_the_rows(empty: db.School) -> None:
    storage.migrate(empty)
    with db.session(empty, write=True) as session:
        factories.make_person(session, NOW, "lin", Role.LEARNER)
    storage.migrate(empty)
    with db.session(empty) as session:
        assert session.query(Person).one().login == "lin"


def test_migrations_go_up_down_and_up_again(empty: db.School) -> None:
    storage.migrate(empty)
    storage.downgrade(empty)
    assert tables(empty) == {"alembic_version"}
    storage.migrate(empty)
    assert storage.differences(empty) == []


RUN = "INSERT INTO sandbox_attempt (id, person_id, scenario, number, revision_id, paper, status, epoch, started_at) VALUES ({id}, 1, 'SC31', {number}, 1, '{{}}', '{status}', 1, '2026-03-16')"
PLANT = "INSERT INTO sandbox_journal (attempt_id, epoch, no, verb, arguments, at, changes, created_at) VALUES ({id}, 0, 0, 'plant', '{{}}', '', '[]', '2026-03-16')"
LIN = "INSERT INTO person (id, login, name, role, language, password_hash, is_active, created_at) VALUES (1, 'lin', 'Lin', 'learner', 'en', '-', TRUE, '2026-03-16')"


def test_rows_that_others_refer_to_survive_a_change_of_their_table(empty: db.School) -> None:
    def insert(*rows: str) -> None:
        with empty.engine.begin() as connection:
            for row in rows:
                connection.exec_driver_sql(row)

    storage.migrate(empty, "0001")
    insert(LIN, RUN.format(id=1, number=1, status="draft"), PLANT.format(id=1))
    storage.migrate(empty)
    insert(RUN.format(id=2, number=-1, status="practice"), PLANT.format(id=2))
    with pytest.raises(IntegrityError):
        insert(RUN.format(id=3, number=-1, status="practice"))
    storage.downgrade(empty, "0001")
    with empty.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT attempt_id FROM sandbox_journal").scalars().all()
    assert kept == [1], "a practice copy has no place in the older tables"


def test_there_is_one_head_and_every_step_follows_another() -> None:
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
    steps = list(script.walk_revisions())
    assert all(not step.is_merge_point for step in steps)


def test_every_table_belongs_to_one_school_alone() -> None:
    """One school is one file or one schema: no table has a school column, and none names its schema."""
    for table in storage.METADATA.tables.values():
        assert table.schema is None
        assert not {"school", "school_id", "tenant_id"} & set(table.columns.keys()), table.name


def test_every_moment_in_every_table_is_utc() -> None:
    moments = [column for table in storage.METADATA.tables.values() for column in table.columns if isinstance(column.type, DateTime | db.UTCDateTime)]
    assert len(moments) > 20
    assert all(isinstance(column.type, db.UTCDateTime) for column in moments)
