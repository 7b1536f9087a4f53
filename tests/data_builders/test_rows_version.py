"""Golden rows: the same text must become the same rows, or ROWS_VERSION has to be raised."""

import json
from importlib.metadata import version

import pytest

from translit_ppa.data_builders.build.job import ROWS_VERSION
from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.sentences.filters import FilterOptions

TEXT = {
    "amh_Ethi": ["ግሪክ እና ቱርክ", "ሰላም ነው።", "ሰላም  ነው።", "፳፫ ቀን", "Latin only", "ኢትዮጵያ ውስጥ"],
    "arb_Arab": ["ﻣﺮﺣﺒﺎ ﺑﺎﻟﻌﺎﻟﻢ", "مـرحـبا بالعالم", "1445هـ"],
    "ara_Arab": ["اليونان وتركيا", "مَرْحَبًا بِكُم", "سنة ١٩٩٩", "\u200fنعم\u200e", "كتاب/دفتر"],
    "ell_Grek": ["Ελλάδα και Τουρκία", "Ἐν ἀρχῇ ἦν ὁ λόγος", "ΝΑΙ;", "και\u00a0εδώ", "β", ""],
    "prs_Arab": ["او گفت خه ميرود", "كتاب"],
    "heb_Hebr": ["ﭏ", "יוון וטורקיה", "שָׁלוֹם", "ק״ג", "בית־ספר"],
    "fas_Arab": ["یونان و ترکیه", "می‌خواهم", "۱۲۳ کتاب"],
    "mlt_Latn": ["Il-Greċja u t-Turkija", "għal", "NA", "Ħamrun"],
    "rus_Cyrl": ["Греция и Турция", "объём", "Щука"],
    "tur_Latn": ["Yunanistan ve Türkiye", "İstanbul’da", "ığ"],
    "hin_Deva": ["ग्रीस और तुर्की", "१२३ क्षेत्र", "हिन्दी।"],
    "tha_Thai": ["กรีซและตุรกี", "เวลา ๑๒ นาฬิกา", "แม่น้ำ", "เเม่นํ้า"],
    "lao_Laoo": ["ເກຣັກ ແລະ ຕຸລະກີ", "ນ້ຳ", "ນໍ້າ ຫນຶ່ງ"],
    "mya_Mymr": ["ဂရိနှင့် တူရကီ", "မြန်မာ", "ျမန္မာ"],
    "khm_Khmr": ["ក្រិក និង តួកគី", "ខ្មែរ"],
    "bod_Tibt": ["གིརིས་དང་ཏུར་ཀི།", "བོད"],
    "jpn_Jpan": ["ギリシャとトルコ", "日本語の文", "ん", "ｶﾞＡ"],
    "kor_Hang": ["그리스와 터키", "한국어 문장"],
    "zho_Hans": ["希腊和土耳其", "银行行长"],
    "kat_Geor": ["საბერძნეთი და თურქეთი"],
    "hye_Armn": ["Հունաստան և Թուրքիա"],
    "tam_Taml": ["கிரேக்கம் மற்றும் துருக்கி"],
}

GOLDEN = {
    4: {
        "files": "82f569cc5037601e2524b88e4a1555d44b6cf7f25c07bfa511e15eed767642af",
        "without code": "039b91a8e8be9a88eab93e86048e0d7532fda8aeee987d032ff853f1a4cb0f76",
        "sample": "f727df352d561104f74f98b6ea60675bf6ba5e991a17dbb9322241d50912f3da",
        "documents": "e20fccd63d608f1c43e96d9aeff11dfcd59cf5d5ffcb31ad55d03e6b6f67d476",
        "cldr": "66e7f4a4ce67c9b7e428384594dbd3af1332a02c630d6f72f83e31a3b37e4918",
    }
}
"""Digest of the rows by ROWS_VERSION, and by what is built."""

SPLIT = {"split_sentences": "yes", "filters": FilterOptions(max_chars=80)}
FILTERS = {"exclude_benchmarks": ["cldr"], "validation": 0.2, "validation_cap": 3}


@pytest.fixture(scope="module")
def digests(tmp_path_factory):
    folder = tmp_path_factory.mktemp("golden")
    (folder / "text").mkdir()
    (folder / "group.tsv").write_text("code\n" + "".join(f"{code}\n" for code in TEXT), "utf-8")
    for code, lines in TEXT.items():
        many = [*lines, *(f"{line} {i}" for i in range(4) for line in lines)]
        (folder / "text" / f"{code}.txt").write_text("\n".join(many) + "\n", "utf-8")
    files = (folder / "group.tsv", f"files:{folder / 'text'}")
    return {
        "files": digest(*files, folder / "a", validation=0.1),
        "without code": digest(*files, folder / "b", paper_compat=True),
        "sample": digest(
            *files, folder / "c", fraction=0.3, floor=8, temperature=2.0, seed=7, **FILTERS
        ),
        "documents": digest(
            *documents(folder / "documents"), folder / "e", fraction=0.5, floor=20, **SPLIT
        ),
        "cldr": digest("mediterranean", "cldr", folder / "d", count=40, floor=20),
    }


def documents(folder):
    """The same lines, three to a document: as paragraphs, and as one line that is too long."""
    folder.mkdir()
    (folder / "group.tsv").write_text("code\n" + "".join(f"{code}\n" for code in TEXT), "utf-8")
    for code, lines in TEXT.items():
        whole = ["\n\n".join(lines), f"{'. '.join(lines)}.", "; ".join(lines * 8)]
        rows = "".join(json.dumps({"text": text}) + "\n" for text in whole)
        (folder / f"{code}.jsonl").write_text(rows, "utf-8")
    return folder / "group.tsv", f"files:{folder}"


def digest(group, source, out, **options):
    return build_pairs(group, source, out, progress=False, **options)["digest"]


@pytest.mark.parametrize("what", GOLDEN[4])
def test_the_same_text_becomes_the_same_rows(digests, what):
    assert digests[what] == GOLDEN.get(ROWS_VERSION, {}).get(what), (
        f"{what}: the same text has become other rows. If that is meant, raise ROWS_VERSION in "
        f"data_builders/build/job.py and pin the new digest here: {digests}. If constraints.txt "
        f"pins another uroman or Babel (here {version('uroman')}, {version('babel')}), a build "
        "notices that by itself: pin the new digest"
    )


def test_an_older_version_starts_anew(tmp_path, monkeypatch):
    """What the version is for: shards of another version are not taken for finished."""
    (tmp_path / "ell_Grek.txt").write_text("".join(f"ναι {i}\n" for i in range(9)), "utf-8")

    def shards():
        digest("mediterranean", f"files:{tmp_path}", tmp_path / "out", transliterator="identity")
        return {path.name for path in (tmp_path / "out/.work/mediterranean").glob("ell_Grek-*")}

    before = shards()
    assert shards() == before
    monkeypatch.setattr("translit_ppa.data_builders.build.job.ROWS_VERSION", ROWS_VERSION + 1)
    after = shards()
    assert len(after) == 1
    assert not after & before
