"""The anchored contrast by hand, its teacher's vectors on disk, and what the batch holds for it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from transformers import BertForMaskedLM, XLMRobertaForMaskedLM

from tiny_models import LATIN, SENTENCES, small_config, tokenised
from training_examples import make_trainer, max_difference, step_gradients
from translit_ppa.modeling import AlignmentConfig, AlignmentError, load_for_alignment
from translit_ppa.modeling.aligned.anchor_contrast import Teacher, anchor_contrast
from translit_ppa.modeling.aligned.objectives import OBJECTIVES, views_of, whole_views
from translit_ppa.modeling.embedding.encoder import SentenceEncoder
from translit_ppa.modeling.training.anchored.teacher_vectors import make_teacher_vectors
from translit_ppa.modeling.training.arguments import PostTrainingArguments
from translit_ppa.modeling.training.data_collator import PairCollator

CONFIG = AlignmentConfig(objectives=("anchor",), anchor_temperature=0.5)
BOTH = torch.tensor([True, True])


def unit(*numbers):
    vector = torch.tensor(numbers)
    return vector / vector.norm()


def test_loss_by_hand():
    """Two rows, a bank of one, a mean along the third axis; unit vectors written out as numbers."""
    mean = torch.tensor([0.0, 0.0, 0.6])
    # Unit vectors whose centred forms are (1, 0, 0), (0, 1, 0), (-1, 0, 0).
    targets = torch.tensor([[0.8, 0.0, 0.6], [0.0, 0.8, 0.6]])
    bank = torch.tensor([[-0.8, 0.0, 0.6]])
    # Three times (0.8, 0, 0.6), and (0.48, 0.64, 0.6): centred (0.6, 0.8, 0).
    latin = torch.tensor([[2.4, 0.0, 1.8], [0.48, 0.64, 0.6]], requires_grad=True)
    teacher = Teacher(targets, mean, bank, {"latin": BOTH})
    loss = anchor_contrast("latin", {"anchored_latin": latin}, teacher, CONFIG)
    e = math.exp
    first = e(1 / 0.5) / (e(1 / 0.5) + e(0) + e(-1 / 0.5))
    second = e(0.8 / 0.5) / (e(0.6 / 0.5) + e(0.8 / 0.5) + e(-0.6 / 0.5))
    assert loss.item() == pytest.approx(-(math.log(first) + math.log(second)) / 2, rel=1e-5)
    loss.backward()
    assert latin.grad is not None and latin.grad[1].abs().max() > 0.01


def test_originals_are_held_where_the_base_had_them():
    """With the contrast as it is, the cosine to the own target counts on top: for originals."""
    mean = torch.tensor([0.0, 0.0, 0.6])
    targets = torch.tensor([[0.8, 0.0, 0.6], [0.0, 0.8, 0.6]])
    student = torch.tensor([[0.8, 0.0, 0.6], [0.48, 0.64, 0.6]])  # centred cosines: 1 and 0.8
    losses = {}
    for hold in (0.0, 20.0):
        config = AlignmentConfig(objectives=("anchor",), anchor_hold=hold)
        for view in ("original", "latin"):
            teacher = Teacher(targets, mean, targets[:0], {view: BOTH})
            found = anchor_contrast(view, {f"anchored_{view}": student}, teacher, config)
            losses[view, hold] = found.item()
    assert losses["latin", 20.0] == losses["latin", 0.0] == losses["original", 0.0]
    added = losses["original", 20.0] - losses["original", 0.0]
    assert added == pytest.approx(20 * (0 + 0.2) / 2, rel=1e-5)
    with pytest.raises(AlignmentError, match="anchor_hold is -1"):
        AlignmentConfig(anchor_hold=-1.0)


def test_gradient_flows_into_the_student_alone():
    torch.manual_seed(0)
    targets, bank = (torch.randn(n, 4).requires_grad_() for n in (2, 3))
    mean = torch.randn(4).mul(0.1).requires_grad_()
    student = torch.randn(2, 4, requires_grad=True)
    teacher = Teacher(targets.detach(), mean.detach(), bank.detach(), {"original": BOTH})
    anchor_contrast("original", {"anchored_original": student}, teacher, CONFIG).backward()
    assert student.grad is not None and student.grad.abs().min() > 0
    assert targets.grad is None and bank.grad is None and mean.grad is None


def test_equal_targets_are_no_negatives():
    mean = torch.zeros(3)
    same, other = unit(1.0, 0.0, 0.0), unit(0.0, 1.0, 0.0)
    student = torch.stack([unit(1.0, 1.0, 0.0), unit(0.0, 0.0, 1.0)])
    # The second row's target and one of the bank are the first row's.
    teacher = Teacher(torch.stack([same, same]), mean, torch.stack([same, other]), {"latin": BOTH})
    loss = anchor_contrast("latin", {"anchored_latin": student}, teacher, CONFIG)
    half = math.sqrt(0.5)
    first = -math.log(math.exp(half / 0.5) / (2 * math.exp(half / 0.5)))
    assert loss.item() == pytest.approx((first + math.log(2)) / 2, rel=1e-5)


def test_rows_that_are_not_anchored_are_targets_only():
    torch.manual_seed(1)
    student, targets, bank = torch.randn(3, 5), torch.randn(3, 5), torch.randn(2, 5)
    mean = torch.randn(5) * 0.1
    rows = torch.tensor([True, False, True])
    given = {"anchored_latin": student}
    some = anchor_contrast("latin", given, Teacher(targets, mean, bank, {"latin": rows}), CONFIG)
    alone = [
        anchor_contrast(
            "latin", given, Teacher(targets, mean, bank, {"latin": torch.arange(3) == i}), CONFIG
        )
        for i in (0, 2)
    ]
    assert some.item() == pytest.approx((alone[0] + alone[1]).item() / 2, rel=1e-5)
    nobody = Teacher(targets, mean, bank, {"latin": torch.zeros(3, dtype=torch.bool)})
    student.requires_grad_()
    none = anchor_contrast("latin", given, nobody, CONFIG)
    none.backward()
    assert none.item() == 0 and student.grad is not None and not student.grad.any()


def test_views_that_only_anchor_reads_are_left_whole():
    assert views_of(["anchor"]) == whole_views(["anchor"]) == ["original", "latin"]
    assert whole_views(["tlm", "anchor"]) == ["original", "latin"]
    assert whole_views(["seq", "anchor"]) == whole_views(["mlm"]) == []
    assert OBJECTIVES["anchor"].weight == 1.0


def make_teacher(model, tokenizer, data, folder, **more):
    options = {"layer": 2, "pooling": "attended", "facts": {"weights": "w", "tokenizer": "t"}}
    return make_teacher_vectors(model, tokenizer, data, folder, **{**options, **more})


@pytest.fixture
def taught(tiny_base, tokenizer, tmp_path):
    """Rows with teacher vectors, and their teacher; the fifth pair has equal sides."""
    rows = tokenised(SENTENCES, LATIN, tokenizer)
    model = load_for_alignment(str(tiny_base), AlignmentConfig(objectives=("anchor",)))
    return rows, make_teacher(model, tokenizer, {"train": rows}, tmp_path / "teacher")


@pytest.mark.parametrize("pooling", ["attended", "content"])
def test_teacher_vectors_are_those_of_the_encoder(tiny_base, tokenizer, tmp_path, pooling):
    texts = [*SENTENCES, SENTENCES[0]]
    rows = tokenised(texts, [*LATIN, "Hellas"], tokenizer)
    more = tokenised([SENTENCES[2], "new words"], [LATIN[2], "new words"], tokenizer)
    model = load_for_alignment(str(tiny_base), AlignmentConfig(objectives=("anchor",)))
    data = {"validation": more, "train": rows}
    teacher = make_teacher(model, tokenizer, data, tmp_path / "t", pooling=pooling)
    assert teacher.trained == len(SENTENCES), "equal originals have one vector"
    assert rows.targets is not None and more.targets is not None
    assert rows.targets.tolist() == [*range(len(SENTENCES)), 0]
    assert more.targets.tolist() == [2, len(SENTENCES)]
    encoder = SentenceEncoder.from_pretrained(str(tiny_base), layer=2, pooling=pooling)
    vectors = torch.from_numpy(encoder.encode([*SENTENCES, "new words"]))
    expected = F.normalize(vectors, dim=-1).numpy()
    found = teacher.read(np.arange(len(expected)))
    assert found.dtype == np.float16
    assert np.abs(found - expected).max() < 1e-3
    assert np.abs(teacher.mean - expected.mean(axis=0)).max() < 1e-6


def test_teacher_is_used_again_and_made_again(tiny_base, tokenizer, tmp_path, capsys):
    rows = tokenised(SENTENCES, LATIN, tokenizer)
    model = load_for_alignment(str(tiny_base), AlignmentConfig(objectives=("anchor",)))
    folder = tmp_path / "teacher"

    def said(data=rows, **more):
        make_teacher(model, tokenizer, {"train": data}, folder, **more)
        return capsys.readouterr().out

    assert "are made (none are kept yet)" in said()
    first = (folder / "vectors.npy").read_bytes()
    assert "are used again" in said()
    assert "of other weights" in said(facts={"weights": "new", "tokenizer": "t"})
    with pytest.raises(
        AlignmentError, match=r"a run with weights, layer of its own.* cannot be res"
    ):
        said(layer=1, resumed=True)
    assert "of other weights, layer" in said(layer=1)
    assert "of other layer" in said()
    assert "of other tokenizer" in said(facts={"weights": "w", "tokenizer": "another"})
    assert "of other tokenizer" in said()
    assert "are used again" in said(resumed=True)
    assert (folder / "vectors.npy").read_bytes() == first
    assert "of other texts, vectors" in said(tokenised(SENTENCES[1:], LATIN[1:], tokenizer))
    said()
    (folder / "vectors.npy").write_bytes(first[:-7])
    assert "those kept are broken" in said()
    (folder / "mean.npy").unlink()
    assert "those kept are broken" in said()
    (folder / "teacher.json").write_text("{", encoding="utf-8")
    assert "cannot be read" in said()
    assert "nobody tells" in said(facts={"weights": None, "tokenizer": "t"})
    assert (folder / "vectors.npy").read_bytes() == first
    assert sorted(p.name for p in folder.iterdir()) == ["mean.npy", "teacher.json", "vectors.npy"]
    assert json.loads((folder / "teacher.json").read_text("utf-8"))["hidden"] == 16


def test_batch_has_targets_and_chosen_originals(taught, tokenizer):
    rows, teacher = taught
    options = {"objectives": ("anchor",), "teacher": teacher, "anchor_bank": 3}
    collator = PairCollator(tokenizer, anchor_originals=0.5, **options)
    batch = collator(rows.__getitems__(range(8)))
    equal = [a == b for a, b in zip(SENTENCES, LATIN, strict=True)]
    assert sum(equal) == 2
    assert batch["transliteration_anchored"].tolist() == [not same for same in equal]
    assert batch["anchored"].sum() == 2 + 3, "pairs of equal sides, and half of the six others"
    assert all(batch["anchored"][i] for i in range(8) if equal[i])
    for prefix in ("", "transliteration_"):
        attended = batch[f"{prefix}attention_mask"].any(dim=1)
        assert torch.equal(attended, batch[f"{prefix}anchored"])
        assert (batch[f"{prefix}labels"] == -100).all(), "nothing is masked"
        assert (batch[f"{prefix}input_ids"] != tokenizer.mask_token_id).all()
    assert np.array_equal(batch["teacher_targets"].numpy(), teacher.read(np.arange(8)))
    assert batch["teacher_bank"].shape == (3, 16)
    again = collator([rows[i] for i in range(8)])
    assert all(torch.equal(batch[name], again[name]) for name in batch), "counted randomness"
    rows.set_epoch(1)
    other = collator(rows.__getitems__(range(8)))
    assert not torch.equal(batch["teacher_bank"], other["teacher_bank"])
    all_of_them = PairCollator(tokenizer, objectives=("anchor",), teacher=teacher)
    assert len(all_of_them(rows.__getitems__([0]))["teacher_bank"]) == len(SENTENCES)


def test_batch_of_one_language_has_half_its_bank_of_it(taught, tokenizer):
    rows, teacher = taught
    rows.languages = np.array([0, 0, 1, 1, -1, 1, 0, -1], dtype=np.int32)
    again = type(teacher)(teacher.folder, teacher.trained, rows.targets, rows.languages)
    options = {"objectives": ("anchor",), "teacher": again, "anchor_bank": 6}
    collator = PairCollator(tokenizer, **options)
    own = {tuple(v) for v in again.read(np.array([2, 3, 5])).tolist()}
    bank = collator(rows.__getitems__([3, 4, 5]))["teacher_bank"].tolist()
    assert all(tuple(v) in own for v in bank[:3])


def test_with_masked_views_all_rows_stay(taught, tokenizer):
    rows, teacher = taught
    collator = PairCollator(tokenizer, objectives=("mlm", "anchor"), teacher=teacher)
    batch = collator(rows.__getitems__(range(8)))
    assert batch["attention_mask"].any(dim=1).all()
    assert (batch["labels"] != -100).any(dim=1).all()
    plain = PairCollator(tokenizer, objectives=("mlm",))(rows.__getitems__(range(8)))
    assert all(torch.equal(batch[name], plain[name]) for name in plain)


def test_user_mistakes_are_one_line(taught, tokenizer, tiny_base):
    rows, teacher = taught
    with pytest.raises(AlignmentError, match="needs teacher vectors"):
        PairCollator(tokenizer, objectives=("anchor",))
    with pytest.raises(AlignmentError, match="anchor_originals is 2"):
        PairCollator(tokenizer, anchor_originals=2)
    with pytest.raises(AlignmentError, match="anchor_bank is -1"):
        PairCollator(tokenizer, anchor_bank=-1)
    with pytest.raises(AlignmentError, match="anchor_temperature is 0"):
        AlignmentConfig(anchor_temperature=0.0)
    collator = PairCollator(tokenizer, objectives=("anchor",), teacher=teacher)
    with pytest.raises(AlignmentError, match="no teacher vectors"):
        collator(tokenised(SENTENCES, LATIN, tokenizer).__getitems__([0, 1]))
    model = load_for_alignment(str(tiny_base), AlignmentConfig(objectives=("anchor",)))
    batch = collator(rows.__getitems__(range(4)))
    with pytest.raises(AlignmentError, match="lacks teacher_targets"):
        model(**{n: v for n, v in batch.items() if n != "teacher_targets"})
    with pytest.raises(AlignmentError, match="have 8 numbers, the model's 16"):
        model(**batch | {"teacher_targets": batch["teacher_targets"][:, :8]})
    joint = load_for_alignment(str(tiny_base), AlignmentConfig(objectives=("anchor", "tlm")))
    lacking = {n: v for n, v in batch.items() if not n.startswith("transliteration_")}
    with pytest.raises(AlignmentError, match="lacks transliteration_input_ids"):
        joint(**lacking, joint_input_ids=batch["input_ids"])


def test_config_keeps_the_temperature_of_an_anchored_model_alone():
    values = CONFIG.to_dict()
    assert values["anchor_temperature"] == 0.5 and values["anchor_weight"] == 1.0
    assert AlignmentConfig.from_dict(values) == CONFIG
    assert "anchor_temperature" not in AlignmentConfig().to_dict()


@pytest.mark.parametrize("family", ["xlm-roberta", "bert"])
def test_model_contrasts_what_the_encoder_would_give(
    family, tiny_config, tokenizer, bert_tokenizer, tmp_path
):
    if family == "bert":
        from transformers import BertConfig

        tokenizer = bert_tokenizer
        sizes = small_config(tokenizer, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        kept = {n: v for n, v in sizes.to_dict().items() if n not in ("model_type", "pad_token_id")}
        base = BertForMaskedLM(BertConfig(**kept, pad_token_id=0))
    else:
        base = XLMRobertaForMaskedLM(tiny_config)
    base.save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    rows = tokenised(SENTENCES, LATIN, tokenizer)
    config = AlignmentConfig(objectives=("anchor",), layer=3)
    model = load_for_alignment(str(tmp_path / "base"), config)
    teacher = make_teacher(model, tokenizer, {"train": rows}, tmp_path / "t", layer=3)
    collator = PairCollator(
        tokenizer, objectives=("anchor",), teacher=teacher, anchor_originals=0.4, anchor_bank=4
    )
    batch = collator(rows.__getitems__(range(8)))
    output = model(**batch)
    encoder = SentenceEncoder.from_pretrained(str(tmp_path / "base"), layer=3)
    total = 0.0
    for view, texts in (("original", SENTENCES), ("latin", LATIN)):
        prefix = "" if view == "original" else "transliteration_"
        vectors = torch.from_numpy(encoder.encode(texts))
        told = Teacher(
            batch["teacher_targets"],
            batch["teacher_mean"],
            batch["teacher_bank"],
            {view: batch[f"{prefix}anchored"]},
        )
        expected = anchor_contrast(view, {f"anchored_{view}": vectors}, told, config)
        # Originals are at their targets yet: what is held is no more than rounding.
        near = pytest.approx(expected.item(), rel=1e-3, abs=1e-4)
        assert output[f"anchor_{view}"].item() == near
        total += expected.item()
    assert output.loss.item() == pytest.approx(total, rel=1e-3, abs=2e-4)


@pytest.mark.parametrize("objectives", [("anchor",), ("mlm", "seq", "anchor"), ("tlm", "anchor")])
def test_parts_by_tokens_have_the_gradient_of_the_whole(
    objectives, tiny_base, tokenizer, taught, tmp_path
):
    rows, teacher = taught
    found = []
    for name, budget in (("whole", None), ("parts", 40)):
        collator = PairCollator(tokenizer, objectives=objectives, teacher=teacher, anchor_bank=3)
        options = {"max_steps": 1, "per_device_train_batch_size": 8, "collator": collator}
        options |= {"kind": PostTrainingArguments, "tokens_per_batch": budget}
        options |= {"gradient_accumulation_steps": 1}
        trainer = make_trainer(tiny_base, tokenizer, rows, tmp_path / name, objectives, **options)
        found.append((step_gradients(trainer), trainer.state.log_history[0]))
    (one, told), (two, parts) = found
    largest = max(gradient.abs().max().item() for gradient in one.values())
    assert max_difference(one, two) < 1e-5 * max(1.0, largest)
    for part in ("loss", "anchor_original", "anchor_latin"):
        assert parts[part] == pytest.approx(told[part], rel=1e-4)
