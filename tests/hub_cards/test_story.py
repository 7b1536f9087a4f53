"""Which numbers a card may show as a model's own: those of its weights, by digest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub_examples import build_fields, score, train_fields
from score_examples import ELL, HEB, task
from translit_ppa.hub_cards.cards.model_story import Weights, tell_story
from translit_ppa.hub_cards.cards.score_tables import with_range
from translit_ppa.hub_cards.hub.licences import UNICODE, UNKNOWN, Licence, stated
from translit_ppa.hub_cards.hub.stage import PublishError
from translit_ppa.hub_cards.records.files import BuildRecord, RecordError, TrainRecord
from translit_ppa.hub_cards.scores.of_weights import scores_of

OURS, BASE, THEIRS, SECOND = ("sha256:" + c * 12 for c in "abcd")
MIT = Licence("mit")
PAIRS = [("eng_Latn", "amh_Ethi"), ("amh_Ethi", "eng_Latn")]


def train(**changes) -> TrainRecord:
    return TrainRecord.from_dict(train_fields() | {"base_revision": BASE} | changes)


def scores(digest, top1, name="run", **changes):
    return [score(name, *pair, top1, model_digest=digest, **changes) for pair in PAIRS]


def mean(found):
    return found.mean(None, metric="top1").value


def only(story):
    """The one part of a story that has no more."""
    (part,) = story.scores.parts
    return part


def tell(records, weights=None, **options):
    weights = weights or Weights("run", OURS, train())
    return tell_story(weights, records, 8, "attended", **{"stated": MIT, "ask": False} | options)


def test_a_name_is_no_identity():
    story = tell([*scores(THEIRS, 9.0, "theirs"), *scores(OURS, 4.0), *scores(BASE, 8.0)])
    part = only(story)
    assert {record.model_digest for record in part.own.records} == {OURS}
    assert mean(part.own) == 4.0 and part.seeds == {}
    assert story.notes == (f"passed over, scores of other models: theirs ({THEIRS})",)


def test_the_same_weights_under_two_names_count_once():
    story = tell([*scores(OURS, 4.0), *scores(OURS, 4.0, "a copy")])
    assert len(only(story).own.records) == 2


def test_two_records_of_one_content_that_disagree():
    with pytest.raises(RecordError, match=r"two records of sha256:a+ disagree"):
        tell([*scores(OURS, 4.0), *scores(OURS, 5.0)])


def test_records_of_two_versions_are_refused_in_one_line():
    newer = scores(OURS, 5.0, version="0.2.0")
    with pytest.raises(RecordError) as caught:
        tell([*scores(OURS, 4.0), *newer])
    assert str(caught.value) == (
        "version: came 0.1.0 and 0.2.0 for cldr; legal: one, so leave the records of the other out"
    )
    # The version of another benchmark, or of the base, is no second one of this.
    other = scores(OURS, 5.0, version="0.2.0", benchmark="srb@sha256:2")
    story = tell([*scores(OURS, 4.0), *other, *scores(BASE, 2.0, version="0.2.0")])
    assert [mean(part.own) for part in story.scores.parts] == [4.0, 5.0]
    assert story.scores.left_out == (
        "the base on cldr, original: it was scored with version 0.2.0, not 0.1.0",
    )


def test_unknown_weights_have_no_scores():
    assert scores_of(scores("unknown", 4.0), "unknown") == {}


@pytest.mark.parametrize("changes", [{"layer": 7}, {"pooling": "content"}])
def test_only_scores_of_the_layer_that_the_card_names(changes):
    story = tell([*scores(OURS, 4.0), *scores(OURS, 6.0, **changes)])
    assert mean(only(story).own) == 4.0
    (told,) = story.scores.left_out
    assert told.startswith("cldr at layer ") and str(*changes.values()) in told
    with pytest.raises(PublishError, match="no score among the records is of run"):
        tell([*scores(OURS, 6.0, **changes), *scores(THEIRS, 4.0)])


def test_a_part_for_each_benchmark_input_and_task():
    latin = {"input": "latin", "transliterator": "u"}
    records = [
        *scores(OURS, 4.0),
        *scores(OURS, 6.0, **latin),
        *scores(BASE, 3.0, **latin),
        *scores(OURS, 7.0, benchmark="srb@sha256:2"),
        *(task("run", target=t, model_digest=OURS, seed=s) for t in (ELL, HEB) for s in (1, 2)),
        *(task("base", target=t, model_digest=BASE, seed=s) for t in (ELL, HEB) for s in (1, 2)),
        task("run", model_digest=OURS, shots=8),
    ]
    parts = tell(records).scores.parts
    assert [part.title for part in parts] == [
        "cldr, original",
        "cldr, latin",
        "srb@sha256:2, original",
        "sib200@sha256:1, original, shots 0",
        "sib200@sha256:1, original, shots 8",
    ]
    assert [mean(part.own) for part in parts[:3]] == [4.0, 6.0, 7.0]
    assert [part.base is not None for part in parts] == [False, True, False, True, False]
    assert len({part.slug for part in parts}) == 5


def test_the_base_stands_beside_it_only_with_all_cells_and_equal_conditions():
    ours = scores(OURS, 4.0)
    assert mean(only(tell([*ours, *scores(BASE, 2.0, seed=1)])).base) == 2.0
    for base, told in (
        (scores(BASE, 2.0)[:1], "cldr, original: it lacks amh_Ethi -> eng_Latn"),
        (scores(BASE, 2.0, split="validation"), "it was scored with split validation, not test"),
    ):
        story = tell([*ours, *base])
        assert only(story).base is None
        assert told in story.scores.left_out[0]
    assert only(tell(ours, Weights("run", OURS, None))).base is None
    few = [task("run", model_digest=OURS, seed=s) for s in (1, 2)]
    story = tell([*few, task("base", model_digest=BASE, seed=1)])
    assert only(story).base is None
    assert story.scores.left_out == (
        "the base on sib200@sha256:1, original: it lacks eng_Latn -> ell_Grek",
    )


def test_directions_are_parts_of_the_weights_and_of_their_base():
    mixed = {"input": "latin", "target_input": "original", "transliterator": "uroman"}
    ours, base, theirs = (
        score("run", "amh_Ethi", "eng_Latn", top1, model_digest=digest, **mixed)
        for digest, top1 in ((OURS, 4.0), (BASE, 2.0), (THEIRS, 9.0))
    )
    # Beside the originals they change nothing of what the card says first.
    first, second = tell(
        [*scores(OURS, 5.0), ours, theirs, base, replace(ours, layer=7)]
    ).scores.parts
    assert (first.input, second.input) == ("original", "latin -> original")
    assert mean(first.own) == 5.0
    assert [(r.model, r.scores["top1"]) for r in second.beside().records] == [
        *(("base", 2.0), ("this model", 4.0))
    ]


def test_another_seed_counts_after_its_record_was_compared():
    # Eval records name a seed of their own; that of the training counts.
    records = [*scores(OURS, 4.0), *scores(SECOND, 6.0), task("run", model_digest=OURS)]
    second = Weights("two", SECOND, train(seed=43, base="/elsewhere/base"))
    story = tell(records, Weights("run", OURS, train(base="/here/base")), other_seeds=[second])
    retrieval, tasks = story.scores.parts
    assert (mean(retrieval.own), list(retrieval.seeds)) == (4.0, [43])
    assert mean(retrieval.seeds[43]) == 6.0 and tasks.seeds == {}
    assert story.scores.left_out == (
        "seed 43 of the training on sib200@sha256:1, original: not scored under these conditions",
    )
    assert with_range({42: 4.0, 43: 6.0}) == "5.0 (4.0 to 6.0)"
    again = Weights("three", THEIRS, train(seed=43))
    with pytest.raises(PublishError, match="two and three have the same seed; leave one out"):
        tell(records, other_seeds=[second, again])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seed": 42}, "nothing but the weights, both have seed 42"),
        ({"seed": 43, "steps": 21}, "what differs is steps"),
        ({"seed": 43, "alignment": {"objectives": ["mlm"]}}, "what differs is alignment"),
        ({"seed": 43, "arguments": {"learning_rate": 1e-5}}, "what differs is arguments"),
    ],
)
def test_another_training_is_no_seed(changes, expected):
    records = [*scores(OURS, 4.0), *scores(SECOND, 6.0)]
    with pytest.raises(PublishError, match=expected):
        tell(records, other_seeds=[Weights("two", SECOND, train(**changes))])
    with pytest.raises(PublishError, match=r"no train_record\.json"):
        tell(records, other_seeds=[Weights("two", SECOND, None)])
    with pytest.raises(PublishError, match="no score among the records is of two"):
        tell(scores(OURS, 4.0), other_seeds=[Weights("two", SECOND, train(seed=43))])


def test_a_licence_is_stated_or_known_of_base_and_data():
    data = {"name": "pairs", "config": "sea", "digest": "0" * 64, "rows": 16}
    weights = Weights("run", OURS, train(data=data))
    build = BuildRecord.from_dict(build_fields())
    story = tell([build], weights, stated=None)
    assert (story.base_licence, story.data_licence) == (UNKNOWN, UNICODE)
    assert story.languages == ("amh_Ethi",)
    with pytest.raises(PublishError, match=r"of base is unknown.*unicode-3\.0"):
        story.require_licence()
    known = replace(story, licence=stated("apache-2.0"))
    known.require_licence()
    assert tell([build], weights).licence == MIT
    other = stated("other", "Our own", "https://example.org/licence")
    assert (other.settled, str(other)) == (True, "Our own (https://example.org/licence)")
    for words in (("other",), ("other", "Our own"), ("unknown",), ("no-such",)):
        with pytest.raises(PublishError, match="license: came"):
            stated(*words)


def test_folders_of_this_machine_stay_untold():
    record = train(base="/home/ada/secret/base", data={**train_fields()["data"], "name": "/x/y"})
    story = tell([], Weights("run", OURS, record))
    assert (story.train.base, story.train.data.name) == ("base", "y")
