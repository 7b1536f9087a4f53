"""Datasets that are known by name, in fixtures of their layout on a Hub on this machine."""

import gzip
import json
import subprocess
import sys

import pytest

from documents import in_checkout, text_of
from hub_datasets import lines, parquet, serve
from loopback_hub import READ, loopback_hub
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import Language
from translit_ppa.data_builders.sources.hub.configs import newest, require_pattern, spelled
from translit_ppa.data_builders.sources.hub.known import KNOWN
from translit_ppa.data_builders.sources.registry import parse_source

GREEK = ["Πού είναι; Εδώ.\nΣτο κέντρο.", "Ναι."]
CHINESE = ["你好。谢谢！\n再见。"]
SPLIT = ["Πού είναι;", "Εδώ.", "Στο κέντρο.", "Ναι."]


def card(**configs):
    parts = "".join(
        f"- config_name: {name}\n  data_files:\n  - split: train\n    path: {path}\n"
        for name, path in configs.items()
    )
    return f"---\nconfigs:\n{parts}---\n".encode()


def zst(data):
    import pyarrow as pa

    return pa.compress(data, codec="zstd", asbytes=True)


LAYOUTS = {
    "HuggingFaceFW/fineweb-2": {
        "README.md": card(
            ell_Grek="data/ell_Grek/train/*.parquet", cmn_Hani="data/cmn_Hani/train/*.parquet"
        ),
        "data/ell_Grek/train/000_00000.parquet": parquet(text=GREEK, id=["a", "b"], url=["u"] * 2),
        "data/cmn_Hani/train/000_00000.parquet": parquet(text=CHINESE, id=["a"], url=["u"]),
    },
    "HPLT/HPLT2.0_cleaned": {
        "README.md": card(
            ell_Grek="ell_Grek/train-*", zho_Hans="zho_Hans/train-*", zho_Hant="zho_Hant/train-*"
        ),
        "ell_Grek/train-00000-of-00001.parquet": parquet(f=["x"] * 2, text=GREEK, filter=["k"] * 2),
        "zho_Hans/train-00000-of-00001.parquet": parquet(text=CHINESE),
        "zho_Hant/train-00000-of-00001.parquet": parquet(text=["謝謝。"]),
    },
    "cis-lmu/GlotCC-V1": {
        "README.md": card(
            **{"ell-Grek": "v1.0/ell-Grek/*.parquet", "cmn-Hani": "v1.0/cmn-Hani/*.parquet"}
        ),
        "v1.0/ell-Grek/ell-Grek_0.parquet": parquet(content=GREEK, metadata=["m"] * 2),
        "v1.0/cmn-Hani/cmn-Hani_0.parquet": parquet(content=CHINESE, metadata=["m"]),
    },
    "wikimedia/wikipedia": {
        "README.md": card(
            **{
                f"{day}.{code}": f"{day}.{code}/*"
                for day in (20220301, 20231101)
                for code in ("el",)
            },
            **{"20231101.zh": "20231101.zh/*", "20231101.zh-yue": "20231101.zh-yue/*"},
        ),
        "20220301.el/train-00000-of-00001.parquet": parquet(text=["Παλιό."], title=["t"]),
        "20231101.el/train-00000-of-00001.parquet": parquet(text=GREEK, title=["t"] * 2),
        "20231101.zh/train-00000-of-00001.parquet": parquet(text=CHINESE, title=["t"]),
        "20231101.zh-yue/train-00000-of-00001.parquet": parquet(text=["多謝！"], title=["t"]),
    },
    "uonlp/CulturaX": {
        "README.md": card(el="el/*.parquet", zh="zh/*.parquet"),
        "el/el_part_00000.parquet": parquet(text=GREEK, timestamp=["t"] * 2, source=["mC4"] * 2),
        "zh/zh_part_00000.parquet": parquet(text=CHINESE, timestamp=["t"], source=["mC4"]),
    },
    "allenai/MADLAD-400": {
        "MADLAD-400.py": b"raise SystemExit('no code of a dataset is run')\n",
        "data/el/el_clean_0000.jsonl.gz": gzip.compress(
            lines({"text": GREEK[0].replace("\n", "\\n")}, {"text": GREEK[1]})
        ),
        "data/el/el_noisy_0000.jsonl.gz": gzip.compress(lines({"text": "Όχι."})),
        "data/zh/zh_clean_0000.jsonl.gz": gzip.compress(lines({"text": CHINESE[0]})),
    },
    "org/lines": {
        "README.md": b"",
        "el/a.jsonl.zst": zst(lines({"n": 1, "body": GREEK[0]})),
        "el/b.jsonl": lines({"body": GREEK[1]}, {"body": None}),
        "zh/a.jsonl.zst": zst(lines({"body": CHINESE[0]})),
        "he/a.jsonl.zst": zst(lines({"body": "x"}))[:-4],
        "tr/a.csv": b"body\nx\n",
    },
}
OPTIONS = {
    "org/lines": {
        "hub_config": "{iso1}/*.jsonl*",
        "text_column": "body",
        "split_sentences": "yes",
    }
}

