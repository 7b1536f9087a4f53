"""The published twin, unchanged, in the encoder interface of `mteb`, on names of the CLDR."""

from __future__ import annotations

import pytest

from publish_examples import build_folder

mteb = pytest.importorskip("mteb", reason="the extra test-mteb is not installed")

ROWS = 40


def bitext_task(tmp_path):
    """A bitext task of Greek and English names, read from a file of this machine."""
    from datasets import Dataset, DatasetDict
    from mteb.abstasks import AbsTaskBitextMining
    from mteb.abstasks.task_metadata import TaskMetadata

    from translit_ppa.data_builders import get_benchmark

    pair = get_benchmark("cldr").load_pair("ell_Grek", "eng_Latn", "test")

    class CldrNames(AbsTaskBitextMining):
        metadata = TaskMetadata(
            name="CldrNames",
            description="Names of the Unicode CLDR in Greek and English.",
            reference="https://cldr.unicode.org",
            dataset={"path": "local/cldr-names", "revision": "1"},
            type="BitextMining",
            category="t2t",
            modalities=["text"],
            eval_splits=["test"],
            eval_langs=["ell-Grek", "eng-Latn"],
            main_score="accuracy",
            date=("2025-01-01", "2025-12-31"),
            domains=["Written"],
            license="not specified",
            annotations_creators="expert-annotated",
            dialect=[],
            sample_creation="found",
            bibtex_citation="",
        )

        def load_data(self, **kwargs):
            columns = {"sentence1": pair.source[:ROWS], "sentence2": pair.target[:ROWS]}
            self.dataset = DatasetDict(test=Dataset.from_dict(columns))
            self.data_loaded = True

    return CldrNames(), pair


def test_mteb_scores_the_twin_as_we_do(trained, tmp_path):
    from sentence_transformers import SentenceTransformer

    from publish_examples import publish_command as main
    from translit_ppa.modeling.embedding.retrieval import gold_ranks, retrieval_accuracy

    twin = tmp_path / "twin"
    words = ["--license", "mit", "--records", str(build_folder(trained)), "--dry-run"]
    status = main(["sentence-model", str(trained), "org/m-sentence", *words, "--stage", str(twin)])
    assert status == 0
    task, pair = bitext_task(tmp_path)
    model = SentenceTransformer(str(twin), device="cpu")
    result = mteb.evaluate(model, task, cache=None, co2_tracker=False)
    (scores,) = result.task_results[0].scores["test"]
    source, target = (model.encode(side[:ROWS]) for side in (pair.source, pair.target))
    ours = retrieval_accuracy(gold_ranks(source, target))
    assert 0 < scores["accuracy"] == scores["main_score"]
    assert 100 * scores["accuracy"] == pytest.approx(ours["top1"])
