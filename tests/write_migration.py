"""Write a migration for what changed in the models: `make migration MESSAGE="add …"`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from courseware import db, storage

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        school = db.connect(f"sqlite:///{Path(folder) / 'school.sqlite'}")
        storage.migrate(school)
        storage.write_migration(school, sys.argv[1])
        school.engine.dispose()
