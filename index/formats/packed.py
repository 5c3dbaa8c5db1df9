"""Files that are zip archives of XML, opened with limits: a few kilobytes can unpack to terabytes."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

from index.errors import UnreadableArticle

MAX_UNPACKED = 200_000_000  # bytes, all members together
MAX_RATIO = 200  # unpacked to packed; prose packs to a third or a quarter
_SMALL = 1_000_000  # bytes: what unpacks to less is harmless whatever its ratio
MAX_MEMBERS = 10_000


def open_packed(path: str, data: bytes) -> zipfile.ZipFile:
    """Raises UnreadableArticle for what is no archive, is encrypted or would unpack beyond the limits.

    The stated sizes can be trusted: `zipfile` reads no more of a member than it states.
    """
    try:
        packed = zipfile.ZipFile(io.BytesIO(data))
        members = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableArticle(f"{path}: damaged, or not what its name says ({error}); save it again") from error
    unpacked = sum(member.file_size for member in members)
    ratio = unpacked / max(1, len(data))
    if unpacked > MAX_UNPACKED or len(members) > MAX_MEMBERS or (ratio > MAX_RATIO and unpacked > _SMALL):
        raise UnreadableArticle(
            f"{path}: would unpack to {unpacked:,} bytes in {len(members):,} parts, {ratio:,.0f} times its size; "
            "split it or move it out of the corpus"
        )
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableArticle(f"{path}: protected by a password; save it without one")
    return packed


def read_member(path: str, packed: zipfile.ZipFile, name: str) -> bytes:
    """Raises UnreadableArticle when the archive has no such member, or a damaged one."""
    try:
        return packed.read(name)
    except (KeyError, zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zlib.error) as error:
        raise UnreadableArticle(f"{path}: its part {name} cannot be read ({error}); save it again") from error


def read_xml(path: str, data: bytes) -> Any:
    """The root of an XML document without a document type: no entity is expanded. Raises UnreadableArticle."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableArticle(f"{path}: its XML cannot be read ({error}); save it again") from error
