"""What can go wrong in front of a person, each with a message that says what happened and what to do."""

from __future__ import annotations

from courseware.i18n import Message, message


class CoursewareError(Exception):
    """An expected refusal. `status` is the HTTP status that fits; `message` is translated where it is shown."""

    status = 400

    def __init__(self, reason: Message) -> None:
        super().__init__(reason.english())
        self.message = reason


class NotFound(CoursewareError):
    """Foreign and missing things look the same: neither tells that the other exists."""

    status = 404

    def __init__(self, reason: Message | None = None) -> None:
        super().__init__(reason or message("There is nothing here for you under this address. It may have been moved, or it belongs to someone else."))


class SignInNeeded(CoursewareError):
    """No valid session: sign in, then go on."""

    status = 401

    def __init__(self) -> None:
        super().__init__(message("Please sign in first. Your session has ended or was never begun."))


class Refused(CoursewareError):
    """A rule says no. The message says which rule and what would help."""

    status = 409


class Invalid(CoursewareError):
    """What was typed does not fit. `field` names the form field, if there is one."""

    status = 422

    def __init__(self, reason: Message, field: str | None = None) -> None:
        super().__init__(reason)
        self.field = field


class TooMany(CoursewareError):
    """A limit on how often something may be tried."""

    status = 429
