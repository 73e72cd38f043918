"""The product as gunicorn serves it in the benchmark: the school that prepare.py made, in BENCH_FOLDER."""

import os
from pathlib import Path

from courseware import db
from courseware.web.app import create_app
from courseware.web.site import Site

folder = Path(os.environ["BENCH_FOLDER"])
app = create_app(Site(db.connect(f"sqlite:///{folder / 'school.sqlite'}"), folder), "the benchmark's own key, not secret at all")
