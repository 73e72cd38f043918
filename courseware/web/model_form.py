"""A form for any data that a pydantic model describes: its fields, what stands in them, what is wrong with each. Reading what was typed is typed_form's business.

The name of a field is its path inside the data; behind a colon stands how its text is read: `options.0.fraction:number`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from courseware.assessment.kinds import KINDS
from courseware.assessment.kinds.case import INHERITED
from courseware.assessment.questions import Question
from courseware.course.faults import Faults
from courseware.course.rewrite import dump
from courseware.course.yaml import load
from courseware.i18n import LANGUAGES, Text

Path = tuple[str | int, ...]
Choices = Mapping[str, Sequence[tuple[str, str]]]  # of a field's name: what it may be, and how that is shown

SHAPES = ("line", "area", "number", "flag", "choice", "bool", "lines", "yaml", "kept")
OTHER = "other"  # the box of what no field is for
LONG = 45  # characters of a line in a box, about
MOST_LINES = 14


@dataclass(frozen=True)
class Field:
    """A field, or a group of them. `label` is the name in the data; `adds` names the sorts of row that may be added to `rows`."""

    path: Path
    shape: str
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    children: tuple[Field, ...] = ()
    adds: tuple[str, ...] = ()
    required: bool = False
    default: str = ""  # what an empty field means
    errors: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{dotted(self.path)}:{self.shape}"

    @property
    def id(self) -> str:
        return f"f-{dotted(self.path)}"

    @property
    def label(self) -> str:
        return str(self.path[-1]) if self.path else ""

    @property
    def dotted(self) -> str:
        return dotted(self.path)

    @property
    def has_id(self) -> bool:
        return any(child.label == "id" for child in self.children)

    @property
    def height(self) -> int:
        """How many lines a box shows at first."""
        return max(2 if self.shape != "area" or len(self.value) > LONG else 1, min(MOST_LINES, sum(1 + len(line) // LONG for line in self.value.split("\n"))))

    def all(self) -> Iterable[Field]:
        yield self
        for child in self.children:
            yield from child.all()


def dotted(path: Path) -> str:
    return ".".join(map(str, path))


# From data to fields


def fields_of(model: type[BaseModel], data: Mapping[str, Any], choices: Choices | None = None, *, hidden: Sequence[str] = (), extra: Sequence[str] = ()) -> Field:
    """Give the form of a model's data. `hidden` fields are kept as they are; `extra` names keys outside the model that get a box of their own."""
    return _group(model, data, (), choices or {}, hidden, extra)


def _group(model: type[BaseModel], data: Any, path: Path, choices: Choices, hidden: Sequence[str] = (), extra: Sequence[str] = (), *, required: bool = False) -> Field:
    held: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    children = []
    for name, info in model.model_fields.items():
        literal = _literals(_bare(info.annotation)[0])
        if name in hidden or (len(literal) == 1 and held.get(name, literal[0]) == literal[0]):
            if name in held:
                children.append(_kept(held[name], (*path, name)))
            continue
        field = _field(info.annotation, held.get(name), (*path, name), choices, required=info.is_required())
        children.append(replace(field, default=written(info.default)) if isinstance(info.default, str | bool | int | float) else field)
    children += [_yaml(held.get(name), (*path, name)) for name in extra]
    rest = {key: value for key, value in held.items() if key not in model.model_fields and key not in extra}
    if rest:
        children.append(_rest(rest, (*path, OTHER)))
    return Field(path, "group", children=tuple(children), required=required)


def _kept(value: Any, path: Path) -> Field:
    return Field(path, "kept", dump(value).rstrip("\n"))


def _rest(rest: Mapping[str, Any], path: Path) -> Field:
    unread = rest.get(OTHER)
    return Field(path, "yaml", unread if isinstance(unread, str) and len(rest) == 1 else dump(dict(rest)).rstrip("\n"))


