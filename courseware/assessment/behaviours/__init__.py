"""The behaviours, one file each; a new file here is found by itself. What all behaviours share is in tries.py."""

from __future__ import annotations

import sys

from courseware.assessment.tries import BEHAVIOURS, AnyBehaviour, read_behaviour

BEHAVIOURS.scan(sys.modules[__name__])

__all__ = ["BEHAVIOURS", "AnyBehaviour", "read_behaviour"]