SCRIPT = """
import contextlib, io, json, sys
from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.errors import DataError
import pyarrow.parquet as pq
out, jobs = sys.argv[1], json.loads(sys.argv[2])
for number, (repo, group, languages, options) in enumerate(jobs):
    said, rows, problem = io.StringIO(), [], None
    with contextlib.redirect_stderr(said):
        try:
            build_pairs(group, f"hub:{repo}", f"{out}/{number}", languages=languages,
                        transliterator="identity", validation=0, **options)
            for path in __import__("pathlib").Path(f"{out}/{number}/{group}").glob("translit-*"):
                rows = [(row["text"], row["source"]) for row in pq.read_table(path).to_pylist()]
        except DataError as error:
            problem = str(error)
    print(json.dumps([rows, said.getvalue(), problem]))
"""


@pytest.fixture(scope="module")
def hub():
    with loopback_hub() as hub:
        for name, files in LAYOUTS.items():
            serve(hub, name, files)
        yield hub


def run(hub, home, jobs):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(home / "out"), json.dumps(jobs)],
        env=hub.client_environment(home, READ),
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_what_is_read_of_datasets_that_are_known(hub, tmp_path):
    """Configs, columns, documents: without an option, and the configs listed only for a date."""
    jobs = [
        (repo, group, [code], OPTIONS.get(repo, {}))
        for repo in LAYOUTS
        for group, code in (("mediterranean", "ell_Grek"), ("sea", "zho_Hani"))
    ]
    found = run(hub, tmp_path, jobs)
    for (repo, _, languages, _), (rows, said, problem) in zip(jobs, found, strict=True):
        assert problem is None, (repo, problem)
        expected = SPLIT if languages == ["ell_Grek"] else ["你好。", "谢谢！", "再见。"]
        assert [text for text, _ in rows] == expected, repo
        assert all(source.startswith(f"{repo}@") for _, source in rows)
        if repo in KNOWN:
            assert "rows are documents (as " in said and KNOWN[repo].licence in said, repo
    told = {
        (repo, words[0]): said
        for (repo, _, words, _), (_, said, _) in zip(jobs, found, strict=True)
    }
    assert (
        "zho_Hani is read from zho_Hans; HPLT/HPLT2.0_cleaned also has zho_Hant: --hub-config "
        "zho_Hant --languages zho_Hani" in told["HPLT/HPLT2.0_cleaned", "zho_Hani"]
    )
    assert "of 20231101.el;" in told["wikimedia/wikipedia", "ell_Grek"]
    assert "of cmn_Hani;" in told["HuggingFaceFW/fineweb-2", "zho_Hani"]