def _bare(annotation: Any) -> tuple[Any, bool]:
    """An annotation without its validators, and whether it may be None."""
    optional = False
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation):
            rest = tuple(each for each in get_args(annotation) if each is not type(None))
            annotation, optional = reduce(or_, rest), True
        else:
            return annotation, optional


def _literals(annotation: Any) -> tuple[str, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _models(annotation: Any) -> tuple[type[BaseModel], ...]:
    """The models that an item may be: one, or several told apart by `kind`; every question kind for a question inside another."""
    annotation = _bare(annotation)[0]
    if annotation is Question:
        return tuple(model for kind, model in sorted(KINDS.items()) if kind != "case")
    members = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    found = [_bare(member)[0] for member in members]
    return tuple(found) if all(isinstance(one, type) and issubclass(one, BaseModel) for one in found) else ()


def _kind_of(model: type[BaseModel]) -> str:
    info = model.model_fields.get("kind")
    literal = _literals(_bare(info.annotation)[0]) if info else ()
    return str(literal[0]) if literal else ""


def _field(annotation: Any, data: Any, path: Path, choices: Choices, *, required: bool) -> Field:
    annotation, _ = _bare(annotation)
    if path[-1] in choices and (made := _line(annotation, data, path, choices)):
        return replace(made, required=required)
    for fits, make in _MAKERS:
        if fits(annotation) and (made := make(annotation, data, path, choices)) is not None:
            return replace(made, required=required)
    return replace(_yaml(data, path), required=required)


def _yaml(data: Any, path: Path) -> Field:
    return Field(path, "yaml", "" if data is None else data if isinstance(data, str) else dump(data).rstrip("\n"))


def _text(_: Any, data: Any, path: Path, _choices: Choices) -> Field | None:
    """A text keyed by language has a field for each; a template may have an expression in its place."""
    if isinstance(data, str):
        return _line(str, data, path, {})
    if data is not None and not (isinstance(data, Mapping) and set(data) <= set(LANGUAGES) and all(isinstance(each, str) for each in data.values())):
        return None
    return Field(path, "texts", children=tuple(Field((*path, language), "area", (data or {}).get(language, "")) for language in LANGUAGES))


def _line(annotation: Any, data: Any, path: Path, choices: Choices) -> Field | None:
    options = tuple(choices.get(str(path[-1]), ())) or tuple((one, one) for one in _literals(annotation))
    if isinstance(data, list | Mapping):
        return None
    value = written(data)
    if options:
        return Field(path, "choice", value, options if value in ("", *(one for one, _ in options)) else (*options, (value, value)))
    return Field(path, "number" if annotation in (int, float) else "area" if len(value) > LONG else "line", value)


def _bool(annotation: Any, data: Any, path: Path, choices: Choices) -> Field | None:
    if data is None or isinstance(data, bool):
        return Field(path, "bool", written(data))
    return _line(str, data, path, choices)


def written(value: Any) -> str:
    return "" if value is None else dump(value).rstrip("\n") if isinstance(value, bool | int | float) else str(value)


def _model(annotation: Any, data: Any, path: Path, choices: Choices) -> Field | None:
    return _group(annotation, data, path, choices) if data is None or isinstance(data, Mapping) else None


def _rows(annotation: Any, data: Any, path: Path, choices: Choices) -> Field | None:
    models, held = _models(get_args(annotation)[0]), data or []
    if not isinstance(held, list) or not all(isinstance(item, Mapping) for item in held):
        return _lines(annotation, data, path, choices)
    adds = tuple(f"{'id' if 'id' in model.model_fields else 'plain'}.{_kind_of(model) if len(models) > 1 else ''}" for model in models)
    return Field(path, "rows", str(len(held)), children=tuple(_row(models, item, (*path, place), choices) for place, item in enumerate(held)), adds=adds)


def _row(models: Sequence[type[BaseModel]], item: Mapping[str, Any], path: Path, choices: Choices) -> Field:
    model = next((one for one in models if _kind_of(one) == item.get("kind")), models[0])
    if len(models) > 1 and _kind_of(model) != item.get("kind"):
        return _yaml(item, path)
    row = _group(model, item, path, choices, INHERITED if issubclass(model, Question) else ())
    return replace(row, shape="row")


def _texts(_: Any, data: Any, path: Path, choices: Choices) -> Field | None:
    held = data or []
    found = [_text(Text, item, (*path, place), choices) for place, item in enumerate(held)] if isinstance(held, list) else [None]
    rows = tuple(replace(one, shape="row") for one in found if one and one.shape == "texts")
    return Field(path, "rows", str(len(rows)), children=rows, adds=("text.",)) if len(rows) == len(found) else None


def _lines(annotation: Any, data: Any, path: Path, _: Choices) -> Field | None:
    held = data or []
    if not isinstance(held, list) or not all(isinstance(one, str) and one.strip() == one and one and "\n" not in one for one in held):
        return None
    return Field(path, "lines", "\n".join(held))


def _by_language(annotation: Any, data: Any, path: Path, choices: Choices) -> Field | None:
    """Lists keyed by language, one entry a line."""
    if not isinstance(data or {}, Mapping) or not set(data or {}) <= set(LANGUAGES):
        return None
    found = [_lines(annotation, (data or {}).get(language), (*path, language), choices) for language in LANGUAGES]
    return Field(path, "texts", children=tuple(one for one in found if one)) if all(found) else None


def _is_list_of(fits: Callable[[Any], Any]) -> Callable[[Any], bool]:
    def found(annotation: Any) -> bool:
        arguments = get_args(annotation)
        return get_origin(annotation) in (tuple, list) and (len(arguments) == 1 or arguments[1:] == (...,)) and bool(fits(arguments[0]))

    return found


def _is_word(annotation: Any) -> bool:
    bare = _bare(annotation)[0]
    return bare is str or bool(_literals(bare))


_Maker = Callable[[Any, Any, Path, Choices], Field | None]
_MAKERS: tuple[tuple[Callable[[Any], bool], _Maker], ...] = (
    (lambda annotation: annotation is Text, _text),
    (lambda annotation: annotation is bool, _bool),
    (lambda annotation: annotation in (str, int, float) or bool(_literals(annotation)), _line),
    (_is_list_of(lambda item: _bare(item)[0] is Text), _texts),
    (_is_list_of(_models), _rows),
    (_is_list_of(_is_word), _lines),
    (lambda annotation: get_origin(annotation) is dict and get_args(annotation)[0] is str and _is_list_of(lambda item: _is_word(item) or _models(item))(_bare(get_args(annotation)[1])[0]), _by_language),
    (lambda annotation: bool(_models(annotation)) and len(_models(annotation)) == 1, _model),
)


# Faults


def with_errors(form: Field, faults: Iterable[tuple[Path, str]]) -> tuple[Field, tuple[str, ...]]:
    """Put each fault to its field, and give those that belong to none."""
    known = {field.path for field in form.all()}
    found: dict[Path, list[str]] = {}
    for path, sentence in faults:
        found.setdefault(_nearest(path, known), []).append(sentence)
    return _marked(form, found), tuple(found.get((), ()))


def _nearest(path: Path, known: set[Path]) -> Path:
    """The deepest field on the way to a fault. Words that name a branch of the model, not a key of the data, are passed over."""
    at: Path = ()
    for key in path:
        if (*at, key) in known:
            at = (*at, key)
    return at


def _marked(field: Field, found: Mapping[Path, Sequence[str]]) -> Field:
    return replace(field, errors=tuple(dict.fromkeys(found.get(field.path, ()))), children=tuple(_marked(child, found) for child in field.children))


def unreadable(form: Field) -> list[tuple[Path, str]]:
    """Faults of boxes whose text is not YAML: it is kept as it was typed, and the parser says what it stumbled over."""
    found = []
    for field in form.all():
        if field.shape == "yaml" and field.value:
            faults = Faults()
            load("", field.value.encode(), faults)
            found += [(field.path, f"line {fault.line}: {fault.sentence}") for fault in faults]
    return found
