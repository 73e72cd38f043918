"""tries at one question"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("response", sa.JSON(), nullable=False),
        sa.Column("fraction", sa.Double(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("certainty", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_question_try_attempt_id_quiz_attempt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_try")),
        sa.UniqueConstraint("attempt_id", "question_id", "number", name=op.f("uq_question_try_attempt_id_question_id_number")),
    )
    with op.batch_alter_table("handed_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("certainty", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("handed_in", schema=None) as batch_op:
        batch_op.drop_column("certainty")
    op.drop_table("question_try")
