"""The stand-in base: tokenizer coverage, ids, determinism, and that pretraining learns."""

from __future__ import annotations

from transformers import AutoTokenizer, TrainingArguments

from tiny_models import LATIN, SENTENCES
from translit_ppa.modeling.training.stand_in import (
    StandInSize,
    build_model,
    pretrain,
    train_tokenizer,
    unknown_rate,
)


def test_tokenizer_has_xlmr_ids_and_knows_every_character(tokenizer, tmp_path):
    assert [tokenizer.convert_tokens_to_ids(t) for t in ("<s>", "<pad>", "</s>", "<unk>")] == [
        0,
        1,
        2,
        3,
    ]
    assert tokenizer.mask_token_id == len(tokenizer) - 1
    assert unknown_rate(tokenizer, SENTENCES) == 0.0
    assert unknown_rate(tokenizer, ["ж"]) == 50.0  # the piece "▁" and one unknown
    ids = tokenizer("Ελλάδα και")["input_ids"]
    assert ids[0] == 0 and ids[-1] == 2
    assert tokenizer.decode(ids, skip_special_tokens=True) == "Ελλάδα και"
    tokenizer.save_pretrained(tmp_path)
    assert AutoTokenizer.from_pretrained(tmp_path)("Ελλάδα και")["input_ids"] == ids


def test_tokenizer_is_deterministic():
    first, second = (train_tokenizer(SENTENCES + LATIN, 60).get_vocab() for _ in range(2))
    assert first == second


def test_pretraining_lowers_the_loss(tokenizer, tmp_path):
    model = build_model(tokenizer, StandInSize(layers=1, hidden=16, heads=2), seed=1)
    settings = {
        "output_dir": str(tmp_path),
        "use_cpu": True,
        "save_strategy": "no",
        "disable_tqdm": True,
        "learning_rate": 1e-2,
        "per_device_train_batch_size": 8,
    }
    first = pretrain(model, tokenizer, SENTENCES * 4, TrainingArguments(**settings, max_steps=2))
    later = pretrain(model, tokenizer, SENTENCES * 4, TrainingArguments(**settings, max_steps=40))
    assert later < first - 0.5
