"""The contract of a romaniser: length, order, failure, signature, and counts of its output."""

import multiprocessing
import subprocess
import sys
from importlib.metadata import version

import pytest

from translit_ppa.data_builders.build.door.check import check
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.transliterators import Transliterator, get_transliterator
from translit_ppa.data_builders.transliterators.base import RomanisationStats

GOLD = {
    "amh_Ethi": ("ሰላም", "salaame"),
    "ell_Grek": ("Αθήνα", "Athena"),
    "heb_Hebr": ("שלום", "shlvm"),
    "tur_Latn": ("güneşli bir gün", "gueneshli bir guen"),
    "mlt_Latn": ("ġurnata", "gurnata"),
    "zho_Hani": ("你好世界", "nihaoshijie"),
}


def test_gold_lines_order_and_signature():
    uroman = get_transliterator("uroman")
    assert isinstance(uroman, Transliterator)
    for code, (text, latin) in GOLD.items():
        assert uroman([text, "a", text], code) == [latin, "a", latin]
    assert uroman.signature() == f"uroman-{version('uroman')}|lcode:yes"
    compat = get_transliterator("uroman", language_code=False)
    assert compat.signature() == f"uroman-{version('uroman')}|lcode:no"
    assert uroman([], "amh") == []


def test_identity():
    identity = get_transliterator("identity")
    assert identity(["ሰላም", ""], "amh") == ["ሰላም", ""]
    assert identity.signature() == "identity"


@pytest.fixture
def user_module(tmp_path, monkeypatch):
    (tmp_path / "my_romaniser.py").write_text(
        "def good(sentences, lang):\n    return [f'{lang}:{s}' for s in sentences]\n"
        "def short(sentences, lang):\n    return sentences[1:]\n"
        "def nothing(sentences, lang):\n    return [None for _ in sentences]\n"
        "def broken(sentences, lang):\n    raise KeyError('table')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("my_romaniser", None)


def test_user_function(user_module):
    mine = get_transliterator("my_romaniser:good")
    assert mine(["a", "b"], "amh_Ethi") == ["amh_Ethi:a", "amh_Ethi:b"]
    assert mine.signature() == "my_romaniser:good"
    assert len(mine.code_digest()) == 64


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("short", "returned 1 items for 2 sentences"),
        ("nothing", "one string for each sentence"),
        ("broken", "failed on 2 sentences of amh: KeyError: 'table'"),
    ],
)
def test_user_function_that_fails(user_module, name, message):
    with pytest.raises(DataError, match=message):
        get_transliterator(f"my_romaniser:{name}")(["a", "b"], "amh")


def test_unknown_romanisers(user_module):
    with pytest.raises(
        DataError,
        match="legal are uroman, identity, informal, informal-held-out or module:function",
    ):
        get_transliterator("icu")
    with pytest.raises(DataError, match="has no function 'best'"):
        get_transliterator("my_romaniser:best")
    with pytest.raises(DataError, match="cannot import 'no_such_module'"):
        get_transliterator("no_such_module:f")


def test_stats_count_what_is_not_latin():
    stats = RomanisationStats()
    stats.add(["ab", "ሰላም", "ж", "é·1"], ["ab", "saላm", "ж٣", "é·1"])
    assert (stats.sentences, stats.identical, stats.identity_rate) == (4, 2, 0.5)
    assert stats.top() == {"٣": 1, "ж": 1, "ላ": 1}


def test_check_reports_per_file(tmp_path):
    (tmp_path / "heb_Hebr.txt").write_text("שלום\n\nhello\n", encoding="utf-8")
    (tmp_path / "pes_Arab.tsv").write_text("1\tچین\n", encoding="utf-8")
    reports = list(check(tmp_path / "heb_Hebr.txt"))
    assert reports[0].stats.sentences == 2
    assert reports[0].passed_over == 1
    assert reports[0].stats.identity_rate == 0.5
    assert reports[0].examples == [("שלום", "shlvm"), ("hello", "hello")]
    assert "heb_Hebr.txt (heb_Hebr, uroman-" in str(reports[0])
    persian = next(check(tmp_path / "pes_Arab.tsv", text_column="1"))
    assert (persian.language, persian.examples) == ("fas_Arab", [("چین", "chin")])
    identity = next(check(tmp_path / "heb_Hebr.txt", transliterator="identity"))
    assert identity.stats.top() == {"ו": 1, "ל": 1, "ם": 1, "ש": 1}
    with pytest.raises(DataError, match="no file or folder"):
        list(check(tmp_path / "nothing"))


@pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork"
)
def test_workers_find_uroman_loaded():
    code = (
        "from concurrent.futures import ProcessPoolExecutor as Pool\n"
        "from translit_ppa.data_builders.processes import worker_context\n"
        "from translit_ppa.data_builders.transliterators import loaded_by\n"
        "preload = filter(None, [loaded_by({!r})])\n"
        "with Pool(1, mp_context=worker_context([*preload])) as pool:\n"
        "    print(pool.submit(eval, {!r}).result())\n"
    )
    module = "translit_ppa.data_builders.transliterators.uroman.core"
    asked = f"__import__({module!r}, fromlist=['core']).core.cache_info().currsize"
    for romaniser, loaded in (("uroman", "1"), ("identity", "0")):
        command = [sys.executable, "-c", code.format(romaniser, asked)]
        assert subprocess.check_output(command, text=True).strip() == loaded
