"""runs of the practice CRM that belong to a quiz, and what answers were found to give in them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SIX = "status IN ('draft', 'submitted', 'checked', 'marked', 'released', 'practice')"
SEVEN = "status IN ('draft', 'submitted', 'checked', 'marked', 'released', 'practice', 'reading')"
NUMBERED = ["person_id", "scenario", "number"]
OPEN = sa.text("status = 'draft'")


def upgrade() -> None:
    op.create_table(
        "looked_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_looked_up_attempt_id_quiz_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_looked_up")),
        sa.UniqueConstraint("attempt_id", "question_id", "sha256", name=op.f("uq_looked_up_attempt_id_question_id_sha256")),
    )
    op.drop_index("ix_sandbox_attempt_open", "sandbox_attempt")
    with op.batch_alter_table("sandbox_attempt") as batch_op:
        batch_op.add_column(sa.Column("part_of", sa.String(), nullable=False, server_default=""))
        batch_op.drop_constraint(op.f("uq_sandbox_attempt_person_id_scenario_number"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_sandbox_attempt_person_id_scenario_number_part_of"), [*NUMBERED, "part_of"])
        _allow(batch_op, SEVEN)
    op.create_index("ix_sandbox_attempt_open", "sandbox_attempt", ["person_id", "scenario", "part_of"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_table("looked_up")
    runs = sa.table("sandbox_attempt", sa.column("id"), sa.column("part_of"))
    is_part = runs.c.part_of != ""
    for name in ("sandbox_hint", "sandbox_check", "sandbox_journal"):
        table = sa.table(name, sa.column("attempt_id"))
        op.execute(table.delete().where(table.c.attempt_id.in_(sa.select(runs.c.id).where(is_part))))
    op.execute(runs.delete().where(is_part))
    op.drop_index("ix_sandbox_attempt_open", "sandbox_attempt")
    with op.batch_alter_table("sandbox_attempt") as batch_op:
        _allow(batch_op, SIX)
        batch_op.drop_constraint(op.f("uq_sandbox_attempt_person_id_scenario_number_part_of"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_sandbox_attempt_person_id_scenario_number"), NUMBERED)
        batch_op.drop_column("part_of")
    op.create_index("ix_sandbox_attempt_open", "sandbox_attempt", ["person_id", "scenario"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def _allow(batch_op: BatchOperations, after: str) -> None:
    batch_op.drop_constraint(op.f("ck_sandbox_attempt_status"), type_="check")
    batch_op.create_check_constraint(op.f("ck_sandbox_attempt_status"), after)
