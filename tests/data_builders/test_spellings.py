"""Spellings learnt from a lexicon, tables of them, and the romaniser that writes by one."""

import hashlib
import random
from importlib import resources

import pytest

from translit_ppa import TranslitError, build_pairs, learn_spellings, rebuild_pairs
from translit_ppa.command_line import main
from translit_ppa.data_builders.dataset.recipe import write_recipe
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.transliterators import get_transliterator
from translit_ppa.data_builders.transliterators.informal.learning import (
    LexiconEntry,
    apart,
    chosen,
    learn_table,
    share_written,
)
from translit_ppa.data_builders.transliterators.informal.romaniser import is_spelled
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
    return learn_table(chosen(lexicon()))


def test_what_is_learnt_is_what_the_words_were_made_of(table):
    for letter, latin in CONSONANTS.items():
        assert table.rows[letter, "mark"] == ([latin], [100])
        assert table.rows[letter, "letter"][0][0] == f"{latin}a"
        assert table.rows[letter, "end"][0][0] == latin
    for sign, latin in SIGNS.items():
        assert table.rows[sign, "letter"][0][0] == latin
    assert learn_table(chosen(lexicon())) == table
    assert table.write("मकन, दिल।", random.Random(0)) == "makan, dil।"
    assert table.write("मक\u200dन", random.Random(0)) == "maka\u200dn"


def test_the_table_writes_words_that_it_never_saw(table):
    learnt, held = apart(lexicon(600))
    assert not {e.word for e in learnt} & {e.word for e in held}
    assert len(learnt) + len(held) == 600
    held = chosen(held)
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
    assert again == table and again.digest == table.digest and len(again.digest) == 12
    windows = SpellingTable.read(table.written().replace("\n", "\r\n"), "t.tsv")
    assert windows == table
    few = SpellingTable({("α", ""): (["a"], [1])})
    assert SpellingTable.read(few.written(), "t.tsv") == few and few.digest != table.digest


def test_capitals_are_spelled_as_small_letters():
    table = SpellingTable.read("letter\tspellings\nου\tou\nθ\tth\nς\ts\n", "t.tsv")
    assert table.write("Ουσ ΟΥς Θ θες", random.Random(0)) == "Ouσ Ous Th thεs"


def test_what_only_few_words_have_is_no_spelling():
    words = [LexiconEntry("सटशन", "station", 3), LexiconEntry("कॉलज", "college", 9)]
    entries = chosen([*lexicon(), *words * 3])
    spellings = learn_table(entries).rows
    assert not {"tio", "ati", "ge"} & {s for found, _ in spellings.values() for s in found}


def test_rare_letters_are_among_what_is_chosen():
    rare = [LexiconEntry("कँ", "kan"), LexiconEntry("मँ", "man")]
    found = chosen([*lexicon(900), *rare], most=100)
    assert set(rare) <= set(found) and 100 < len(found) < 500
    broken = [
        ("कम", "kam", 0),
        ("कम", "kam", -1),
        ("kam", "kam", 1),
        ("क म", "kam", 1),
        ("कम", "", 1),
    ]
    assert chosen([LexiconEntry(*entry) for entry in broken]) == []
    assert chosen([LexiconEntry("कम", "Kam", 10**400)])[0].people == 1_000_000


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "its header is '', with 0 rows"),
        ("letter\tspelling\nk\tk\n", "its header is 'letter<TAB>spelling'"),
        ("letter\tspellings\n", "its header is 'letter<TAB>spellings', with 0 rows"),
        ("letter\tspellings\nक\tk\nक\tka\n", "क has two rows"),
        ("letter\tspellings\nक\n", "the row 'क' is not letter<TAB>spellings"),
        ("letter\tbefore\tspellings\nक\tvowel\tk\n", "before being one of mark, letter, end"),
        ("letter\tspellings\nक\tk:0\n", "no whole number above 0"),
        ("letter\tspellings\nक\tk:x\n", "no whole number above 0"),
    ],
)
def test_a_table_that_is_none(text, why):
    with pytest.raises(DataError, match=rf"^t\.tsv.*: .*{why}"):
        SpellingTable.read(text, "t.tsv")


def test_too_few_words_are_told():
    with pytest.raises(DataError, match=r"^few\.tsv: 3 words .* too few .*\(--text-column"):
        learn_table([LexiconEntry("कम", "kam")] * 3, "few.tsv")


def write(path, rows):
    path.write_text("".join(f"{e.word}\t{e.latin}\t{e.people}\n" for e in rows), "utf-8")
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
    assert spelled.signature().startswith("informal-2:")

    recipe = tmp_path / "recipe"
    write_recipe(tmp_path / "pairs", "g", recipe)
    again = {"source": text, "show_progress": False}
    digest = spelled.signature()[11:23]
    told = rf"the table with the digest {digest}, --transliterator informal:FILE@0"
    with pytest.raises(TranslitError, match=told):
        rebuild_pairs(recipe, "g", out=tmp_path / "again", **again)
    other = write(tmp_path / "other.tsv", lexicon(500))
    # No header and no name that tells: the words come first, then their romanisations.
    learn_spellings(other, tmp_path / "o.tsv")
    given = f"informal:{tmp_path / 'o.tsv'}"
    with pytest.raises(TranslitError, match=rf"here is informal-2:[0-9a-f]+@0.*{told}"):
        rebuild_pairs(recipe, "g", out=tmp_path / "again", transliterator=given, **again)
    rebuilt = rebuild_pairs(recipe, "g", out=tmp_path / "again", transliterator=romaniser, **again)
    assert {r["text"]: r["transliteration"] for r in rebuilt.dataset["train"]} == rows


