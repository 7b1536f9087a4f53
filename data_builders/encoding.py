"""Names the encoding of text that is not UTF-8, so that a refusal can say what to convert from."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress

from .errors import DataError
from .languages.codes import resolve_code

__all__ = ["convert_from", "marked_encoding", "other_content"]

_MARKS = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_PACKED = (
    (b"\x1f\x8b", "packed by gzip; name it .gz"),
    (b"\xfd7zXZ\0", "packed by xz; name it .xz"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd; name it .zst"),
    (b"PK\x03\x04", "a ZIP archive, or a document of an office; unpack it, or save it as text"),
    (b"%PDF-", "a PDF; take its text out"),
)
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)")
_PARQUET = b"PAR1"
_ENOUGH = 1 << 14
_COMMON = (
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 koi8_r koi8_u cp866 gb18030 "
    "big5 cp932 euc_jp cp949 tis_620 iso8859_2 iso8859_5 iso8859_6 iso8859_7 iso8859_8 mac_greek "
    "mac_cyrillic mac_roman"
).split()
"""Asked about first: of all that Python knows, some fit any text and were hardly ever used."""
_LATIN = {
    "cp1250": ("bos", "ces", "hrv", "hun", "pol", "ron", "slk", "slv", "sqi"),
    "cp1254": ("aze", "tur"),
    "cp1257": ("est", "lav", "lit"),
    "cp1258": ("vie",),
}
"""Code pages of languages in Latin letters; of all others it is cp1252."""
_NAMED = {
    "Arab": "ARABIC",
    "Cyrl": "CYRILLIC",
    "Grek": "GREEK",
    "Hang": "HANGUL",
    "Hani": "CJK",
    "Hebr": "HEBREW",
    "Jpan": "",
    "Latn": "LATIN",
    "Thai": "THAI",
}
"""What Unicode's names of a script's letters hold."""


def marked_encoding(start: bytes) -> str | None:
    """Name an encoding other than UTF-8 that the first bytes of a file show beyond doubt.

    Args:
        start: The first bytes.

    Returns:
        `UTF-16` or `UTF-32`, by its mark or by its zeros; None for anything else.
    """
    found = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    if found is None and len(start) >= 8:
        # Without a mark: blanks and line ends have their zero at every other byte, always the same.
        zeros = sorted(half.count(0) / len(half) for half in (start[::2], start[1::2]))
        found = "UTF-16" if zeros[0] == 0 and zeros[1] > 0.1 else None
    return found


def other_content(start: bytes) -> str | None:
    """Say what a file holds in place of text, where its first bytes tell.

    Args:
        start: The first bytes.

    Returns:
        Such as `packed by gzip; name it .gz`; None for anything else.
    """
    if _BZIP2.match(start):
        return "packed by bzip2; name it .bz2"
    if start.startswith(_PARQUET) and not _is_utf8(start):
        return "Parquet; name it .parquet"
    return next((told for mark, told in _PACKED if start.startswith(mark)), None)


def _is_utf8(start: bytes) -> bool:
    """Tell text that may be cut within a letter from bytes of another kind."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return b"\0" not in start


def convert_from(content: bytes, tags: Iterable[str] = ()) -> str:
    """Guess the encoding of text that is not UTF-8, and say how to convert it.

    Args:
        content: Some of the text.
        tags: What its name may say of its language, such as `ell_Grek`; short text looks like many
            encodings, but only some of them give letters of its script.

    Returns:
        Such as `it looks like cp1253; convert it: iconv -f CP1253 -t UTF-8`.
    """
    from charset_normalizer import from_bytes

    content = content[:_ENOUGH]
    names = [match.encoding for match in from_bytes(content, cp_isolation=[*_COMMON])]
    if not names:
        names = [match.encoding for match in from_bytes(content)]
    if not names:
        return "no known encoding fits it; is it text?"
    if code := next(filter(None, map(_code, tags)), None):
        language, _, script = code.partition("_")
        if script == "Latn":
            usual = next((page for page, of in _LATIN.items() if language in of), "cp1252")
            names = [usual, *(name for name in names if name != usual)]
        names.sort(key=lambda name: -_letters_of(script, content.decode(name, "replace")))
    # The most frequent one of Western text is told wherever it fits: short text looks like many.
    names = [*names[:3], *(name for name in names[3:] if name == "cp1252")]
    others = f", or {' or '.join(names[1:])}" if names[1:] else ""
    name = names[0].upper().replace("_", "-")
    return f"it looks like {names[0]}{others}; convert it: iconv -f {name} -t UTF-8"


def _code(tag: str) -> str | None:
    with suppress(DataError):
        return resolve_code(tag)
    return None


def _letters_of(script: str, text: str) -> float:
    """The share of letters beyond ASCII that are of a script; those of Latin all count alike."""
    letters = [char for char in text if char.isalpha() and not char.isascii()]
    begin = _NAMED.get(script, "")
    return round(sum(begin in unicodedata.name(c, "") for c in letters) / max(1, len(letters)), 1)
