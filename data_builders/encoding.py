"""Names the encoding of text that is not UTF-8, so that a refusal can say what to convert from."""

from __future__ import annotations

__all__ = ["convert_from", "marked_encoding"]

_MARKS = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_ENOUGH = 1 << 14


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


def convert_from(content: bytes) -> str:
    """Guess the encoding of text that is not UTF-8, and say how to convert it.

    Args:
        content: Some of the text.

    Returns:
        Such as `it looks like cp1253; convert it: iconv -f CP1253 -t UTF-8`.
    """
    from charset_normalizer import from_bytes

    names = [match.encoding for match in from_bytes(content[:_ENOUGH])]
    if not names:
        return "no known encoding fits it; is it text?"
    # The most frequent one of Western text is told wherever it fits: short text looks like many.
    names = [*names[:3], *(name for name in names[3:] if name == "cp1252")]
    others = f", or {' or '.join(names[1:])}" if names[1:] else ""
    name = names[0].upper().replace("_", "-")
    return f"it looks like {names[0]}{others}; convert it: iconv -f {name} -t UTF-8"