def test_sentences_of_as_many_words_are_a_lexicon_too(tmp_path):
    rows = lexicon(300)
    lines = [" ".join(e.word for e in rows[i : i + 3]) + "\t"
             + " ".join(e.latin for e in rows[i : i + 3]) for i in range(0, 300, 3)]  # fmt: skip
    path = tmp_path / "hin_Deva.tsv"
    path.write_text("text\ttransliteration\n" + "\n".join([*lines, "क ख\tk"]) + "\n", "utf-8")
    learnt = learn_spellings(path, tmp_path / "t.tsv")
    assert learnt.read == 300 and learnt.learnt_from < 300 and learnt.held_back >= 20
    assert learnt.among_ten > 90 > 70 > learnt.uroman


def test_what_is_no_lexicon_is_told(tmp_path):
    (tmp_path / "hin_Deva.txt").write_text("कम\nमन\n", "utf-8")
    with pytest.raises(TranslitError, match="has no romanisations beside its text"):
        learn_spellings(tmp_path / "hin_Deva.txt", tmp_path / "t.tsv")
    with pytest.raises(TranslitError, match=r"no.*missing\.tsv"):
        learn_spellings(tmp_path / "missing.tsv", tmp_path / "t.tsv")
    assert not (tmp_path / "t.tsv").exists()


@pytest.mark.parametrize(
    ("out", "note", "told"),
    [
        ("t.txt", "", "a table is named NAME.tsv"),
        ("t.tsv.gz", "", "a table is named NAME.tsv"),
        ("a@2.tsv", "", "a table is named NAME.tsv, without @ and #"),
        ("t.tsv", "x\ud800", "the note .* is no text"),
    ],
)
def test_a_name_or_note_that_would_not_do_is_told_first(tmp_path, out, note, told):
    words = write(tmp_path / "w.tsv", lexicon(100))
    with pytest.raises(TranslitError, match=told):
        learn_spellings(words, tmp_path / out, note=note)


def test_of_few_words_none_is_held_back(tmp_path):
    few = write(tmp_path / "w.tsv", lexicon(100))
    learnt = learn_spellings(few, tmp_path / "t.tsv", text_column="0", transliteration_column="1")
    assert learnt.held_back == 0 and learnt.learnt_from == 100
    assert (
        learnt.trial() == "Learnt from 100 of 100 romanised words. None was held back to try it on."
    )


def test_a_table_that_changes_is_noticed(tmp_path):
    table, out = tmp_path / "t.tsv", tmp_path / "pairs"
    table.write_text("letter\tspellings\nक\tAAA\n", "utf-8")
    first = get_transliterator(f"informal:{table}")
    assert get_transliterator(first.pinned).signature() == first.signature()
    group = tmp_path / "g.tsv"
    group.write_text("code\nhin_Deva\n", "utf-8")
    options = {"language": "hin_Deva", "transliterator": f"informal:{table}", "validation": 0.0}
    options |= {"group": str(group), "show_progress": False}
    one = build_pairs(["कक कक"], out=out / "one", **options)
    table.write_text("letter\tspellings\nक\tBBB\n", "utf-8")
    two = build_pairs(["कक कक"], out=out / "two", **options)
    assert "aaaaaa" in one["train"][0]["transliteration"].lower()
    assert "bbbbbb" in two["train"][0]["transliteration"].lower()
    with pytest.raises(DataError, match="the table was changed while it was in use"):
        get_transliterator(first.pinned)


def test_a_group_of_several_scripts_keeps_the_spellings_of_the_others(tmp_path):
    table = tmp_path / "t.tsv"
    table.write_text("letter\tspellings\nक\tKA\n", "utf-8")
    mine, usual = get_transliterator(f"informal:{table}"), get_transliterator("informal")
    greek = ["θέλω να ξέρω"]
    assert mine(greek, "ell_Grek") == usual(greek, "ell_Grek")
    assert "kaka" in mine(["कक"], "hin_Deva")[0].lower()


def test_hindi_is_known_and_other_languages_of_its_script_are_not_hindi():
    assert all(map(is_spelled, ("ell_Grek", "arb_Arab", "heb_Hebr", "hin_Deva")))
    assert not is_spelled("san_Deva") and not is_spelled("amh_Ethi")
    texts = [f"संभावनाओं से भरी दुनिया {i}" for i in range(40)]
    found = [line.lower() for line in get_transliterator("informal")(texts, "hin_Deva")]
    assert sum("duniya" in line for line in found) > 15
    assert len({line.split()[0] for line in found}) > 5


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("informal-held-out:x.tsv", "informal:FILE or informal:FILE@NUMBER"),
        ("informal:", "legal is informal or informal@NUMBER"),
        ("informal:no.tsv", r"romaniser 'informal:no\.tsv': .*no\.tsv"),
        ("informal:a\0b", "romaniser 'informal:a.*null"),
    ],
)
def test_specifications_that_are_none(spec, told):
    with pytest.raises(DataError, match=told):
        get_transliterator(spec)


def test_the_version_is_that_of_the_tables_that_come_with_the_package():
    """Whoever changes a table raises `_VERSION` in the romaniser, and this digest."""
    from translit_ppa.data_builders.transliterators.informal import romaniser

    tables = [
        (folder, file.name, romaniser._table(folder, file.name.removesuffix(".tsv")).digest)
        for folder in romaniser.FOLDERS.values()
        for file in sorted(resources.files(romaniser.__package__).joinpath(folder).iterdir())
        if file.name.endswith(".tsv")
    ]
    digest = hashlib.sha256(repr(sorted(tables)).encode()).hexdigest()[:12]
    assert (romaniser._VERSION, digest) == (2, "cabe627cee04")
