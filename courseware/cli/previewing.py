"""`preview`: serve a course folder to its author, live."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import waitress

from courseware import shipped
from courseware.web.preview import create_preview


def add(commands: Any) -> None:
    command = commands.add_parser("preview", help="serve a course folder live, with its faults on the page")
    command.add_argument("folder", nargs="?", type=Path, default=shipped.root(), metavar="DIR")
    command.add_argument("--port", type=int, default=8001)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="courseware-preview-") as instance:
        app = create_preview(options.folder, Path(instance))
        print(f"Preview of {options.folder} at http://127.0.0.1:{options.port}/learn (stop it with Ctrl+C)", flush=True)
        waitress.serve(app, host="127.0.0.1", port=options.port, threads=4, _quiet=True)
    return 0
