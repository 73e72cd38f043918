"""The `courseware` command: its subcommands are the modules beside this one that have `add`."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys

from courseware import __version__, cli
from courseware.course.faults import ContentRefused
from courseware.errors import CoursewareError


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="courseware", description="Courseware for customer-service work.")
    made.add_argument("--version", action="version", version=__version__)
    commands = made.add_subparsers(metavar="COMMAND", required=True)
    for found in pkgutil.iter_modules(cli.__path__):
        module = importlib.import_module(f"{cli.__name__}.{found.name}")
        if hasattr(module, "add"):
            module.add(commands)
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run a command. Gives 0, or 1 after a plain sentence about what was wrong."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except ContentRefused as refused:
        print(refused, file=sys.stderr)
        print("Nothing was changed.", file=sys.stderr)
        return 1
    except (CoursewareError, OSError, ValueError) as failure:
        print(f"courseware: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
