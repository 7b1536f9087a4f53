"""Make the text, the groups and the benchmarks of docs/real-encoder.md from public text.

    python docs/make_e5_inputs.py DATA OUT [--hindi NATIVE ROMAN]

DATA holds public text in folders by its source (bible, tatoeba, seed, mono, sib200, ntrex, replay,
informal); docs/records/bible/corpora.md names the sources. Under OUT come `text`, `replay` and
`names` (a file a language, for `build --source files:`), groups (`*.tsv`) and benchmarks
(`parallel:`). No draw is at random: lines are taken evenly.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path

from babel import Locale

VERSES, SEED, MONO, TATOEBA, REPLAY, ENGLISH, NAMES = 1800, 1800, 2500, 1000, 500, 3600, 500
NEW_TESTAMENT = "40"
TATOEBA_CODES = {
    "amh": "amh_Ethi", "ara": "arb_Arab", "arz": "arz_Arab", "cmn": "zho_Hani", "ell": "ell_Grek",
    "heb": "heb_Hebr", "kor": "kor_Hang", "pes": "fas_Arab", "tha": "tha_Thai", "tur": "tur_Latn",
    "wuu": "wuu_Hani", "yue": "yue_Hani",
}  # fmt: skip
OTHER_CODES = {"zho_Hans": "zho_Hani", "yue_Hant": "yue_Hani", "pes_Arab": "fas_Arab"}
LATIN_NAMES = "azj_Latn cym_Latn eng_Latn eus_Latn gle_Latn glg_Latn hau_Latn ibo_Latn isl_Latn \
jav_Latn lav_Latn som_Latn uzn_Latn zul_Latn".split()
OUTSIDE_NAMES = "ben_Beng eng_Latn hye_Armn jpn_Jpan kat_Geor tam_Taml".split()
OUTSIDE_CITIES = [*OUTSIDE_NAMES, "hin_Deva", "rus_Cyrl"]
"""Hindi and Russian share spellings of names with languages that were trained on."""
LOCALES = {
    "azj": "az", "ben": "bn", "cym": "cy", "eng": "en", "eus": "eu", "gle": "ga", "glg": "gl",
    "hau": "ha", "hin": "hi", "hye": "hy", "ibo": "ig", "isl": "is", "jav": "jv", "jpn": "ja",
    "kat": "ka", "lav": "lv", "rus": "ru", "som": "so", "tam": "ta", "uzn": "uz", "zul": "zu",
}  # fmt: skip
TRAINED_NAMES = {
    "amh_Ethi": "am", "arb_Arab": "ar", "bul_Cyrl": "bg", "ell_Grek": "el", "fas_Arab": "fa",
    "guj_Gujr": "gu", "heb_Hebr": "he", "kan_Knda": "kn", "kaz_Cyrl": "kk", "khm_Khmr": "km",
    "kor_Hang": "ko", "lao_Laoo": "lo", "mal_Mlym": "ml", "mar_Deva": "mr", "mkd_Cyrl": "mk",
    "mya_Mymr": "my", "npi_Deva": "ne", "pan_Guru": "pa", "sin_Sinh": "si", "srp_Cyrl": "sr",
    "tel_Telu": "te", "tha_Thai": "th", "ukr_Cyrl": "uk", "urd_Arab": "ur", "yue_Hani": "yue",
    "zho_Hani": "zh",
}  # fmt: skip
"""Languages whose names are romanised too: none of those whose names are searched."""
SPELLED = "arb_Arab ary_Arab arz_Arab ell_Grek fas_Arab heb_Hebr".split()
"""Languages that the romaniser `informal` has a table for."""
FEW = "amh_Ethi arb_Arab ell_Grek eng_Latn heb_Hebr kor_Hang tha_Thai zho_Hani".split()


def rows_of(path: Path) -> list[list[str]]:
    """Return the rows of a table that may be compressed; lines without a tab have one column."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if line.strip()]


