"""Every kind of file that we read, and a command that reads it."""

from __future__ import annotations

from dataclasses import dataclass

from soak.world import BUILD, CHOICE, EVAL, LICENCE, SIB, TRAIN

OUT = "out"


@dataclass(frozen=True)
class Target:
    """A file and what reads it.

    Attributes:
        file: Where it lies in the world; may be a pattern with one hit.
        form: What it is made of, one of `mutations.FORMS`.
        words: The command.
        parts: What of the world the command needs beside the file's own part.
        out: What it writes.
        same: Files of the result, as a pattern, that must be as from the undamaged file: what is
            damaged decides nothing, or is guarded by a digest. None: other files, other results.
        without: Taken away beforehand.
    """

    file: str
    form: str
    words: tuple[str, ...]
    parts: tuple[str, ...] = ()
    out: str = OUT
    same: str | None = None
    without: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name it in a case: what is damaged, as what, and for which command."""
        return f"{self.file} as {self.form}: {' '.join(self.words[:2])}"

    def places(self) -> set[str]:
        """Name what is copied."""
        top = self.file.split("/")
        return {top[0] if top[0] != "bench" else "/".join(top[:2]), *self.parts}


def _build(*more: str, source: str = "files:text") -> tuple[str, ...]:
    words = ["build", *BUILD, "--out", OUT, "--quiet", "--source", source]
    return (*words, "--languages", "ell_Grek", *more)


_CHECK = ("check", "--transliterator", "identity")
_AGAIN = ("build", *BUILD, "--out", "built", "--quiet")
_REBUILD = ("rebuild", "recipe", "mediterranean", "--source", "files:text", "--out", OUT, "--quiet")
_WORK = "built/.work/mediterranean"
_TAKEN = ("--dry-run", "--stage", OUT, *LICENCE)
_MODEL = {
    "config.json": "json",
    "tokenizer.json": "json",
    "tokenizer_config.json": "json",
    "model.safetensors": "safetensors",
}
_SPACE = ("publish", "space", "org/x", "--dry-run", "--stage", OUT, "--base", "base")
_MAP = ("map", *EVAL, "--out", OUT, "--count", "5", "--model")
_RESUME = ("train", *TRAIN, "--resume-from-checkpoint", "last")
_WHOLE_RUN = ("run/train_record.json", "run/config.json", "run/model.safetensors")
_WHOLE_RUN += ("run/tokenizer.json", "run/tokenizer_config.json", "run/checkpoint-4")


def _benchmark(name: str, folder: str, file: str, form: str = "table") -> Target:
    words = _build("--exclude-benchmark", f"{name}:bench/{folder}")
    return Target(f"bench/{folder}/{file}", form, words, ("text",))


def _model(words: tuple[str, ...], parts: tuple[str, ...], folder: str) -> list[Target]:
    return [Target(f"{folder}/{f}", form, words, parts) for f, form in _MODEL.items()]


TARGETS: dict[str, tuple[Target, ...]] = {
    "text": (
        Target("text/ell_Grek.txt", "text", (*_CHECK, "text/ell_Grek.txt")),
        Target("text/ell_Grek.txt", "text", _build()),
        Target("rows/ell_Grek.tsv", "table", (*_CHECK, "rows/ell_Grek.tsv")),
        Target("rows/ell_Grek.tsv", "table", _build("--text-column", "1", source="files:rows")),
        Target("ready/ell_Grek.csv", "table", _build(source="files:ready")),
        Target("ready/ell_Grek.csv", "table", (*_CHECK, "ready/ell_Grek.csv")),
        Target(
            "ids.txt", "table", _build("--exclude-ids", "ids.txt", source="files:rows"), ("rows",)
        ),
    ),
    "packed text": (
        Target("packed/ell_Grek.txt.gz", "gzip", (*_CHECK, "packed/ell_Grek.txt.gz")),
        Target("packed/ell_Grek.txt.gz", "gzip", _build(source="files:packed")),
    ),
    "Parquet of text": (
        Target("columns/ell_Grek.parquet", "parquet", (*_CHECK, "columns/ell_Grek.parquet")),
        Target("columns/ell_Grek.parquet", "parquet", _build(source="files:columns")),
    ),
    "group TSV": (
        Target("mine.tsv", "table", _build("--group", "mine.tsv"), ("text",)),
        Target(
            "mine.tsv",
            "table",
            ("recommend-source", "--target", "heb_Hebr", "--group", "mine.tsv", *CHOICE[3:]),
            ("text",),
        ),
    ),
    "benchmark files": (
        _benchmark("parallel", "parallel", "ell_Grek.tsv"),
        _benchmark("srb", "srb", "ell_Grek.tsv"),
        _benchmark("tatoeba", "tatoeba", "tatoeba.ell-eng.ell", "text"),
        _benchmark("sib200", "sib200", "ell_Grek/test.tsv"),
        _benchmark("taxi1500", "taxi1500", "ell_Grek/test.tsv"),
        _benchmark("taxi1500", "joined", "labels/test.tsv"),
        _benchmark("taxi1500", "joined", "bible/ell_Grek.tsv"),
        _benchmark("ner", "ner", "ell_Grek/test.iob2"),
        _benchmark("pos", "pos", "ell_Grek/test.conllu"),
        _benchmark("pos", "pos", "ell_Grek/test.conllu"),
    ),
    "state of builds": (
        Target(f"{_WORK}/ell_Grek-*/done.json", "json", _AGAIN, ("text",), "built", "*"),
        Target(
            f"{_WORK}/heb_Hebr-*/pairs-000001.parquet", "bytes", _AGAIN, ("text",), "built", "*"
        ),
        Target(
            f"{_WORK}/heb_Hebr-*/pairs-000001.parquet", "parquet", _AGAIN, ("text",), "built", "*"
        ),
        Target(f"{_WORK}/dataset_info.json", "json", _AGAIN, ("text",), "built", "*"),
        Target("built/mediterranean/build_record.json", "json", _AGAIN, ("text",), "built", "*"),
        Target("built/README.md", "card", _AGAIN, ("text",), "built", "*.parquet"),
    ),
    "recipes": (
        Target(
            "recipe/mediterranean/build_record.json", "json", _REBUILD, ("text",), OUT, "*.parquet"
        ),
        Target(
            "recipe/mediterranean/build_record.json", "json", _REBUILD, ("text",), OUT, "*.parquet"
        ),
        Target(
            "recipe/mediterranean/recipe-train-00000-of-00001.parquet",
            "parquet",
            _REBUILD,
            ("text",),
            OUT,
            "*.parquet",
        ),
        Target("recipe/README.md", "card", _REBUILD, ("text",), OUT, "*.parquet"),
        Target("text/heb_Hebr.txt", "text", _REBUILD, ("recipe",), OUT, "*.parquet"),
    ),
    "pairs": tuple(
        Target(f"pairs/{file}", form, words, parts)
        for words, parts in (
            (("vocabulary", "--model", "base", "--pairs", "pairs", "--out", OUT), ("base",)),
            (("publish", "dataset", "pairs", "org/x", *_TAKEN), ()),
        )
        for file, form in (
            ("README.md", "card"),
            ("mediterranean/build_record.json", "json"),
            ("mediterranean/translit-train-00000-of-00001.parquet", "parquet"),
        )
    ),
    "model files": (
        *_model((*_MAP, "base"), ("bench/parallel",), "base"),
        *_model(("vocabulary", "--model", "base", "--pairs", "pairs"), ("pairs",), "base"),
        *_model(("interpolate", "base", "run", "--alpha", "0.5", "--out", OUT), ("run",), "base"),
        *_model(("interpolate", "base", "run", "--alpha", "0.5", "--out", OUT), ("base",), "run"),
        *_model(("restore-vocabulary", "trimmed", "base", OUT), ("base",), "trimmed"),
        *_model(("publish", "card", "model", "run", "org/x", *LICENCE), (), "run"),
        *_model(("publish", "sentence-model", "run", "org/x-sentence", *_TAKEN), (), "run"),
        *_model((*_SPACE, "--aligned", "run"), ("base",), "run"),
        *_model(("eval", "--model", "base", *EVAL, "--out", OUT), ("bench/parallel",), "base"),
        *_model((*_MAP, "modern"), ("bench/parallel",), "modern"),
        *_model(
            ("extend-vocabulary", "modern", "pairs", OUT, "--count", "4"), ("pairs",), "modern"
        ),
    ),
    "pickled weights": (
        Target(
            "pickled/pytorch_model.bin", "bytes", ("publish", "convert", "pickled", "--out", OUT)
        ),
        Target("pickled/config.json", "json", ("publish", "convert", "pickled", "--out", OUT)),
    ),
    "records": (
        *(
            Target(f"{folder}/records/{file}", "jsonl", words, parts, out)
            for folder, file in (
                ("scores", "parallel-parallel.jsonl"),
                ("scores", "models.jsonl"),
                ("tasks", "sib200.jsonl"),
                ("tasks", "models.jsonl"),
            )
            for words, parts, out in (
                (("results", "--records", folder, "--out", f"{OUT}/page.md"), (), OUT),
                (
                    ("publish", "card", "model", "run", "org/x", *LICENCE, "--records", folder),
                    ("run",),
                    OUT,
                ),
            )
        ),
        *(
            Target(
                file, "json", ("publish", "card", "model", "run", "org/x", *LICENCE, *more), parts
            )
            for file, more, parts in (
                ("run/train_record.json", (), ()),
                ("vocabulary/vocabulary_record.json", ("--records", "vocabulary"), ("run",)),
                ("map/map.json", ("--records", "map"), ("run",)),
                ("choice/source_ranking_heb_Hebr.json", ("--records", "choice"), ("run",)),
                ("built/mediterranean/build_record.json", ("--records", "built"), ("run",)),
            )
        ),
    ),
    "records that a run adds to": (
        Target(
            "scores/records/parallel-parallel.jsonl",
            "jsonl",
            ("eval", "--model", "base", "run", *EVAL, "--out", "scores"),
            ("base", "run", "bench/parallel"),
            "scores",
        ),
        Target(
            "tasks/records/sib200.jsonl",
            "jsonl",
            ("eval", "--model", "run", *SIB, "--out", "tasks"),
            ("run", "bench/sib200"),
            "tasks",
        ),
    ),
    "model files of a training": tuple(
        _model(("train", *TRAIN, "--max-steps", "1", "--output-dir", OUT), ("pairs",), "base")
    ),
    "state of trainings": tuple(
        Target(
            f"run/checkpoint-2/{file}",
            form,
            _RESUME,
            ("base", "pairs"),
            "run",
            "run/*.safetensors",
            _WHOLE_RUN,
        )
        for file, form in (
            ("trainer_state.json", "json"),
            ("trainer_state.json", "json"),
            ("config.json", "json"),
            ("model.safetensors", "safetensors"),
            ("optimizer.pt", "bytes"),
            ("scheduler.pt", "bytes"),
            ("rng_state.pth", "bytes"),
            ("tokenizer.json", "json"),
        )
    ),
}
"""Row of the table -> its targets."""


def target_of(row: str, name: str) -> Target:
    """Find a target of a row by its name."""
    return next(target for target in TARGETS[row] if target.name == name)
