"""What may be handed in as a file: its type by name and by content, its size, a name that is safe anywhere. Storing it is the business of uploads.py."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from courseware.errors import Invalid
from courseware.i18n import message

LARGEST = 10 * 1024 * 1024  # bytes of one file
LONGEST_NAME = 120
EMPTY = message("The file is empty: it has 0 bytes. Save it again in the program it comes from, then choose it once more.")


@dataclass(frozen=True)
class FileType:
    """A type that may be handed in: what it is served as, and whether some bytes can be such a file."""

    media: str
    fits: Callable[[bytes], bool]


def _begins(*magic: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(magic)


def _package_with(folder: bytes) -> Callable[[bytes], bool]:
    """Know a file of Word or Excel by the names in it. It is a ZIP archive, and it is never unpacked here."""
    return lambda content: content.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in content and folder in content


def _is_text(content: bytes) -> bool:
    """Know a text by what it must not hold. Chinese spreadsheets still write CSV in GB 18030."""
    if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", content):
        return False
    return _decodes(content, "utf-8") or _decodes(content, "gb18030")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


TYPES = {
    "pdf": FileType("application/pdf", _begins(b"%PDF-")),
    "docx": FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _package_with(b"word/")),
    "xlsx": FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _package_with(b"xl/")),
    "png": FileType("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    "txt": FileType("text/plain", _is_text),
    "csv": FileType("text/csv", _is_text),
    "md": FileType("text/markdown", _is_text),
}
ALSO = {"jpeg": "jpg"}  # another ending of the same type


@dataclass(frozen=True)
class File:
    """A file that was looked at and found good. `type` is a key of TYPES."""

    name: str
    type: str
    content: bytes

    @cached_property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()

    @property
    def size(self) -> int:
        return len(self.content)


def checked_file(name: str, content: bytes, types: Collection[str]) -> File:
    """Look a file over. Raises Invalid if it is empty, too large, of a type not asked for, or not what its name says."""
    name = safe_name(name)
    if not content:
        raise Invalid(EMPTY, "file")
    if len(content) > LARGEST:
        raise Invalid(message("“%(name)s” is too large: a file may have at most %(most)s MB.", name=name, most=LARGEST // 1024**2), "file")
    type = type_of(name)
    if type is None or type not in types:
        raise Invalid(message("“%(name)s” is not of a type asked for here: %(types)s.", name=name, types=", ".join(types)), "file")
    if not TYPES[type].fits(content):
        raise Invalid(
            message("“%(name)s” is named as a %(type)s file, but what is in it is none. It may be broken, or renamed: save it again as %(type)s.", name=name, type=type), "file"
        )
    return File(name, type, content)


def type_of(name: str) -> str | None:
    """Tell the type by the last ending of a name; None if it is not one of ours."""
    _, dot, ending = name.lower().rpartition(".")
    ending = ALSO.get(ending, ending)
    return ending if dot and ending in TYPES else None


def safe_name(name: str) -> str:
    """Make a name that no system takes for a path or a command. Letters of any script stay; the ending stays when the rest is cut."""
    name = unicodedata.normalize("NFC", name.encode(errors="replace").decode())
    name = re.split(r"[/\\]", name)[-1]
    # No control characters, and none that turn the direction of writing: "exe.fdp" would read as "pdf.exe" backwards.
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    name = " ".join(re.sub(r'[<>:"|?*]', "_", name).split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem:
        return name[:LONGEST_NAME] or "file"
    return f"{stem[: LONGEST_NAME - len(ending[:10]) - 1].rstrip('. ')}.{ending[:10]}"