def evenly(items: Sequence[str], most: int) -> list[str]:
    """Return at most so many items, at even distances."""
    if len(items) <= most:
        return list(items)
    return [items[number * len(items) // most] for number in range(most)]


def labelled(data: Path, code: str) -> list[str]:
    """Return the training sentences of SIB-200, which are no benchmark of this page."""
    with (data / "sib200" / code / "train.tsv").open(encoding="utf-8") as lines:
        return [row["text"] for row in csv.DictReader(lines, delimiter="\t", quoting=3)]


def training_text(data: Path) -> dict[str, list[str]]:
    """Return the sentences of each language, and of English, which is not romanised."""
    held = {row[0] for row in rows_of(data / "bible" / "srb500_ids.txt")}
    for part in ("train", "dev", "test"):
        held |= {row[0] for row in rows_of(data / "taxi1500" / "labels" / f"{part}.tsv")}
    text: dict[str, list[str]] = {}
    for path in sorted((data / "bible").glob("*.tsv.gz")):
        verses = [row[1] for row in rows_of(path) if row[0] >= NEW_TESTAMENT and row[0] not in held]
        code = _code(path)
        text[code] = evenly(verses, ENGLISH if code == "eng_Latn" else VERSES)
    for name, code in TATOEBA_CODES.items():
        lines = [row[0] for row in rows_of(data / "tatoeba" / f"tatoeba.{name}-eng.{name}")]
        text.setdefault(code, []).extend(evenly(lines, TATOEBA))
    for code in ("ary_Arab", "arz_Arab"):
        rows = rows_of(data / "seed" / f"{code}.tsv.gz")
        text.setdefault(code, []).extend(evenly([row[1] for row in rows], SEED))
    for code in ("bod_Tibt", "mlt_Latn"):
        rows = rows_of(data / "mono" / f"{code}.txt.gz")
        text.setdefault(code, []).extend(evenly([row[0] for row in rows], MONO))
    for folder in sorted((data / "sib200").iterdir()):
        if folder.is_dir() and folder.name != "zho_Hant":
            code = OTHER_CODES.get(folder.name, folder.name)
            text.setdefault(code, []).extend(labelled(data, folder.name))
    return text


def news(data: Path) -> dict[str, list[tuple[str, str]]]:
    """Return the first 300 of every third line of NTREX-128, 15 languages and English."""
    return {
        OTHER_CODES.get(_code(path), _code(path)): [
            (row[0], row[1]) for row in rows_of(path)[::3][:300]
        ]
        for path in sorted((data / "ntrex").glob("*.tsv.gz"))
        if _code(path) != "zho_Hant"
    }


def names(codes: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return what the CLDR calls territories and languages, a name once in a language."""
    said = {}
    for code in codes:
        locale = Locale.parse(LOCALES[code.partition("_")[0]])
        rows = {f"t-{key}": name for key, name in locale.territories.items() if key.isalpha()}
        rows |= {f"l-{key}": name for key, name in locale.languages.items()}
        first = {name: key for key, name in reversed(list(rows.items()))}
        said[code] = sorted((key, name) for name, key in first.items())
    return said


def cities(codes: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return what the CLDR calls cities of time zones, without territories and trained names."""
    trained = {name for names_of in trained_names().values() for name in names_of}
    said = {}
    for code in codes:
        locale = Locale.parse(LOCALES[code.partition("_")[0]])
        known = trained | set(locale.territories.values())
        zones = {key: zone["city"] for key, zone in locale.time_zones.items() if "city" in zone}
        if code == "eng_Latn":
            ids = Locale.parse("hi").time_zones
            zones = {key: key.rpartition("/")[2].replace("_", " ") for key in ids} | zones
        else:
            zones = {key: name for key, name in zones.items() if not name.isascii()}
        first = {name: key for key, name in reversed(list(zones.items())) if name not in known}
        said[code] = sorted((key, name) for name, key in first.items())
    return said


def trained_names() -> dict[str, list[str]]:
    """Return names of territories and languages to be romanised, of languages near and far."""
    found = {}
    for code, tag in TRAINED_NAMES.items():
        locale = Locale.parse(tag)
        territories = [name for key, name in locale.territories.items() if key.isalpha()]
        languages = [name for key, name in locale.languages.items() if len(key) <= 3]
        found[code] = evenly(list(dict.fromkeys(territories + languages)), NAMES)
    return found


def written(folder: Path, files: dict[str, list[tuple[str, str]]]) -> None:
    """Write a benchmark: a table of id and text a language."""
    folder.mkdir(parents=True, exist_ok=True)
    for code, rows in files.items():
        text = "".join(f"{key}\t{line}\n" for key, line in rows)
        (folder / f"{code}.tsv").write_text(text, encoding="utf-8")


def texts(folder: Path, files: dict[str, list[str]]) -> None:
    """Write text to be romanised: a sentence a line, a file a language."""
    folder.mkdir(parents=True, exist_ok=True)
    for code, lines in files.items():
        text = "".join(f"{' '.join(line.split())}\n" for line in lines)
        (folder / f"{code}.txt").write_text(text, encoding="utf-8")


def group(path: Path, codes: Iterable[str]) -> None:
    """Write a group of languages."""
    path.write_text("code\n" + "".join(f"{code}\n" for code in codes), encoding="utf-8")


def _code(path: Path) -> str:
    return path.name.partition(".")[0]


def main(argv: Sequence[str] | None = None) -> None:
    """Make everything under OUT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--hindi", type=Path, nargs=2, metavar=("NATIVE", "ROMAN"))
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    text = training_text(args.data)
    replay = {
        path.stem: evenly([row[0] for row in rows_of(path)], REPLAY)
        for path in sorted((args.data / "replay").glob("*.txt"))
    }
    replay["eng_Latn"] = text.pop("eng_Latn")
    texts(args.out / "text", text)
    texts(args.out / "replay", replay)
    texts(args.out / "names", trained_names())
    written(args.out / "ntrex300", news(args.data))
    written(args.out / "latin_names", names(LATIN_NAMES))
    written(args.out / "outside_names", names(OUTSIDE_NAMES))
    written(args.out / "outside_cities", cities(OUTSIDE_CITIES))
    rows = rows_of(args.data / "informal" / "arq_Latn-fra_Latn.tsv")
    for column, code in ((1, "arq_Latn"), (2, "fra_Latn")):
        written(args.out / "informal", {code: [(row[0], row[column]) for row in rows]})
    if args.hindi:
        for path, code in zip(args.hindi, ("hin_Deva", "hin_Latn"), strict=True):
            lines = [row[0] for row in rows_of(path)][::10]
            written(args.out / "hindi", {code: [(str(at), line) for at, line in enumerate(lines)]})
    groups = {
        "languages": text, "informal": SPELLED, "replay": replay, "few": FEW,
        "names": TRAINED_NAMES,
        "ntrex": news(args.data), "arabizi": ("arq_Latn", "fra_Latn"), "latin_names": LATIN_NAMES,
        "outside_names": OUTSIDE_NAMES, "outside_cities": OUTSIDE_CITIES,
        "hindi": ("hin_Deva", "hin_Latn"),
    }  # fmt: skip
    for name, codes in groups.items():
        group(args.out / f"{name}.tsv", sorted(codes))


if __name__ == "__main__":
    main()
