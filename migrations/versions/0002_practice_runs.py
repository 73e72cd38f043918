"""practice copies of runs: one more status"""

from __future__ import annotations

import sqlalchemy as sa
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
    runs = sa.table("sandbox_attempt", sa.column("id"), sa.column("status"))
    is_copy = runs.c.status == "practice"
    for name in ("sandbox_hint", "sandbox_check", "sandbox_journal"):
        table = sa.table(name, sa.column("attempt_id"))
        op.execute(table.delete().where(table.c.attempt_id.in_(sa.select(runs.c.id).where(is_copy))))
    op.execute(runs.delete().where(is_copy))
    _allow(FIVE)


def _allow(after: str) -> None:
    with op.batch_alter_table("sandbox_attempt") as batch_op:
        batch_op.drop_constraint(op.f("ck_sandbox_attempt_status"), type_="check")
        batch_op.create_check_constraint(op.f("ck_sandbox_attempt_status"), after)
