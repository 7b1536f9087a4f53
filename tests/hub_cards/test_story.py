"""Which numbers a card may show as a model's own: those of its weights, by digest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub_examples import build_fields, score, train_fields
from translit_ppa.hub_cards.cards.model_story import Weights, tell_story
from translit_ppa.hub_cards.cards.score_tables import with_range
from translit_ppa.hub_cards.hub.licences import UNICODE, UNKNOWN, Licence, stated
from translit_ppa.hub_cards.hub.stage import PublishError
from translit_ppa.hub_cards.records.files import BuildRecord, RecordError, TrainRecord
from translit_ppa.hub_cards.scores.directions import of_direction
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


def tell(records, weights=None, **options):
    weights = weights or Weights("run", OURS, train())
    return tell_story(weights, records, 8, "attended", **{"stated": MIT, "ask": False} | options)


def test_a_name_is_no_identity():
    story = tell([*scores(THEIRS, 9.0), *scores(OURS, 4.0), *scores(SECOND, 8.0)])
    assert {record.model_digest for record in story.results.records} == {OURS}
    assert mean(story.results) == 4.0 and story.all_seeds is None


def test_the_same_weights_under_two_names_count_once():
    story = tell([*scores(OURS, 4.0), *scores(OURS, 4.0, "a copy")])
    assert len(story.results.records) == 2


def test_two_records_of_one_content_that_disagree():
    with pytest.raises(RecordError, match=r"two records of sha256:a+ disagree"):
        tell([*scores(OURS, 4.0), *scores(OURS, 5.0)])


def test_unknown_weights_have_no_scores():
    assert scores_of(scores("unknown", 4.0), "unknown") is None


@pytest.mark.parametrize(
    "changes", [{"layer": 7}, {"pooling": "content"}, {"input": "latin", "transliterator": "u"}]
)
def test_only_scores_of_the_layer_and_script_that_the_card_names(changes):
    both = [*scores(OURS, 4.0), *scores(OURS, 6.0, **changes)]
    assert mean(tell(both).results) == 4.0
    with pytest.raises(PublishError, match=r"no score among the records is of run|^$"):
        tell([*scores(OURS, 6.0, **changes), *scores(THEIRS, 4.0)])


def test_the_base_stands_beside_it_only_with_all_directions_and_equal_conditions():
    ours = scores(OURS, 4.0)
    assert mean(tell([*ours, *scores(BASE, 2.0)]).base_results) == 2.0
    assert tell([*ours, *scores(BASE, 2.0)[:1]]).base_results is None
    assert tell([*ours, *scores(BASE, 2.0, split="validation")]).base_results is None
    assert tell(ours, Weights("run", OURS, None)).base_results is None


def test_directions_are_those_of_the_weights_and_of_their_base():
    mixed = {"input": "latin", "target_input": "original", "transliterator": "uroman"}
    ours, base, theirs = (
        score("run", "amh_Ethi", "eng_Latn", top1, model_digest=digest, **mixed)
        for digest, top1 in ((OURS, 4.0), (BASE, 2.0), (THEIRS, 9.0))
    )
    # Beside the originals they change nothing of what the card says first.
    records = [*scores(OURS, 5.0), ours, theirs, base, replace(ours, layer=7)]
    story = tell(records)
    assert mean(story.results) == 5.0
    (part,) = story.directions
    assert [(r.model, r.scores["top1"]) for r in of_direction(part, "english").records] == [
        *(("base", 2.0), ("this model", 4.0))
    ]
    assert tell(scores(OURS, 4.0)).directions == ()


def test_another_seed_counts_after_its_record_was_compared():
    # Eval records name a seed of their own; that of the training counts.
    records = [*scores(OURS, 4.0), *scores(SECOND, 6.0)]
    second = Weights("two", SECOND, train(seed=43, base="/elsewhere/base"))
    story = tell(records, Weights("run", OURS, train(base="/here/base")), other_seeds=[second])
    spread = story.all_seeds.mean(None, metric="top1")
    assert (spread.value, spread.by_seed, spread.seeds) == (5.0, {42: 4.0, 43: 6.0}, 2)
    assert with_range(spread) == "5.0 (4.0 to 6.0)"
    assert mean(story.results) == 4.0


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
