"""What this project itself decides about codes; all else is ISO 639's and CLDR's, see `codes`.

Sources: Glot500 and the paper, which fold two members into their macro-language (`pes` into `fas`,
`cmn` into `zho`); the tables of uroman.
"""

from __future__ import annotations

__all__ = [
    "LANGUAGE_ALIASES",
    "ROMANISER_LANGUAGES",
    "SCRIPT_ALIASES",
    "WIKIPEDIA_LANGUAGES",
]

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

WIKIPEDIA_LANGUAGES: dict[str, str] = {
    "als": "gsw_Latn",
    "bat-smg": "sgs_Latn",
    "cbk-zam": "cbk_Latn",
    "eml": "egl_Latn",
    "fiu-vro": "vro_Latn",
    "nrm": "nrf_Latn",
    "roa-rup": "rup_Latn",
    "zh-classical": "lzh_Hani",
    "zh-min-nan": "nan_Latn",
}
"""What Wikipedia calls languages otherwise than ISO 639: its `als` is Alemannic, not Tosk."""
