"""Texts keyed by language, and messages that carry an id and parameters. Rendering them is the business of web and cli."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

LANGUAGES = ("en", "zh")


class Text(Mapping[str, str]):
    """A content text in one or more of LANGUAGES; English is always there and stands in for what is missing."""

    __slots__ = ("_by_language",)

    def __init__(self, by_language: Mapping[str, str]) -> None:
        unknown = set(by_language) - set(LANGUAGES)
        if unknown:
            raise ValueError(f"unknown language {sorted(unknown)[0]!r}; known: {', '.join(LANGUAGES)}")
        if not all(isinstance(value, str) for value in by_language.values()):
            raise ValueError("every language of a text needs a string")
        if "en" not in by_language:
            raise ValueError("a text needs at least its English version, under the key en")
        self._by_language = dict(by_language)

    def __getitem__(self, language: str) -> str:
        return self._by_language[language]

    def __iter__(self) -> Any:
        return iter(self._by_language)

    def __len__(self) -> int:
        return len(self._by_language)

    def __hash__(self) -> int:
        return hash(tuple(sorted(self._by_language.items())))

    def __repr__(self) -> str:
        return f"Text({self._by_language!r})"

    def to(self, language: str) -> str:
        """Give the text in a language, or in English where that is missing."""
        return self._by_language.get(language) or self._by_language["en"]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def read(value: Any) -> Text:
            if isinstance(value, Text):
                return value
            if not isinstance(value, dict):
                raise ValueError("expected a text keyed by language, such as {en: …, zh: …}")
            return cls(value)

        return core_schema.no_info_plain_validator_function(
            read, serialization=core_schema.plain_serializer_function_ser_schema(lambda text: dict(text))
        )


@dataclass(frozen=True)
class Message:
    """A sentence for a person: an English template with %(name)s places, its translation key, and the values."""

    id: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def english(self) -> str:
        return self.id % self.params if self.params else self.id


def message(id: str, /, **params: Any) -> Message:
    """Build a Message. The function's name marks the string for extraction into the translation catalogues."""
    return Message(id, params)
