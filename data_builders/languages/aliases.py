"""What this project itself decides about codes; all else is ISO 639's and CLDR's, see `codes`.

Sources: Glot500 and the paper, which fold two members into their macro-language (`pes` into `fas`,
`cmn` into `zho`); the tables of uroman.
"""

from __future__ import annotations

__all__ = ["LANGUAGE_ALIASES", "ROMANISER_LANGUAGES", "SCRIPT_ALIASES"]

LANGUAGE_ALIASES: dict[str, str] = {"pes": "fas", "cmn": "zho"}
"""ISO 639-3 code -> the one used here."""

SCRIPT_ALIASES: dict[str, str] = {
    **dict.fromkeys(("Hans", "Hant", "Hanb"), "Hani"),
    **dict.fromkeys(("Kore", "Jamo"), "Hang"),
    **dict.fromkeys(("Latf", "Latg"), "Latn"),
    **dict.fromkeys(("Syre", "Syrj", "Syrn"), "Syrc"),
    "Aran": "Arab",
    "Cyrs": "Cyrl",
    "Hrkt": "Jpan",
}
"""Mixture or variant -> the ISO 15924 script used here (the first as Glot500 writes them)."""

ROMANISER_LANGUAGES: frozenset[str] = frozenset(
    "ara asm bel ben bul deu ell eng fas grc guj kas kaz kir lav lit mkd oss pan pnt pus rus san "
    "srp tur uig ukr yid".split()
)
"""Languages that uroman has rules of their own for; of all others it knows the script."""
