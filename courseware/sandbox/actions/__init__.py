"""The verbs of the practice CRM: one file a record type, one function a verb. Importing this folder registers them all."""

import sys

from courseware.sandbox.verbs import VERBS

VERBS.scan(sys.modules[__name__])

__all__ = ["VERBS"]
