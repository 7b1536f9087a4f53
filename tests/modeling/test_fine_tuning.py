"""Fine-tuning: seeds, the best epoch, early stopping, first subwords, long sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from translit_ppa.modeling.aligned.alignment_config import AlignmentError
from translit_ppa.modeling.tasks.sequence_classification import SequenceClassifier
from translit_ppa.modeling.tasks.settings import FineTuningSettings, task_settings
from translit_ppa.modeling.tasks.token_classification import IGNORED, TokenClassifier

QUICK = FineTuningSettings(learning_rate=3e-3, epochs=4, max_length=32, batch_size=4)
TEXTS = ["one two three", "four five six", "seven eight nine", "ten one two"] * 3
LABELS = ["odd", "even", "odd", "even"] * 3
WORDS = [["one", "two", "three"], ["four", "five"], ["seven", "eight", "nine", "ten"]] * 2
TAGS = [["A", "B", "A"], ["B", "A"], ["A", "B", "A", "B"]] * 2


def texts(base, seed=1, settings=QUICK):
    return SequenceClassifier(str(base), ["odd", "even"], settings, seed=seed, device="cpu")


def words(base, seed=1, settings=QUICK):
    return TokenClassifier(str(base), ["A", "B"], settings, seed=seed, device="cpu")


def weights(model):
    return torch.cat([tensor.flatten() for tensor in model.model.state_dict().values()])


def accuracy(model, inputs=TEXTS, gold=LABELS):
    return 100 * sum(a == b for a, b in zip(model.predict(inputs), gold, strict=True)) / len(gold)


def test_the_papers_settings():
    for task in ("taxi1500", "sib200"):
        settings = task_settings(task)
        assert (settings.learning_rate, settings.epochs, settings.batch_size) == (1e-5, 40, 32)
        assert (settings.weight_decay, settings.max_grad_norm) == (0.0, None)
    assert [task_settings(t).max_length for t in ("taxi1500", "sib200", "ner", "pos")] == [
        *(100, 160, 256, 256)
    ]
    for task, epochs, every in (("ner", 5, 1000), ("pos", 10, 500)):
        settings = task_settings(task)
        assert (settings.learning_rate, settings.epochs) == (2e-5, epochs)
        assert (settings.gradient_accumulation, settings.max_grad_norm) == (2, 1.0)
        assert (settings.selection, settings.evaluate_every) == ("early_stopping", None)
        compat = task_settings(task, paper_compat=True, epochs=None, batch_size=8)
        assert (compat.selection, compat.evaluate_every) == ("best_epoch", every)
        assert (compat.epochs, compat.batch_size) == (epochs, 8)
    with pytest.raises(AlignmentError, match="'srb'; legal: taxi1500, sib200, ner, pos"):
        task_settings("srb")
    with pytest.raises(AlignmentError, match="epochs: came 0; legal: 1 or more"):
        task_settings("ner", epochs=0)
    for rate in (0.0, -1e-5, float("nan")):
        with pytest.raises(AlignmentError, match=r"learning_rate: came .*; legal: more than 0"):
            task_settings("ner", learning_rate=rate)
    with pytest.raises(AlignmentError, match="'last'; legal: early_stopping, best_epoch"):
        task_settings("ner", selection="last")


@pytest.mark.parametrize("make", [texts, words])
def test_one_seed_is_one_head(tiny_base, make):
    torch.manual_seed(5)
    first = weights(make(tiny_base, seed=1))
    torch.manual_seed(6)
    assert torch.equal(weights(make(tiny_base, seed=1)), first)
    assert not torch.equal(weights(make(tiny_base, seed=2)), first)


def test_a_half_precision_checkpoint_is_fine_tuned_in_full(tiny_base, tmp_path):
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    half = AutoModelForMaskedLM.from_pretrained(tiny_base, dtype=torch.bfloat16)
    half.save_pretrained(tmp_path / "half")
    AutoTokenizer.from_pretrained(tiny_base).save_pretrained(tmp_path / "half")
    assert {p.dtype for p in half.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in texts(tmp_path / "half").model.parameters()} == {torch.float32}


def test_one_seed_is_one_score(tiny_base):
    courses, states = [], []
    for seed in (1, 1, 2):
        torch.manual_seed(99)
        model = texts(tiny_base, seed)
        # Dropout draws too: only then does a forgotten seed show.
        for module in model.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.1
        courses.append(model.fit(TEXTS, LABELS, lambda m=model: accuracy(m)))
        states.append(weights(model))
    assert courses[0] == courses[1]
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


def test_training_learns(tiny_base):
    model = texts(tiny_base, settings=replace(QUICK, epochs=30, patience=30))
    course = model.fit(TEXTS, LABELS, lambda: accuracy(model))
    assert accuracy(model) == course.best_score == 100
    tagger = words(tiny_base, settings=replace(QUICK, epochs=30, patience=30))

    def right():
        pairs = [
            (a, b)
            for row, gold in zip(tagger.predict(WORDS), TAGS, strict=True)
            for a, b in zip(row, gold, strict=True)
        ]
        return sum(a == b for a, b in pairs) / len(pairs)

    tagger.fit(WORDS, TAGS, right)
    assert right() == 1


def scripted(scores):
    """A dev set that answers with given scores, and remembers the weights of each call."""
    answers = iter(scores)
    return lambda: next(answers)


@pytest.mark.parametrize(
    ("selection", "epochs_run", "best"),
    [("early_stopping", 4, 2), ("best_epoch", 6, 5)],
)
def test_which_epoch_is_kept(tiny_base, selection, epochs_run, best):
    settings = replace(QUICK, epochs=6, patience=2, selection=selection)
    model = texts(tiny_base, settings=settings)
    seen = []
    scores = scripted([10, 50, 50, 40, 60, 30])

    def dev():
        seen.append(weights(model))
        return scores()

    course = model.fit(TEXTS, LABELS, dev)
    assert (course.epochs, course.best_epoch) == (epochs_run, best)
    assert course.best_score == {2: 50, 5: 60}[best]
    assert len(seen) == len(course.dev_scores) == epochs_run
    assert torch.equal(weights(model), seen[best - 1])
    assert not torch.equal(weights(model), seen[-1])


def test_evaluation_by_steps_ends_with_the_last(tiny_base):
    # 12 texts, 4 a step: 3 steps an epoch, 6 in all; after 4 and at the end.
    settings = replace(QUICK, epochs=2, evaluate_every=4, selection="best_epoch")
    model = texts(tiny_base, settings=settings)
    course = model.fit(TEXTS, LABELS, scripted([2, 1]))
    assert course.dev_scores == (2, 1)
    assert course.best_epoch == pytest.approx(4 / 3)
    # How often it is evaluated does not change what is learned.
    other = texts(tiny_base, settings=replace(settings, evaluate_every=1))
    other.fit(TEXTS, LABELS, scripted([0, 0, 0, 2, 0, 0]))
    assert torch.equal(weights(model), weights(other))


def test_first_subwords_carry_the_tag(tiny_base):
    model = words(tiny_base)
    (example,) = model.encode([["Türkiye", "one"]], [["B", "A"]])
    pieces = [model.tokenizer(w, add_special_tokens=False)["input_ids"] for w in ("Türkiye", "one")]
    assert len(pieces[0]) > 1
    assert example["input_ids"] == [
        model.tokenizer.cls_token_id, *pieces[0], *pieces[1], model.tokenizer.sep_token_id
    ]  # fmt: skip
    inner = [1, *[IGNORED] * (len(pieces[0]) - 1), 0, *[IGNORED] * (len(pieces[1]) - 1)]
    assert example["labels"] == [IGNORED, *inner, IGNORED]


def test_long_sentences_are_split_and_no_word_is_lost(tiny_base):
    model = words(tiny_base)
    long = ["one", "two", "three", "four", "five"] * 40
    endless = "ten" * 60
    sentences = [long, ["one"], ["two", "", endless, "six"]]
    examples = model.encode(sentences, [["A"] * len(s) for s in sentences])
    assert max(len(e["input_ids"]) for e in examples) <= 32
    assert len(examples) > 10
    assert sum(label != IGNORED for e in examples for label in e["labels"]) == 205
    predicted = model.predict(sentences)
    assert [len(tags) for tags in predicted] == [200, 1, 4]
    # No word is cut in two: every example begins with a first subword.
    assert all(e["labels"][1] != IGNORED for e in examples)
    unknown = model.tokenizer.unk_token_id
    (last,) = model.encode([["two", "", endless, "six"]], None)
    assert last["input_ids"].count(unknown) == 2


def test_batches_do_not_change_predictions(tiny_base):
    model = texts(tiny_base, settings=replace(QUICK, eval_batch_size=1))
    alone = model.logits(model.encode([*TEXTS[:4], "one " * 20], None))
    model.settings = replace(QUICK, eval_batch_size=5)
    together = model.logits(model.encode([*TEXTS[:4], "one " * 20], None))
    assert torch.allclose(torch.stack(alone), torch.stack(together), atol=1e-5)


def test_few_shot_adapts_a_copy(tiny_base):
    model = texts(tiny_base)
    before = weights(model).clone()
    other = model.adapted(TEXTS[:4], LABELS[:4], epochs=20)
    assert torch.equal(weights(model), before)
    assert not torch.equal(weights(other), before)
    assert accuracy(other, TEXTS[:4], LABELS[:4]) == 100


def test_a_model_that_is_not_there():
    with pytest.raises(AlignmentError, match="cannot open the model nobody/nothing"):
        texts("nobody/nothing")
