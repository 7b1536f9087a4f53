"""Tables of text: dialects, headers, quotation marks, encodings, and rows unlike the others."""

from __future__ import annotations

import bz2
import gzip
import lzma

import pytest

from translit_ppa.data_builders.benchmarks import get_benchmark
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.reading.recognise import recognise
from translit_ppa.data_builders.reading.rows import Columns

GREEK = "Η Αθήνα είναι μεγάλη πόλη.\nΠού είναι ο σταθμός;\nΚαλημέρα σας.\n"


def rows(tmp_path, name, content, **columns):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(r.id, r.text, r.transliteration) for r in recognise(path, Columns(**columns)).read()]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_csv_is_split_by_what_gives_equal_rows(tmp_path, separator):
    text = f"text{separator}transliteration\nΚαλημέρα κόσμε{separator}Kalimera kosme\n"
    assert rows(tmp_path, "a.csv", text) == [(None, "Καλημέρα κόσμε", "Kalimera kosme")]
    headless = f"Καλημέρα κόσμε{separator}Kalimera kosme\nγεια, α{separator}geia a\n"
    if separator != ",":
        with pytest.raises(DataError, match="has 2 columns and none is named 'text'"):
            rows(tmp_path, "a.csv", headless)
        found = rows(tmp_path, "a.csv", headless, text="0", transliteration="1")
        assert found[1] == (None, "γεια, α", "geia a")


def test_a_csv_that_two_separators_fit_is_refused(tmp_path):
    with pytest.raises(DataError, match="may be split by commas or semicolons"):
        rows(tmp_path, "a.csv", "a, b; c\nd, e; f\n")
    assert rows(tmp_path, "a.csv", "text,b;c\nd,e;f\n") == [(None, "d", None)]


def test_a_separator_within_text_does_not_make_one_column_of_all(tmp_path):
    """The Greek question mark is a semicolon."""
    with pytest.raises(DataError, match="line 3: 3 cells, and the first row has 2"):
        rows(tmp_path, "a.csv", "id;text\n1;Καλημέρα.\n2;Πού είναι;\n")
    quoted = rows(tmp_path, "a.csv", 'id;text\n1;Καλημέρα.\n2;"Πού είναι;"\n')
    assert [text for _, text, _ in quoted] == ["Καλημέρα.", "Πού είναι;"]
    with pytest.raises(DataError, match="every row has semicolons, and its rows have 2 to 3 cells"):
        rows(tmp_path, "a.csv", "Καλημέρα.;Good morning.\nΠού είναι;;Where is it?\n")
    assert rows(tmp_path, "a.csv", "text\nένα; δύο\nτρία; τέσσερα; πέντε\n")[1][1].startswith(
        "τρία"
    )


@pytest.mark.parametrize(
    "text", ["Τι κάνεις;\nΠού πας;\n", "Ναι; Πού πας;\nΤι; Πώς; Πού;\n", "ένα| δύο\nτρία| α| β\n"]
)
def test_a_mark_that_ends_every_sentence_is_no_separator(tmp_path, text):
    assert [row for _, row, _ in rows(tmp_path, "a.csv", text)] == text.splitlines()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1;ένα;\n2;δύο;\n", "every row has semicolons, and one of its 3 columns is empty"),
        ("1;Πού;\n2;Ναι.\n", "every row has semicolons, and its rows have 2 to 3 cells"),
        ("1 | Πού | α\n2 | Ναι.\n", "every row has bars, and its rows have 2 to 3 cells"),
    ],
)
def test_rows_that_are_split_are_no_single_column(tmp_path, text, told):
    with pytest.raises(DataError, match=told):
        rows(tmp_path, "a.csv", text)
    assert rows(tmp_path, "a.csv", text, text="0")[1][1] == text.splitlines()[1]


def test_one_column_needs_no_header_but_a_name_is_asked_about(tmp_path):
    assert rows(tmp_path, "a.csv", GREEK.replace(";", "."))[0][1] == "Η Αθήνα είναι μεγάλη πόλη."
    with pytest.raises(DataError, match="begins with 'sentence': if that names its only column"):
        rows(tmp_path, "a.csv", "sentence\nένα\n")
    assert rows(tmp_path, "a.csv", "sentence\nένα\n", text="sentence") == [(None, "ένα", None)]


def test_quotation_marks_of_a_tsv(tmp_path):
    quoted = 'id\ttext\n1\t"one\ttwo\nthree"\n2\t"say ""a"""\n'
    assert [r[1] for r in rows(tmp_path, "a.tsv", quoted)] == ["one\ttwo\nthree", 'say "a"']
    assert "marks around cells taken off" in recognise(tmp_path / "a.tsv").form
    whole = 'id\ttext\n1\t"one"\n2\t"two"\n'
    assert [r[1] for r in rows(tmp_path, "a.tsv", whole)] == ["one", "two"]
    # A sentence may be in marks, and a mark may stand alone: both are text.
    plain = 'id\ttext\n1\t"one"\n2\ttwo "three\n'
    assert [r[1] for r in rows(tmp_path, "a.tsv", plain)] == ['"one"', 'two "three']


