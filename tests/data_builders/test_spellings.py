"""Spellings learnt from a lexicon, tables of them, and the romaniser that writes by one."""

import random

import pytest

from translit_ppa import TranslitError, build_pairs, learn_spellings, rebuild_pairs
from translit_ppa.command_line import main
from translit_ppa.data_builders.dataset.recipe import write_recipe
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.transliterators import get_transliterator
from translit_ppa.data_builders.transliterators.informal.learning import (
    LexiconEntry,
    apart,
    learn_table,
    share_written,
)
from translit_ppa.data_builders.transliterators.informal.romaniser import spelled_scripts
from translit_ppa.data_builders.transliterators.informal.table import SpellingTable, before

CONSONANTS = dict(zip("कखगतदनपबमरलस", "k kh g t d n p b m r l s".split(), strict=True))
SIGNS = {"ा": "a", "ि": "i", "ु": "u", "े": "e"}


def lexicon(count=900):
    """Words in which a bare consonant has an `a` before a letter, and none at the end."""
    chance = random.Random(1)
    rows = []
    for _ in range(count):
        word, latin = "", ""
        for place in range(3):
            letter, sign = chance.choice(list(CONSONANTS)), chance.choice([*SIGNS, "", ""])
            word += letter + sign
            latin += CONSONANTS[letter] + (SIGNS[sign] if sign else "a" * (place < 2))
        rows.append(LexiconEntry(word, latin, chance.randint(1, 4)))
    return rows


@pytest.fixture(scope="module")
def table():
    return learn_table(lexicon())


def test_what_is_learnt_is_what_the_words_were_made_of(table):
    for letter, latin in CONSONANTS.items():
        assert table.rows[letter, "mark"] == ([latin], [100])
        assert table.rows[letter, "letter"][0][0] == f"{latin}a"
        assert table.rows[letter, "end"][0][0] == latin
    for sign, latin in SIGNS.items():
        assert table.rows[sign, "letter"][0][0] == latin
    assert learn_table(lexicon()) == table
    assert table.write("मकन, दिल।", random.Random(0)) == "makan, dil।"


def test_the_table_writes_words_that_it_never_saw(table):
    learnt, held = apart(lexicon(600))
    assert not {e.word for e in learnt} & {e.word for e in held}
    assert len(learnt) + len(held) == 600
    count, share = share_written(held, lambda word: [table.write(word, random.Random(0))])
    assert count == len({e.word for e in held}) and share > 95
    assert share_written(held, lambda word: ["x"]) == (count, 0.0)


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [("की", 1, "mark"), ("कल", 1, "letter"), ("क.", 1, "end"), ("क", 1, "end")],
)
def test_what_stands_behind(text, place, found):
    assert before(text, place) == found


def test_a_table_is_written_and_read_again(table):
    text = table.written("two\nlines")
    assert text.startswith("# two\n# lines\nletter\tbefore\tspellings\n")
    again = SpellingTable.read(text, "t.tsv")
    assert again.rows == table.rows and len(again.digest) == 12


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "its header is ''"),
        ("letter\tspelling\nk\tk\n", "its header is 'letter<TAB>spelling'"),
        ("letter\tspellings\nक\n", "the row 'क' is not letter<TAB>spellings"),
        ("letter\tbefore\tspellings\nक\tvowel\tk\n", "before being one of mark, letter, end"),
        ("letter\tspellings\nक\tk:0\n", "no whole number above 0"),
        ("letter\tspellings\nक\tk:x\n", "no whole number above 0"),
    ],
)
def test_a_table_that_is_none(text, why):
    with pytest.raises(DataError, match=rf"^t\.tsv: .*{why}"):
        SpellingTable.read(text, "t.tsv")


def test_too_few_words_are_told():
    with pytest.raises(DataError, match=r"^few\.tsv: 3 romanised words are too few"):
        learn_table([LexiconEntry("कम", "kam")] * 3, "few.tsv")


def write(path, rows):
    path.write_text("".join(f"{e.word}\t{e.latin}\t{e.count}\n" for e in rows), "utf-8")
    return path


