"""The kinds of check: one file a kind. Importing this folder registers them all."""

import sys

from courseware.sandbox.findings import CHECKS

CHECKS.scan(sys.modules[__name__])

__all__ = ["CHECKS"]
