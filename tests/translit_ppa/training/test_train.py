"""train.py in miniature: checkpoint and record, options, user errors, best checkpoint."""

from __future__ import annotations

import json

import pytest
import torch
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from corridor_examples import train, train_words, write_pairs, write_parallel
from translit_ppa.hub_cards import TrainRecord
from translit_ppa.modeling.training.arguments import InputArguments
from translit_ppa.training import inputs as train_inputs
from translit_ppa.training import post_training


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return write_pairs(tmp_path_factory.mktemp("data"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hf")


def record_of(output) -> TrainRecord:
    return TrainRecord.from_dict(json.loads((output / "train_record.json").read_text("utf-8")))


def losses(record: TrainRecord) -> list[float]:
    return [entry["loss"] for entry in record.history if "loss" in entry]


def test_checkpoint_opens_with_stock_classes(tiny_base, pairs, tmp_path, capsys):
    output = tmp_path / "out"
    assert train(train_words(tiny_base, pairs, output, "--max-steps", "2")) == 0
    assert sorted(path.name for path in output.iterdir()) == [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "train_record.json",
    ]
    config = json.loads((output / "config.json").read_text())
    assert config["architectures"] == ["XLMRobertaForMaskedLM"]
    assert config["model_type"] == "xlm-roberta"
    assert "auto_map" not in config
    assert config["alignment"]["objectives"] == ["mlm", "seq", "tlm"]

    tokenizer = AutoTokenizer.from_pretrained(output)
    batch = tokenizer(["Ελλάδα και Τουρκία", "one two"], padding=True, return_tensors="pt")
    states = {}
    for kind in (
        AutoModel,
        AutoModelForMaskedLM,
        AutoModelForTokenClassification,
        AutoModelForSequenceClassification,
    ):
        model = kind.from_pretrained(output).eval()
        assert type(model).__module__.startswith("transformers.")
        with torch.inference_mode():
            states[kind.__name__] = model(**batch, output_hidden_states=True).hidden_states
    expected = states.pop("AutoModel")
    assert len(expected) == 4
    for name, hidden in states.items():
        assert all(torch.equal(a, b) for a, b in zip(expected, hidden, strict=True)), name
    before = AutoModel.from_pretrained(tiny_base).eval()(**batch).last_hidden_state
    assert (before - expected[-1]).abs().max().item() > 1e-4

    assert "<unk> rate: original" in capsys.readouterr().out


def test_record_says_what_happened(tiny_base, pairs, tmp_path):
    output = tmp_path / "out"
    assert train(train_words(tiny_base, pairs, output, "--max-steps", "3", "--seed", "5")) == 0
    record = record_of(output)
    built = json.loads((pairs / "mediterranean" / "build_record.json").read_text())
    assert (record.steps, record.seed, record.best) == (3, 5, None)
    assert record.data.digest == built["digest"]
    assert record.data.rows == built["splits"]["train"] == 35
    assert (record.data.config, record.transliterator) == ("mediterranean", "ready pairs")
    assert record.base == str(tiny_base)
    assert record.base_revision.startswith("sha256:")
    assert record.unk_rate.keys() == {"original", "latin"}
    # The tiny tokenizer has a piece for every letter of these texts and for every digit.
    assert record.unk_rate == {"original": 0.0, "latin": 0.0}
    assert record.epochs == pytest.approx(3 / 9)
    assert [entry["step"] for entry in record.history if "loss" in entry] == [1, 2, 3]
    first = record.history[0]
    parts = sum(first[name] for name in ("mlm_original", "mlm_latin", "seq", "tlm"))
    assert first["loss"] == pytest.approx(parts, rel=1e-4)
    assert record.arguments["learning_rate"] == 1e-3
    assert record.arguments["world_size"] == 1
    assert record.arguments["tokens_per_batch"] is None
    assert (
        record.arguments["gradient_checkpointing"] is record.arguments["trim_vocabulary"] is False
    )


def test_few_tokens_at_a_time_are_the_same_training(tiny_base, pairs, tmp_path):
    runs = {}
    for name, more in {"whole": [], "parts": ["--tokens-per-batch", "40"]}.items():
        words = train_words(tiny_base, pairs, tmp_path / name, "--max-steps", "3", *more)
        assert train(words) == 0
        runs[name] = record_of(tmp_path / name)
    assert losses(runs["parts"]) == pytest.approx(losses(runs["whole"]), rel=1e-3)
    assert runs["parts"].arguments["tokens_per_batch"] == 40


def test_a_trimmed_training_says_so(tiny_base, pairs, tmp_path, capsys):
    """Pieces of the pairs, of the validation benchmark and of the files to keep, and no others."""
    (tmp_path / "bible.grc-eng.grc").write_text("Ἀθῆναι\n", encoding="utf-8")
    words = train_words(tiny_base, pairs, tmp_path / "out", "--max-steps", "1", "--trim-vocabulary")
    words += ["--validation-benchmark", f"parallel:{write_parallel(tmp_path / 'bench')}"]
    assert train([*words, "--trim-keep", str(tmp_path / "bible.grc-eng.grc")]) == 0
    printed = capsys.readouterr().out
    assert "vocabulary: 36 texts of parallel are kept" in printed
    assert "vocabulary: 1 files are kept\n" in printed
    record = record_of(tmp_path / "out")
    small = AutoTokenizer.from_pretrained(tmp_path / "out")
    full = AutoTokenizer.from_pretrained(tiny_base)
    assert len(small) < len(full)
    assert record.arguments["trim_vocabulary"] is True
    assert record.arguments["vocab_size"] == len(small)
    for text in ("Ἀθῆναι", "Europa", "Yunanistan ve Türkiye 1"):
        assert small.tokenize(text) == full.tokenize(text)
        assert small.unk_token_id not in small(text)["input_ids"]


def test_unknown_tokens_are_reported_per_view(tmp_path, tiny_config, pairs, capsys):
    from transformers import XLMRobertaForMaskedLM

    from translit_ppa.modeling.training.stand_in import train_tokenizer

    tokenizer = train_tokenizer(["Greece and Turkey"] * 5, pieces=10)
    tiny_config.vocab_size = len(tokenizer)
    XLMRobertaForMaskedLM(tiny_config).save_pretrained(tmp_path / "latin")
    tokenizer.save_pretrained(tmp_path / "latin")
    words = train_words(tmp_path / "latin", pairs, tmp_path / "out", "--max-steps", "1")
    assert train(words) == 0
    rate = record_of(tmp_path / "out").unk_rate
    assert rate["original"] > 20
    assert rate["latin"] == 0.0
    assert f"original {rate['original']:.2f} %, Latin 0.00 %" in capsys.readouterr().out


def test_max_train_samples_is_a_seeded_sample(tiny_base, pairs, tmp_path, monkeypatch):
    taken = []
    real = post_training.report_unknown

    def spy(tokenizer, rows, inputs):
        taken.append(rows["text"][:])
        return real(tokenizer, rows, inputs)

    monkeypatch.setattr(post_training, "report_unknown", spy)
    more = ["--max-steps", "1", "--max-train-samples", "6"]
    for number, seed in enumerate(("1", "1", "2")):
        words = train_words(tiny_base, pairs, tmp_path / str(number), *more, "--seed", seed)
        assert train(words) == 0
    whole = train_inputs.load_or_build_pairs(InputArguments(pairs=str(pairs)), tmp_path, None)[
        "train"
    ]["text"][:]
    assert [len(rows) for rows in taken] == [6, 6, 6]
    assert taken[0] == taken[1]
    assert set(taken[0]) != set(taken[2])
    assert set(taken[0]) != set(whole[:6])
    assert set(taken[0]) | set(taken[2]) <= set(whole)
    assert record_of(tmp_path / "0").data.rows == 6
    words = train_words(tiny_base, pairs, tmp_path / "all", "--max-steps", "1")
    assert train([*words, "--max-train-samples", "99999"]) == 0
    assert record_of(tmp_path / "all").data.rows == len(whole) == 35


def test_group_of_ones_own(tiny_base, tmp_path):
    """A group is the path of a TSV: it builds, trains and is scored under the file's name."""
    group = tmp_path / "pair.tsv"
    group.write_text("code\trole\nell_Grek\ttrain\nheb_Hebr\ttrain\n", encoding="utf-8")
    texts = tmp_path / "texts"
    texts.mkdir()
    for code, word in (("ell_Grek", "Ελλάδα"), ("heb_Hebr", "יוון"), ("tur_Latn", "Yunanistan")):
        lines = "".join(f"{word} {i}\n" for i in range(12))
        (texts / f"{code}.txt").write_text(lines, encoding="utf-8")
    words = [
        *("--base", str(tiny_base), "--output-dir", str(tmp_path / "out")),
        *("--group", str(group), "--source", f"files:{texts}"),
    ]
    more = ["--max-steps", "1", "--preprocessing-num-proc", "1"]
    assert train([*words, *train_words(tiny_base, texts, tmp_path / "out", *more)[6:]]) == 0
    record = record_of(tmp_path / "out")
    assert (record.data.config, record.data.rows) == ("pair", 22)
    assert record.data.name == f"built from files:{texts}"
    assert record.transliterator.startswith("uroman-")
    assert (tmp_path / "out" / "pairs" / "pair" / "build_record.json").is_file()


def test_used_output_dir_is_refused(tiny_base, pairs, tmp_path, capsys):
    words = train_words(tiny_base, pairs, tmp_path / "out", "--max-steps", "1")
    assert train(words) == 0
    weights = (tmp_path / "out" / "model.safetensors").read_bytes()
    capsys.readouterr()
    assert train([*words, "--learning-rate", "1"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    assert "already holds a run" in error and "--resume-from-checkpoint last" in error
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == weights


def test_nothing_to_resume_from(tiny_base, pairs, tmp_path, capsys):
    cut_off = tmp_path / "out" / "checkpoint-4"
    cut_off.mkdir(parents=True)
    words = train_words(tiny_base, pairs, tmp_path / "out", "--max-steps", "1")
    assert train([*words, "--resume-from-checkpoint", "last"]) == 2
    assert "holds no checkpoint to resume from" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        (
            "--recipe",
            "paper",
            "unknown recipe 'paper'. Legal: anchor, embedded, mediterranean, sea.",
        ),
        ("--objectives", "mlm nsp", "unknown objective: nsp. Legal: any of mlm, seq, tlm, anchor."),
        ("--pairs", "{tmp}/nowhere", "nowhere"),
        ("--pairs", "nobody/nothing", "nobody/nothing"),
        ("--base", "nobody/nothing", "nobody/nothing"),
        ("--base", "{tmp}/nowhere", "nowhere"),
        ("--group", "atlantis", "atlantis"),
        ("--validation-benchmark", "glue", "unknown benchmark 'glue'"),
        ("--text-column", "body", "columns body, transliteration"),
        ("--layer", "4", "layer 4 does not exist: the model has 3 layers"),
        ("--max-length", "513", "has positions for 512 tokens. Give --max-length 512 or less."),
        ("--seq-wait", "2", "--seq-wait"),
        ("--learning-rate", "fast", "--learning-rate"),
        ("--save-strategy", "daily", "--save-strategy"),
    ],
)
def test_user_errors(tiny_base, pairs, tmp_path, capsys, option, value, said):
    words = train_words(tiny_base, pairs, tmp_path / "out", "--max-steps", "1")
    before = sorted(tmp_path.iterdir())
    assert train([*words, option, *value.format(tmp=tmp_path).split()]) == 2
    error = capsys.readouterr().err
    assert error.count("error: ") == 1 and error.splitlines()[-1].startswith("error: ")
    assert said in error
    assert "Traceback" not in error
    assert [path for path in sorted(tmp_path.iterdir()) if path.name != "hf"] == before


def test_unknown_model_is_noticed_before_pairs_are_built(tmp_path, capsys):
    words = ["--base", str(tmp_path / "nowhere"), "--output-dir", str(tmp_path / "o")]
    assert train(words) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert train(["--layer", "9", "--output-dir", str(tmp_path / "o")]) == 2
    assert "the model has 4 layers" in capsys.readouterr().err
    assert train(["--group", "atlantis", "--output-dir", str(tmp_path / "o")]) == 2
    assert "unknown group 'atlantis'" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_validation_benchmark_chooses_the_checkpoint(tiny_base, pairs, tmp_path, caplog):
    output = tmp_path / "out"
    folder = write_parallel(tmp_path / "bench")
    schedule = ["--eval-strategy", "steps", "--eval-steps", "1", "--save-strategy", "steps"]
    schedule += ["--save-steps", "1", "--save-total-limit", "1", "--load-best-model-at-end"]
    words = train_words(tiny_base, pairs, output, *schedule, "--max-steps", "4")
    words += ["--validation-benchmark", f"parallel:{folder}", "--learning-rate", "2e-2"]
    assert train(words) == 0
    # The best weights were taken back, and nothing was said to be missing.
    assert "missing keys" not in caplog.text
    record = record_of(output)
    scores = {e["step"]: e["eval_top10"] for e in record.history if "eval_top10" in e}
    assert sorted(scores) == [1, 2, 3, 4]
    assert len(set(scores.values())) > 1, "the test needs checkpoints that differ"
    assert record.best.metric == "eval_top10"
    assert record.best.value == max(scores.values()) == scores[record.best.step]
    best = AutoModel.from_pretrained(output / f"checkpoint-{record.best.step}")
    saved = AutoModel.from_pretrained(output)
    for name, value in saved.state_dict().items():
        if "pooler" not in name:
            assert torch.equal(value, best.state_dict()[name]), name