def test_from_a_lexicon_to_pairs_and_back(tmp_path, capsys):
    words = write(tmp_path / "hi.translit.sampled.train.tsv", lexicon())
    out = tmp_path / "hindi.tsv"
    assert main(["learn-spellings", str(words), str(out), "--note", "A licence."]) == 0
    told = capsys.readouterr().out
    assert "spellings of 16 letters" in told and f"--transliterator informal:{out}" in told
    assert out.read_text("utf-8").split("\n")[1] == "# A licence."
    with pytest.raises(TranslitError, match="is there already"):
        learn_spellings(words, out)

    text = tmp_path / "text"
    text.mkdir()
    lines = [f"{entry.word} नमक {number}" for number, entry in enumerate(lexicon(40))]
    (text / "hin_Deva.txt").write_text("\n".join(lines) + "\n", "utf-8")
    group = tmp_path / "g.tsv"
    group.write_text("code\nhin_Deva\n", "utf-8")
    options = {"group": group, "validation": 0.0, "num_proc": 2, "shard_rows": 10}
    romaniser = f"informal:{out}"
    pairs = build_pairs(text, out=tmp_path / "pairs", transliterator=romaniser, **options)
    rows = {row["text"]: row["transliteration"] for row in pairs.dataset["train"]}
    assert len(rows) == 40
    spelled = get_transliterator(romaniser)
    assert all(spelled([text], "hin_Deva") == [latin] for text, latin in rows.items())
    assert sum("nama" in latin.lower() for latin in rows.values()) > 20
    assert spelled.signature().startswith("informal-1:")

    recipe = tmp_path / "recipe"
    write_recipe(tmp_path / "pairs", "g", recipe)
    again = {"source": text, "show_progress": False}
    with pytest.raises(TranslitError, match="give the same table, --transliterator informal:FILE"):
        rebuild_pairs(recipe, "g", out=tmp_path / "again", **again)
    other = write(tmp_path / "other.tsv", lexicon(500))
    # No header and no name that tells: the words come first, then their romanisations.
    learn_spellings(other, tmp_path / "o.tsv")
    given = f"informal:{tmp_path / 'o.tsv'}"
    with pytest.raises(TranslitError, match="and not by 'informal:"):
        rebuild_pairs(recipe, "g", out=tmp_path / "again", transliterator=given, **again)
    rebuilt = rebuild_pairs(recipe, "g", out=tmp_path / "again", transliterator=romaniser, **again)
    assert {r["text"]: r["transliteration"] for r in rebuilt.dataset["train"]} == rows


def test_sentences_of_as_many_words_are_a_lexicon_too(tmp_path):
    rows = lexicon(300)
    lines = [" ".join(e.word for e in rows[i : i + 3]) + "\t"
             + " ".join(e.latin for e in rows[i : i + 3]) for i in range(0, 300, 3)]  # fmt: skip
    path = tmp_path / "hin_Deva.tsv"
    path.write_text("text\ttransliteration\n" + "\n".join([*lines, "क ख\tk"]) + "\n", "utf-8")
    assert learn_spellings(path, tmp_path / "t.tsv").entries == 300 - sum(
        place % 10 == 9 for place in range(len({e.word for e in rows}))
    )


def test_what_is_no_lexicon_is_told(tmp_path):
    (tmp_path / "hin_Deva.txt").write_text("कम\nमन\n", "utf-8")
    with pytest.raises(TranslitError, match="has no romanisations beside its text"):
        learn_spellings(tmp_path / "hin_Deva.txt", tmp_path / "t.tsv")
    with pytest.raises(TranslitError, match=r"no.*missing\.tsv"):
        learn_spellings(tmp_path / "missing.tsv", tmp_path / "t.tsv")
    assert not (tmp_path / "t.tsv").exists()


def test_devanagari_is_known_and_held_out_of_nothing():
    assert spelled_scripts() == {"Arab", "Deva", "Grek", "Hebr"}
    texts = [f"संभावनाओं से भरी दुनिया {i}" for i in range(40)]
    found = [line.lower() for line in get_transliterator("informal")(texts, "hin_Deva")]
    assert sum("duniya" in line or "dunia" in line for line in found) > 15
    assert len({line.split()[0] for line in found}) > 5
    with pytest.raises(DataError, match="informal:FILE with a table"):
        get_transliterator("informal-held-out:x.tsv")
    with pytest.raises(DataError, match=r"no\.tsv"):
        get_transliterator("informal:no.tsv")
