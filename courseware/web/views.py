"""Rendering: one Jinja environment, the words of the reader's language, times in the school's zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flask
from babel.dates import format_datetime
from babel.support import Translations
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from courseware import clock
from courseware.course import links
from courseware.course.text import inline, prose
from courseware.i18n import Message, Text

if TYPE_CHECKING:
    from courseware.web.routing import Context

TRANSLATIONS = Path(__file__).parent.parent / "translations"
LOCALES = {"en": "en", "zh": "zh_Hans_CN"}


@lru_cache
def catalogue(language: str) -> Any:
    """The interface strings of a language; English needs no catalogue."""
    return Translations.load(TRANSLATIONS, [language])


def translator(language: str) -> Callable[..., str]:
    """A function from an English string and its values to the string of a language."""
    gettext = catalogue(language).gettext

    def translate(text: str, /, **params: Any) -> str:
        translated: str = gettext(text)
        return translated % params if params else translated

    return translate


def say(reason: Message, language: str, zone: str) -> str:
    """Give a message in a language, its times in the school's zone and its texts and messages in turn."""
    params = {name: _value(value, language, zone) for name, value in reason.params.items()}
    translated: str = catalogue(language).gettext(reason.id)
    return translated % params if params else translated


def _value(value: Any, language: str, zone: str) -> Any:
    if isinstance(value, Message):
        return say(value, language, zone)
    if isinstance(value, Text):
        return value.to(language)
    return when(value, language, zone) if isinstance(value, datetime) else value


def when(at: datetime, language: str, zone: str, pattern: str = "d MMM y HH:mm") -> str:
    return format_datetime(clock.local(at, zone), "y年M月d日 HH:mm" if language == "zh" and pattern == "d MMM y HH:mm" else pattern, locale=LOCALES[language])


def left(at: datetime, now: datetime, translate: Callable[..., str]) -> str:
    """How long until a moment, in one unit a person would use."""
    gap = abs(at - now)
    amount, unit = next((gap // size, name) for size, name in ((timedelta(days=2), "d"), (timedelta(hours=2), "h"), (timedelta(0), "m")) if gap >= size)
    if unit == "d":
        amount = gap // timedelta(days=1)
    elif unit == "h":
        amount = gap // timedelta(hours=1)
    else:
        amount = gap // timedelta(minutes=1)
    words = {"d": translate("%(count)s days", count=amount), "h": translate("%(count)s h", count=amount), "m": translate("%(count)s min", count=amount)}[unit]
    return translate("in %(time)s", time=words) if at > now else translate("%(time)s ago", time=words)


@lru_cache(maxsize=4096)
def markdown(source: str, language: str) -> Markup:
    return Markup(prose(source, language))  # noqa: S704 -- prose is cleaned by nh3


@lru_cache(maxsize=4096)
def markdown_line(source: str, language: str) -> Markup:
    return Markup(inline(source, language))  # noqa: S704 -- as above


def render(template: str, ctx: Context, value: Any = None) -> str:
    """Render a template. It sees `page` (its value), `who`, `course`, `links`, and functions for words, texts, times and tokens."""
    language, zone = ctx.language, ctx.site.zone
    translate = translator(language)
    notice = flask.session.pop("notice", None) if "notice" in flask.session else None
    return flask.current_app.jinja_env.get_template(template).render(
        page=value,
        who=ctx._who,
        course=ctx.site.course_if_any(),
        links=links,
        url=flask.url_for,
        lang=language,
        here=ctx.request.path,
        now=ctx.now,
        zone=zone,
        notice=say(Message(*notice), language, zone) if notice else None,
        _=translate,
        t=lambda text: text.to(language) if isinstance(text, Text) else str(text),
        md=lambda text: markdown(text.to(language) if isinstance(text, Text) else str(text), language),
        mdl=lambda text: markdown_line(text.to(language) if isinstance(text, Text) else str(text), language),
        say=lambda reason: say(reason, language, zone),
        when=lambda at, pattern="d MMM y HH:mm": when(at, language, zone, pattern),
        left=lambda at: left(at, ctx.now, translate),
        csrf=generate_csrf,
        site=ctx.site,
    )
