"""The labels that tell a reader how sure a statement is: an outside source says so, only the source text does, or it is a rule of this course."""

from __future__ import annotations

from typing import Literal

Evidence = Literal["confirmed", "reported", "own"]