def test_every_row_has_as_many_cells(tmp_path):
    with pytest.raises(DataError, match="line 3: 3 cells, and the first row has 2"):
        rows(tmp_path, "a.tsv", "id\ttext\n1\ta\n2\tb\tc\n")
    short = "id\ttext\tnote\n1\ta\tx\n2\tb\n"
    assert [r[1] for r in rows(tmp_path, "a.tsv", short)] == ["a", None]
    (tmp_path / "ell_Grek.tsv").write_text(short)
    benchmark = get_benchmark(f"parallel:{tmp_path}")
    with pytest.raises(DataError, match=r"ell_Grek\.tsv, row 2 has fewer cells"):
        list(benchmark.texts("ell_Grek"))


def test_a_benchmark_reads_headers_and_other_formats_as_a_build_does(tmp_path):
    (tmp_path / "ell_Grek.csv").write_text("id;text\n1;α, β\n")
    (tmp_path / "eng_Latn.tsv").write_text("id\ttext\n1\ta, b\n")
    pair = get_benchmark(f"parallel:{tmp_path}").load_pair("en", "el")
    assert (pair.ids, pair.source, pair.target) == (["1"], ["a, b"], ["α, β"])


def test_a_text_file_that_is_a_table_is_refused(tmp_path):
    with pytest.raises(DataError, match="should hold one sentence a line, and all its lines have"):
        rows(tmp_path, "a.txt", "α\ta\nβ\tb\n")
    assert rows(tmp_path, "a.txt", "α\ta\nβ\tb\n", text="0")[1] == (None, "β", None)
    assert rows(tmp_path, "a.txt", "α\ta\nβ\n")[0] == (None, "α\ta", None)


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("cp1253", "is not UTF-8: it looks like cp1253.*iconv -f CP1253 -t UTF-8"),
        ("iso-8859-7", "is not UTF-8: it looks like"),
        ("mac-greek", "is not UTF-8: it looks like"),
        ("utf-16", "is UTF-16; save it as UTF-8"),
        ("utf-16-le", "is UTF-16; save it as UTF-8"),
        ("utf-32", "is UTF-32; save it as UTF-8"),
    ],
)
def test_other_encodings_are_named(tmp_path, encoding, told):
    content = (GREEK * 20).encode(encoding)
    with pytest.raises(DataError, match=told):
        rows(tmp_path, "a.txt", content)
    (tmp_path / "ell_Grek.txt").write_bytes(content)
    with pytest.raises(DataError, match=told):
        list(get_benchmark(f"parallel:{tmp_path}").texts("el"))


def test_western_text_names_the_western_encoding_among_others(tmp_path):
    text = "Où est la gare ?\nDéjà vu, façade, garçon.\nTrès élevé à côté.\n" * 20
    with pytest.raises(DataError, match=r"it looks like .*cp1252"):
        rows(tmp_path, "a.txt", text.encode("latin-1"))


def test_marks_and_line_ends_are_told(tmp_path):
    assert rows(tmp_path, "a.txt", "\ufeffα\r\nβ\r\n") == [(None, "α", None), (None, "β", None)]
    told = recognise(tmp_path / "a.txt").encoding
    assert told == "UTF-8; a byte order mark, left out; lines end with CRLF, as in Windows"
    with pytest.raises(DataError, match="ends its lines with a carriage return alone"):
        rows(tmp_path, "a.txt", "α\rβ\r")


@pytest.mark.parametrize(
    ("name", "encoding", "text"),
    [
        ("deu", "cp1252", "Über die Brücke gehen wir.\nStraße und Größe.\n"),
        ("fra", "cp1252", "Où est la gare ?\nÇa va très bien.\n"),
        ("pol", "cp1250", "Dzień dobry, świecie.\nGdzie jest żółw?\n"),
        ("heb", "cp1255", "שלום עולם\nאיפה התחנה\n"),
        ("rus", "koi8_r", "Добрый день, как дела?\nЯ живу в городе.\n"),
    ],
)
def test_the_language_of_the_name_tells_between_encodings(tmp_path, name, encoding, text):
    """Without it these were taken for mac_turkish, cp1250, cp1252, cp1251 and cp874."""
    told = encoding.upper().replace("_", "-")
    with pytest.raises(DataError, match=f"it looks like {encoding}.* iconv -f {told} -t UTF-8"):
        rows(tmp_path, f"{name}.txt", text.encode(encoding))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (gzip.compress(b"text"), r"is packed by gzip; name it \.gz"),
        (bz2.compress(b"text"), r"is packed by bzip2; name it \.bz2"),
        (bz2.compress(b""), r"is packed by bzip2; name it \.bz2"),
        (b"PAR1\x15\x04\x00text\n", r"is Parquet; name it \.parquet"),
        (lzma.compress(b"text"), r"is packed by xz; name it \.xz"),
        (b"PK\x03\x04\x14\x00", "is a ZIP archive, or a document of an office"),
        (b"%PDF-1.4\n%\xe2\xe3", "is a PDF; take its text out"),
    ],
)
def test_what_is_no_text_by_its_first_bytes_is_told(tmp_path, content, told):
    with pytest.raises(DataError, match=told):
        rows(tmp_path, "ell.txt", content)


@pytest.mark.parametrize("text", ["PAR1 rue de la Paix\n", "BZh is a name.\n", "BZh9 ist\n"])
def test_text_that_begins_as_packed_files_do_is_text(tmp_path, text):
    assert rows(tmp_path, "fra.txt", text)[0][1] == text.strip()
