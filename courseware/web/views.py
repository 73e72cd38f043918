"""Rendering: one Jinja environment, the words of the reader's language, times in the school's zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import flask
from babel.dates import format_datetime
from markupsafe import Markup

from courseware import clock
from courseware.assessment.review import EVERYTHING
from courseware.assessment.tries import CERTAINTY_WORDS
from courseware.course import links
from courseware.course.text import inline, prose
from courseware.i18n import Message, Text
from courseware.translations import strings
from courseware.web.tokens import TOKEN, csrf_token, with_tokens

if TYPE_CHECKING:
    from courseware.web.routing import Context

LOCALES = {"en": "en", "zh": "zh_Hans_CN"}


@cache
def translator(language: str) -> Callable[..., str]:
    """A function from an English string and its values to the string of a language."""
    known = strings(language)

    def translate(text: str, /, **params: Any) -> str:
        translated = known.get(text, text)
        return translated % params if params else translated

    return translate


def say(reason: Message, language: str, zone: str) -> str:
    """Give a message in a language, its times in the school's zone and its texts and messages in turn."""
    params = {name: _value(value, language, zone) for name, value in reason.params.items()}
    return translator(language)(reason.id, **params)


def _value(value: Any, language: str, zone: str) -> Any:
    if isinstance(value, Message):
        return say(value, language, zone)
    if isinstance(value, Text):
        return value.to(language)
    return when(value, language, zone) if isinstance(value, datetime) else value


def when(at: datetime, language: str, zone: str, pattern: str = "d MMM y HH:mm") -> str:
    return format_datetime(clock.local(at, zone), "y年M月d日 HH:mm" if language == "zh" and pattern == "d MMM y HH:mm" else pattern, locale=LOCALES[language])


def time_of_day(at: datetime, zone: str) -> str:
    """The time to the second, which both languages write alike: when an answer was saved."""
    return clock.local(at, zone).strftime("%H:%M:%S")


def left(at: datetime, now: datetime, translate: Callable[..., str]) -> str:
    """How long until a moment, in one unit a person would use."""
    gap = abs(at - now)
    unit = next(name for size, name in ((timedelta(days=2), "d"), (timedelta(hours=2), "h"), (timedelta(0), "m")) if gap >= size)
    amount = gap // {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}[unit]
    words = {"d": translate("%(count)s days", count=amount), "h": translate("%(count)s h", count=amount), "m": translate("%(count)s min", count=amount)}[unit]
    return translate("in %(time)s", time=words) if at > now else translate("%(time)s ago", time=words)


def paragraphs(text: str) -> list[str]:
    """Give the paragraphs of a text that a learner wrote: its lines that are not empty."""
    return [line for line in text.split("\n") if line.strip()]


@lru_cache(maxsize=4096)
def markdown(source: str, language: str) -> Markup:
    return Markup(prose(source, language))  # noqa: S704 -- prose is cleaned by nh3


@lru_cache(maxsize=4096)
def markdown_line(source: str, language: str) -> Markup:
    return Markup(inline(source, language))  # noqa: S704 -- as above


def render(template: str, ctx: Context, value: Any = None) -> str:
    """Render a page. Its template sees `page` (its value), who asks, a notice, and all that `words` gives."""
    notice = flask.session.pop("notice", None) if "notice" in flask.session else None
    link = flask.session.pop("notice_link", None) if "notice_link" in flask.session else None
    return flask.current_app.jinja_env.get_template(template).render(
        page=value,
        who=ctx._who,
        here=ctx.request.path,
        notice=say(Message(*notice), ctx.language, ctx.site.zone) if notice else None,
        notice_link=(link[0], translator(ctx.language)(link[1])) if link else None,
        csrf=csrf_token,
        bar=lambda: with_tokens(_bar(ctx)),
        **words(ctx, ctx.language),
    )


def _bar(ctx: Context) -> Markup:
    """The bar of a person at a place, which is the same on every page of that place."""
    place = "/" + ctx.request.path.split("/")[1]
    key = (ctx.language, ctx._who, place)
    if key not in ctx.site.bars:
        if len(ctx.site.bars) > 2_000:
            ctx.site.bars.clear()
        template = flask.current_app.jinja_env.get_template("bar.html")
        ctx.site.bars[key] = Markup(template.render(who=ctx._who, here=place, csrf=lambda: TOKEN, **words(ctx, ctx.language)))  # noqa: S704 -- a template escapes
    return ctx.site.bars[key]


def fragment(template: str, ctx: Context, language: str, value: Any) -> Markup:
    """Render a part of a page that is the same for everyone. Its tokens are put in afterwards by `with_tokens`."""
    return Markup(flask.current_app.jinja_env.get_template(template).render(page=value, csrf=lambda: TOKEN, **words(ctx, language)))  # noqa: S704 -- a template escapes


def words(ctx: Context, language: str) -> dict[str, Any]:
    """What every template sees: the course, addresses, and functions for words, texts and times."""
    zone = ctx.site.zone
    translate = translator(language)
    return {
        "course": ctx.site.course_if_any(),
        "links": links,
        "url": flask.url_for,
        "lang": language,
        "now": ctx.now,
        "zone": zone,
        "site": ctx.site,
        "_": translate,
        "t": lambda text: text.to(language) if isinstance(text, Text) else str(text),
        "md": lambda text: markdown(text.to(language) if isinstance(text, Text) else str(text), language),
        "mdl": lambda text: markdown_line(text.to(language) if isinstance(text, Text) else str(text), language),
        "say": lambda reason: say(reason, language, zone),
        "when": lambda at, pattern="d MMM y HH:mm": when(at, language, zone, pattern),
        "paragraphs": paragraphs,
        "left": lambda at: left(at, ctx.now, translate),
        "everything": EVERYTHING,
        "certainty_words": CERTAINTY_WORDS,
    }
