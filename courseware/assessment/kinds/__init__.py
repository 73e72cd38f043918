"""The question kinds, one file each; a new file here is found by itself. What all kinds share is in questions.py."""

from __future__ import annotations

import sys

from courseware.assessment.questions import KINDS

KINDS.scan(sys.modules[__name__])

__all__ = ["KINDS"]
