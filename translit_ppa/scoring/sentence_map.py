"""Map sentences of several languages before and after alignment.

    python eval.py map --model BASE OURS --benchmark parallel:DIR --group mediterranean --out DIR

Out: `map.json`, the coordinates of each sentence for each model, and `map.png`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from translit_ppa.data_builders import get_benchmark, load_group
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.sentences.sampling import evenly
from translit_ppa.errors import user_errors_exit_2
from translit_ppa.hub_cards import write_record
from translit_ppa.hub_cards.figures.sentence_map import sentence_map
from translit_ppa.hub_cards.records.environment import libraries, now, package_version
from translit_ppa.hub_cards.records.map_record import MappedModel, MapRecord
from translit_ppa.identity import LIBRARIES
from translit_ppa.modeling import SentenceEncoder
from translit_ppa.modeling.embedding.sentence_map import map_sentences
from translit_ppa.scoring.store import Model, open_models


@user_errors_exit_2
def main(argv: Sequence[str] | None = None) -> int:
    """Draw one map; see the module's text for the command line."""
    args = _parser().parse_args(argv)
    group = load_group(args.group, args.languages)
    benchmark = get_benchmark(args.benchmark)
    benchmark.check_split(args.split)
    codes = list(dict.fromkeys(map(benchmark.own_code, group.scored_codes)))
    texts = {code: evenly(list(benchmark.texts(code, args.split)), args.count) for code in codes}
    texts = {code: sentences for code, sentences in texts.items() if sentences}
    if len(texts) < 2:
        raise DataError(f"{args.benchmark} covers no two languages of {group.name}.")
    record = MapRecord(
        kind="map",
        version=package_version(),
        created=now(),
        benchmark=benchmark.signature(),
        split=args.split,
        n=max(map(len, texts.values())),
        models=[_mapped(model, texts, args) for model in open_models(args.model, args.revision)],
        libraries=libraries((*LIBRARIES, "scikit-learn")),
    )
    write_record(args.out / "map.json", record)
    print(f"wrote {args.out / 'map.json'} and {sentence_map(record, args.out / 'map.png')}")
    return 0


def _mapped(model: Model, texts: dict[str, list[str]], args: argparse.Namespace) -> MappedModel:
    encoder = SentenceEncoder.from_pretrained(model.name, revision=args.revision)
    found = map_sentences({code: encoder.encode(sentences) for code, sentences in texts.items()})
    return MappedModel(
        model=model.name,
        model_digest=model.digest,
        layer=encoder.layer,
        pooling=encoder.pooling,
        explained=[round(share, 2) for share in found.explained],
        same_language=round(found.same_language, 2),
        points={
            code: [[round(float(x), 4), round(float(y), 4)] for x, y in rows]
            for code, rows in found.points.items()
        },
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eval.py map",
        description="Sentences of several languages as points in the plane (the first two "
        "principal components of their embeddings), one panel per model.",
    )
    add = parser.add_argument
    add("--model", nargs="+", required=True, help="Hub ids or folders, before and after")
    add("--revision", help="commit, tag or branch on the Hub, for every model")
    add("--benchmark", required=True, help="cldr, srb:DIR, tatoeba:DIR, parallel:DIR")
    add("--group", required=True, help="mediterranean, sea, or a group's TSV")
    add("--languages", nargs="+", metavar="CODE", help="only these languages of the group")
    add("--split", default="test", help="split of the benchmark (default: test)")
    add("--count", type=int, default=60, help="sentences of each language (default: 60)")
    add("--out", type=Path, required=True, help="folder for map.json and map.png")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
