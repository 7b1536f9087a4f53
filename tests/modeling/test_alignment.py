"""The model classes: same weights as stock, every objective subset, no NaN, stock checkpoints."""

from __future__ import annotations

import itertools
import json

import pytest
import torch
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    BertConfig,
    BertForMaskedLM,
    XLMRobertaForMaskedLM,
)

from tiny_models import tokenised
from translit_ppa.modeling import (
    AlignmentConfig,
    AlignmentError,
    SentenceEncoder,
    load_for_alignment,
)
from translit_ppa.modeling.aligned.modeling_families import FAMILIES
from translit_ppa.modeling.training.data_collator import PairCollator

PARTS = {"mlm": ("mlm_original", "mlm_latin"), "seq": ("seq",), "tlm": ("tlm",)}
SUBSETS = [s for n in (1, 2, 3) for s in itertools.combinations(("mlm", "seq", "tlm"), n)]


def batch_of(tokenizer, rows, **options):
    return PairCollator(tokenizer, **options)([rows[i] for i in range(len(rows))])


@pytest.mark.parametrize("objectives", SUBSETS, ids="+".join)
def test_every_subset_gives_its_parts_and_their_weighted_sum(
    tiny_base, tokenizer, rows, objectives
):
    weights = {"mlm": 0.5, "seq": 2.0, "tlm": 3.0}
    config = AlignmentConfig(objectives=objectives, weights=weights)
    model = load_for_alignment(str(tiny_base), config).eval()
    output = model(**batch_of(tokenizer, rows, objectives=objectives))
    expected = {part for objective in objectives for part in PARTS[objective]}
    assert set(output) - {"loss"} == expected
    total = sum(weights[o] * output[part].item() for o in objectives for part in PARTS[o])
    assert output.loss.item() == pytest.approx(total, rel=1e-5)
    output.loss.backward()
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    assert gradients and all(torch.isfinite(g).all() for g in gradients)


def test_parts_equal_the_stock_model_and_weight_zero_is_left_out(tiny_base, tokenizer, rows):
    batch = batch_of(tokenizer, rows)
    stock = XLMRobertaForMaskedLM.from_pretrained(tiny_base).eval()
    model = load_for_alignment(str(tiny_base), AlignmentConfig(weights={"seq": 0.0})).eval()
    output = model(**batch)
    for part, prefix in (
        ("mlm_original", ""),
        ("mlm_latin", "transliteration_"),
        ("tlm", "joint_"),
    ):
        loss = stock(
            input_ids=batch[f"{prefix}input_ids"],
            attention_mask=batch[f"{prefix}attention_mask"],
            labels=batch[f"{prefix}labels"],
        ).loss
        assert output[part].item() == pytest.approx(loss.item(), rel=1e-5)
    without = output.mlm_original + output.mlm_latin + output.tlm
    assert output.loss.item() == pytest.approx(without.item(), rel=1e-6)
    assert model.state_dict().keys() == stock.state_dict().keys()


def test_seq_reads_the_layer_it_names(tiny_base, tokenizer, rows):
    batch = batch_of(tokenizer, rows, objectives=("seq",))
    losses = {}
    for layer in (0, 1, 2, 3, None):
        config = AlignmentConfig(objectives=("seq",), layer=layer)
        losses[layer] = load_for_alignment(str(tiny_base), config).eval()(**batch).loss.item()
    assert losses[None] == losses[2]
    assert len({round(losses[i], 7) for i in range(4)}) == 4


def test_layer_beyond_the_model_is_an_error(tiny_base):
    with pytest.raises(AlignmentError, match="layer 8 does not exist: the model has 3 layers"):
        load_for_alignment(str(tiny_base), AlignmentConfig(layer=8))


def test_no_nan_for_degenerate_text(tiny_base, tokenizer):
    texts = ["", "   ", "a", "x " * 600, "Ελλάδα"]
    latin = ["", "", "a", "y " * 600, ""]
    rows = tokenised(texts, latin, tokenizer)
    assert max(len(row["input_ids"]) for row in rows) == 512
    model = load_for_alignment(str(tiny_base))
    for chosen in ([0], [0, 1], [2], [0, 1, 2, 3, 4]):
        model.zero_grad()
        output = model(**PairCollator(tokenizer)([rows[i] for i in chosen]))
        assert all(torch.isfinite(value).all() for value in output.values()), chosen
        output.loss.backward()
        assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


def test_zero_masked_tokens_give_zero_loss(tiny_base, tokenizer, rows):
    batch = batch_of(tokenizer, rows, objectives=("mlm", "tlm"))
    for key in batch:
        if key.endswith("labels"):
            batch[key] = torch.full_like(batch[key], -100)
    model = load_for_alignment(str(tiny_base), AlignmentConfig(objectives=("mlm", "tlm")))
    output = model(**batch)
    assert output.loss.item() == 0.0
    output.loss.backward()


