"""Fail when the models and the migrations differ: `python -m tests.migrations_match`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from courseware import db, storage


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        school = db.connect(f"sqlite:///{Path(folder) / 'school.sqlite'}")
        storage.migrate(school)
        found = storage.differences(school)
        school.engine.dispose()
    for difference in found:
        print(f"models and migrations differ: {difference}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
