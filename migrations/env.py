"""Run the migrations of one school. The connection comes from the caller, which has chosen the schema."""

from __future__ import annotations

from alembic import context

from courseware.storage import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