@pytest.mark.slow
def test_what_cannot_be_read_is_one_line(hub, tmp_path):
    def gate(handler):
        handler.body()
        handler.answer(403, {"error": "gated"}, "GatedRepo", "Access to dataset is restricted")
        return True

    hub.on(r"datasets/uonlp/CulturaX/resolve", 99, gate)
    lines_of = {"hub_config": "{iso1}/*.jsonl*", "text_column": "body"}
    jobs = {
        ("uonlp/CulturaX", "mediterranean", "ell_Grek"): (
            {},
            "uonlp/CulturaX is gated: accept its terms at https://huggingface.co/datasets/"
            "uonlp/CulturaX, then give the token of that account (hf auth login, or HF_TOKEN)",
        ),
        ("HuggingFaceFW/fineweb-2", "mediterranean", "mlt_Latn"): (
            {},
            "mlt_Latn: HuggingFaceFW/fineweb-2 has no config mlt_Latn",
        ),
        ("wikimedia/wikipedia", "sea", "bod_Tibt"): ({}, "has no config {date}.bo"),
        ("wikimedia/wikipedia", "sea", "yue_Hani"): ({"hub_config": "20231101.xx"}, "no config 20"),
        ("org/lines", "mediterranean", "heb_Hebr"): (lines_of, "a.jsonl.zst cannot be unpacked: "),
        ("org/lines", "mediterranean", "tur_Latn"): (
            {"hub_config": "tr/*"},
            "a.csv: legal by a pattern are .parquet and .jsonl",
        ),
        ("org/lines", "mediterranean", "ell_Grek"): (
            {**lines_of, "text_column": "content"},
            "a.jsonl.zst has no column 'content'; it has n, body: --text-column NAME",
        ),
    }
    asked = [(repo, group, [code], options) for (repo, group, code), (options, _) in jobs.items()]
    for (rows, _, problem), (key, (_, told)) in zip(
        run(hub, tmp_path, asked), jobs.items(), strict=True
    ):
        assert told in (problem or ""), (key, problem)
        assert rows == [] and "\n" not in problem


def test_a_language_is_spelled_as_others_spell_it():
    chinese, cantonese = Language("zho", "Hani"), Language("yue", "Hani")
    assert list(spelled("{code}", chinese, {})) == [
        *("zho_Hani", "cmn_Hani", "zho_Hans", "cmn_Hans", "zho_Hant", "cmn_Hant")
    ]
    assert list(spelled("x.{iso1}", chinese, {})) == ["x.zh"]
    assert list(spelled("{iso1}", cantonese, {})) == ["yue"]
    assert list(spelled("{iso1}", cantonese, {"yue": "zh-yue"})) == ["zh-yue"]
    assert list(spelled("{iso3}-{script}", Language("ell", "Grek"), {})) == ["ell-Grek"]
    names = ["20220301.el", "20231101.el", "20231101.zh", "2024.el"]
    assert newest("{date}.el", names) == "20231101.el"
    assert newest("{date}.bo", names) == "{date}.bo"


@pytest.mark.parametrize(
    "pattern", ["../x", "a/../b", "/etc/x", "{code:>9}", "a\\b", "", "s3://a/b", "{sql}", "a//b"]
)
def test_a_pattern_stays_within_the_dataset(pattern):
    with pytest.raises(DataError, match="legal are a config name or a pattern"):
        require_pattern(pattern)


def test_options_go_before_what_is_known():
    source = parse_source("hub:cis-lmu/GlotCC-V1", text_column="title", hub_config="x", split="s")
    assert (source.config, source.text_column, source.split) == ("x", "title", "s")
    assert source.documents is None
    assert parse_source("hub:cis-lmu/GlotCC-V1").documents is True
    assert parse_source("hub").documents is False and parse_source("hub:a/b").documents is None


@pytest.mark.skipif(not in_checkout(), reason="the pages are not here")
def test_the_page_lists_what_is_known():
    """The table of docs/build-pairs.md, row by row, from the table of the package."""
    greek = Language("ell", "Grek")
    rows = []
    for name, known in KNOWN.items():
        config = next(spelled(known.config, greek, known.codes))
        newest_told = ", the newest" if "{date}" in config else ""
        rows.append(
            f"| `{name}`{' (gated)' * known.gated} | `{config}`{newest_told} | `{known.column}` | "
            f"{'documents' if known.documents else 'sentences'} | {known.licence} |"
        )
    page = text_of("docs/build-pairs.md")
    told = page.partition("<!-- known sources -->\n")[2].partition("<!-- /known sources -->")[0]
    assert told.splitlines()[2:] == rows
