"""practice copies of runs: one more status"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FIVE = "status IN ('draft', 'submitted', 'checked', 'marked', 'released')"
SIX = "status IN ('draft', 'submitted', 'checked', 'marked', 'released', 'practice')"


def upgrade() -> None:
    _allow(SIX)


def downgrade() -> None:
    copies = "SELECT id FROM sandbox_attempt WHERE status = 'practice'"
    for table in ("sandbox_hint", "sandbox_check", "sandbox_journal"):
        op.execute(f"DELETE FROM {table} WHERE attempt_id IN ({copies})")  # noqa: S608 -- names of tables
    op.execute("DELETE FROM sandbox_attempt WHERE status = 'practice'")
    _allow(FIVE)


def _allow(after: str) -> None:
    with op.batch_alter_table("sandbox_attempt") as batch_op:
        batch_op.drop_constraint(op.f("ck_sandbox_attempt_status"), type_="check")
        batch_op.create_check_constraint(op.f("ck_sandbox_attempt_status"), after)
