"""Training in one command takes every option of building, through the same API."""

from __future__ import annotations

import inspect
import json
from dataclasses import fields

import pytest

from corridor_examples import QUICK, WORDS, train
from translit_ppa import TranslitError, ablate, align, build_pairs
from translit_ppa.commands.train import training_options
from translit_ppa.modeling.training.arguments import kinds_of_options
from translit_ppa.training.build_options import BUILD_OPTIONS, gathered


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


@pytest.fixture
def text(tmp_path):
    folder = tmp_path / "text"
    folder.mkdir()
    for code, (original, _) in WORDS.items():
        lines = "".join(f"{i}\t{original} {i}\n" for i in range(40))
        (folder / f"{code}.tsv").write_text(lines, encoding="utf-8")
    return folder


def words(tiny_base, text, *more):
    files = ("--source", f"files:{text}", "--text-column", "1")
    return ["--base", str(tiny_base), *files, *QUICK, "--max-steps", "1", *map(str, more)]


def test_no_option_of_building_is_left_out_and_none_has_two_meanings():
    taken = {field.name for kind in kinds_of_options() for field in fields(kind)}
    assert not taken & set(BUILD_OPTIONS.values())
    shared = set(inspect.signature(build_pairs).parameters) - set(BUILD_OPTIONS)
    assert shared - taken == {"out", "language", "num_proc", "show_progress"}
    assert {"fraction", "floor", "transliterator", "exclude_benchmark"} <= set(BUILD_OPTIONS)
    # As the commands have them, down to the switch that is turned off.
    given = training_options(
        "--fraction 0.5 --sampling-temperature 2 --temperature 0.1 --keep-forms".split()
    )
    assert gathered(given) == {
        "temperature": 0.1,
        "build": {"fraction": 0.5, "temperature": 2.0, "fold_forms": False},
    }


def test_a_training_builds_on_either_engine(tiny_base, text, tmp_path):
    pytest.importorskip("datatrove")
    digests = []
    for number, more in enumerate([[], ["--engine", "datatrove", "--tasks", "2"]]):
        output = tmp_path / f"run{number}"
        more += ["--transliterator", "identity", "--output-dir", output]
        assert train(words(tiny_base, text, *more)) == 0
        path = output / "pairs/mediterranean/build_record.json"
        digests.append(json.loads(path.read_text("utf-8"))["digest"])
    assert digests[0] == digests[1]


def test_a_training_builds_as_it_is_told(tiny_base, text, tmp_path, capsys):
    (tmp_path / "leak").mkdir()
    (tmp_path / "leak" / "ell_Grek.txt").write_text(f"{WORDS['ell_Grek'][0]} 3\n", encoding="utf-8")
    output = tmp_path / "run"
    more = ("--fraction", "0.5", "--floor", "1", "--transliterator", "identity", "--seed", "7")
    leak = ("--exclude-benchmark", f"parallel:{tmp_path / 'leak'}", "--languages", "el", "tr")
    assert train(words(tiny_base, text, "--output-dir", output, *more, *leak)) == 0
    told = capsys.readouterr().err
    assert "not all rows are taken: ell_Grek 20 of 40, tur_Latn 20 of 40 (fraction 0.5" in told
    record = json.loads((output / "pairs/mediterranean/build_record.json").read_text("utf-8"))
    same = build_pairs(
        f"files:{text}",
        out=tmp_path / "same",
        text_column="1",
        fraction=0.5,
        floor=1,
        transliterator="identity",
        seed=7,
        exclude_benchmark=[f"parallel:{tmp_path / 'leak'}"],
        languages=["el", "tr"],
        show_progress=False,
    )
    assert record["digest"] == same.report.digest
    assert [entry["code"] for entry in record["languages"]] == ["ell_Grek", "tur_Latn"]


def test_an_ablation_builds_once_and_is_found_again(tiny_base, text, tmp_path, capsys):
    options = {
        "source": f"files:{text}",
        "text_column": "1",
        "cap": 4,
        "languages": ["ell_Grek"],
        "use_cpu": True,
        "max_steps": 1,
        "report_to": "none",
        "save_strategy": "no",
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 1,
    }
    runs = ablate(tiny_base, output_dir=tmp_path / "four", **options)
    assert len(runs) == 4
    (rows,) = {run.record.data.rows for run in runs.values()}
    assert 1 <= rows < 20  # about the cap: the sample is drawn by hash
    ablate(tiny_base, output_dir=tmp_path / "four", **options)
    assert capsys.readouterr().out.count("is finished") == 4


def test_options_of_building_are_refused_beside_pairs(tiny_base, text, tmp_path):
    pairs = build_pairs(f"files:{text}", out=tmp_path / "p", text_column="1", show_progress=False)
    with pytest.raises(TranslitError, match="fraction, sampling_temperature: for building pairs"):
        align(tiny_base, pairs, output_dir=tmp_path / "x", fraction=1, sampling_temperature=2)
    assert not (tmp_path / "x").exists()
    with pytest.raises(TranslitError, match="fraction 5"):
        align(tiny_base, source=f"files:{text}", output_dir=tmp_path / "y", fraction=5)
    with pytest.raises(TranslitError, match="--count means nothing for --source files"):
        align(tiny_base, source=f"files:{text}", output_dir=tmp_path / "y", count=5)
    assert not (tmp_path / "y" / "pairs").exists()
