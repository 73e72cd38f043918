"""Small files of every type that may be handed in."""

from __future__ import annotations

import io
import zipfile


def office(part: str, content: bytes = b"<x/>") -> bytes:
    """An archive as Word and Excel write it, with one part of the document."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, content)
    return packed.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
GOOD = {
    "plan.pdf": PDF,
    "letter.docx": office("word/document.xml"),
    "calls.xlsx": office("xl/workbook.xml"),
    "screen.png": b"\x89PNG\r\n\x1a\n\x00\x00",
    "photo.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "photo.jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "notes.txt": "Zürich, 客户\r\n\tindented".encode(),
    "list.csv": b"\xef\xbb\xbfa,b\n1,2\n",
    "readme.md": b"# Title\n",
}
