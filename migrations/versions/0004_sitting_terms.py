"""terms of a sitting"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("password_hash", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("networks", sa.JSON(), nullable=True))
    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("passed", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("added_minutes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("flags", sa.JSON(), server_default="[]", nullable=False))
        batch_op.create_index(batch_op.f("ix_quiz_attempt_status_quiz_attempt_deadline_at"), ["status", "deadline_at"], unique=False)
    op.create_table(
        "accommodation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(), nullable=False),
        sa.Column("time_factor", sa.Double(), nullable=True),
        sa.Column("extra_attempts", sa.Integer(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_accommodation_person_id_person")),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_accommodation_set_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodation")),
    )
    with op.batch_alter_table("accommodation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accommodation_person_id_accommodation_work"), ["person_id", "work"], unique=False)
    op.create_table(
        "added_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_added_time_attempt_id_quiz_attempt")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_added_time_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_added_time")),
    )
    with op.batch_alter_table("added_time", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_added_time_attempt_id"), ["attempt_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("added_time", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_added_time_attempt_id"))
    op.drop_table("added_time")
    with op.batch_alter_table("accommodation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accommodation_person_id_accommodation_work"))
    op.drop_table("accommodation")
    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quiz_attempt_status_quiz_attempt_deadline_at"))
        batch_op.drop_column("flags")
        batch_op.drop_column("added_minutes")
        batch_op.drop_column("passed")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_column("networks")
        batch_op.drop_column("password_hash")
        batch_op.drop_column("closes_at")
        batch_op.drop_column("opens_at")