def test_saved_checkpoint_is_stock(tiny_base, tokenizer, tmp_path):
    model = load_for_alignment(str(tiny_base), AlignmentConfig(layer=1, pooling="content")).eval()
    folder = tmp_path / "aligned"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    names = {path.name for path in folder.iterdir()}
    assert "model.safetensors" in names and not any(n.endswith((".bin", ".py")) for n in names)
    config = json.loads((folder / "config.json").read_text())
    assert config["architectures"] == ["XLMRobertaForMaskedLM"]
    assert config["model_type"] == "xlm-roberta" and "auto_map" not in config
    assert config["alignment"]["layer"] == 1 and config["alignment"]["pooling"] == "content"

    ids = tokenizer(["Ελλάδα και Τουρκία"], return_tensors="pt")
    expected = model(**ids, output_hidden_states=True).hidden_states
    lm = AutoModelForMaskedLM.from_pretrained(folder)
    assert type(lm) is XLMRobertaForMaskedLM
    assert torch.equal(lm(**ids).logits, model(**ids).logits)
    for auto, options in (
        (AutoModel, {"add_pooling_layer": False}),
        (AutoModelForMaskedLM, {}),
        (AutoModelForTokenClassification, {}),
        (AutoModelForSequenceClassification, {}),
    ):
        loaded = auto.from_pretrained(folder, **options).eval()
        states = loaded(**ids, output_hidden_states=True).hidden_states
        assert len(states) == 4
        assert all(torch.equal(a, b) for a, b in zip(states, expected, strict=True)), auto


def test_bert_family_trains_and_saves_stock(bert_tokenizer, tmp_path):
    texts, latin = ["one two", "three"], ["four five", "six"]
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(bert_tokenizer),
        num_hidden_layers=3,
        hidden_size=16,
        intermediate_size=32,
        num_attention_heads=2,
    )
    BertForMaskedLM(config).save_pretrained(tmp_path / "bert")
    model = load_for_alignment(str(tmp_path / "bert"))
    assert type(model) is FAMILIES["bert"]
    rows = tokenised(texts, latin, bert_tokenizer)
    batch = PairCollator(bert_tokenizer)([rows[0], rows[1]])
    restored = torch.where(
        batch["joint_labels"] == -100, batch["joint_input_ids"], batch["joint_labels"]
    )
    cls, sep = bert_tokenizer.cls_token_id, bert_tokenizer.sep_token_id
    assert restored[0][0] == cls and (restored[0] == sep).sum() == 2
    output = model(**batch)
    assert set(output) == {"loss", "mlm_original", "mlm_latin", "seq", "tlm"}
    output.loss.backward()
    model.save_pretrained(tmp_path / "aligned")
    stock = AutoModelForMaskedLM.from_pretrained(tmp_path / "aligned")
    assert type(stock) is BertForMaskedLM
    assert stock.state_dict().keys() == model.state_dict().keys()


def test_what_a_base_lacks_is_one_line(tiny_base, tmp_path, capsys):
    def told_on_loading(folder):
        capsys.readouterr()
        load_for_alignment(str(folder))
        lines = capsys.readouterr().err.splitlines()
        return [line for line in lines if line and "Loading weights" not in line]

    assert told_on_loading(tiny_base) == []
    # A pooler is left over: no matter.
    AutoModel.from_pretrained(tiny_base).save_pretrained(tmp_path / "bare")
    (told,) = told_on_loading(tmp_path / "bare")
    assert told.startswith(f"notice: {tmp_path / 'bare'} has no language-modelling head; it is")
    stock = XLMRobertaForMaskedLM.from_pretrained(tiny_base)
    state = stock.state_dict()
    del state["roberta.encoder.layer.1.output.dense.bias"]
    stock.save_pretrained(tmp_path / "cut", state_dict=state)
    (told,) = told_on_loading(tmp_path / "cut")
    assert "lacks 1 weights of the encoder, such as roberta.encoder.layer.1.output" in told


def test_options_of_a_checkpoint_of_0_1_0_are_read(tiny_base):
    """`config.alignment` as release 0.1.0 wrote it, and as it is still written."""
    kept = {
        "objectives": ["mlm", "seq"],
        "mlm_weight": 1.0,
        "seq_weight": 0.5,
        "tlm_weight": 2.0,
        "layer": 1,
        "similarity": "cosine",
        "temperature": 0.1,
        "mask_equal_texts": False,
        "gather_with_gradient": False,
        "pooling": "content",
    }
    config = json.loads((tiny_base / "config.json").read_text())
    (tiny_base / "config.json").write_text(json.dumps({**config, "alignment": kept}))
    options = load_for_alignment(str(tiny_base)).alignment
    assert options.weights == {"mlm": 1.0, "seq": 0.5, "tlm": 2.0}
    assert (options.objectives, options.layer) == (("mlm", "seq"), 1)
    assert list(options.to_dict().items()) == list(kept.items())


def test_unknown_family_is_named(tmp_path):
    from transformers import GPT2Config

    GPT2Config(n_layer=1, n_embd=8, n_head=1).save_pretrained(tmp_path)
    with pytest.raises(AlignmentError, match=r"is a decoder of the family 'gpt2'\. Legal: an enc"):
        load_for_alignment(str(tmp_path))


def test_missing_view_is_explained(tiny_base, tokenizer, rows):
    model = load_for_alignment(str(tiny_base))
    batch = batch_of(tokenizer, rows, objectives=("mlm",))
    with pytest.raises(AlignmentError, match="the batch lacks joint_input_ids"):
        model(**batch)


def test_a_half_precision_base_is_trained_and_scored_in_full_precision(tiny_base, tokenizer):
    half = XLMRobertaForMaskedLM.from_pretrained(tiny_base, dtype=torch.bfloat16)
    half.save_pretrained(tiny_base)
    assert load_for_alignment(str(tiny_base)).dtype == torch.float32
    encoder = SentenceEncoder.from_pretrained(str(tiny_base))
    assert encoder.model.dtype == torch.float32
    assert encoder.encode(["one two"]).any()


@pytest.mark.parametrize("wrong", [{"batch_size": -4}, {"max_length": 0}])
def test_sizes_below_one_are_refused(tiny_base, tokenizer, wrong):
    with pytest.raises(AlignmentError, match=r"Legal: 1 or more"):
        SentenceEncoder.from_pretrained(str(tiny_base), **wrong)
