"""Two models on the same question: what the page shows, as HTML."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import uroman

from corpus import Corpus, Sentence, fold, read_tsv
from encoder import Embedding, Encoder
from nearest import Index
from page import Languages, hit_list, notice, query_line
from scatter import legend, scatter

HERE = Path(__file__).resolve().parent
BEST, EACH = "nearest of all", "nearest of each language"
COUNT, EXAMPLES, MAX_CHARACTERS = 10, 6, 2_000


class Comparison:
    """Two models, the corpora, the romaniser: everything behind the page."""

    def __init__(self, settings: dict[str, Any]) -> None:
        """Load everything.

        Raises:
            OSError: If a model cannot be opened.
            ValueError: If the models do not fit each other, or there is no corpus.
        """
        self.settings = settings
        name, revision = settings["aligned"], settings.get("aligned_revision")
        self.embedding = Embedding.of(name, revision)
        base = Encoder(settings["base"], self.embedding, settings.get("base_revision"))
        self.models = {"before": base, "after": Encoder(name, self.embedding, revision)}
        self.languages = Languages(settings.get("languages", {}))
        files = sorted((HERE / "corpora").glob("*.tsv"))
        corpora = {path.stem: read_tsv(path, path.stem.replace("_", " ")) for path in files}
        self.corpora = {corpus.name: corpus for corpus in corpora.values()}
        # What came with a corpus: where it is from, and what to try in it.
        given = settings.get("corpora", {})
        self._sources = {c.name: given.get(stem, {}).get("source") for stem, c in corpora.items()}
        self._tries = {c.name: given.get(stem, {}).get("examples") for stem, c in corpora.items()}
        self._spelled = {
            fold(corpus.in_letters(example["text"])[0]): corpus.in_letters(example["of"])[0]
            for corpus in self.corpora.values()
            for example in self._tries[corpus.name] or ()
        }
        if not self.corpora:
            raise ValueError(f"no corpus: there is no *.tsv in {HERE / 'corpora'}")
        self._uroman = uroman.Uroman()
        # Visitors share what was embedded; the corpus itself is the key.
        self.indexes = functools.lru_cache(maxsize=4)(self._indexes)
        self.romanise = functools.lru_cache(maxsize=1 << 14)(self._romanise)
        self._spellings = functools.lru_cache(maxsize=4)(self._spellings_of)

    def _romanise(self, text: str, code: str | None) -> str:
        """Romanise; uroman's rules of a language go by ISO 639-3."""
        language = (code or "").replace("-", "_").partition("_")[0]
        romanised = functools.partial(self._uroman.romanize_string, lcode=language or None)
        try:
            return str(romanised(text))
        except Exception:
            # The package fails on a fraction that lacks a number: its characters, one by one.
            return "".join(str(romanised(letter)) for letter in text)

    def _indexes(self, corpus: Corpus) -> dict[str, Index]:
        texts = [sentence.text for sentence in corpus.sentences]
        # Romanised here, so that the first visitor who searches does not wait for it.
        self._spellings(corpus)
        return {key: Index.of(corpus, model.encode(texts)) for key, model in self.models.items()}

    def examples(self, corpus: Corpus) -> list[str]:
        """Choose what to try: as the corpus says, else one sentence of each script, Latin last."""
        if own := self._tries.get(corpus.name):
            return [example["text"] for example in own][:EXAMPLES]
        order = sorted(corpus.scripts, key=lambda script: script == "Latin")
        by_script: dict[str, list[Sentence]] = {script: [] for script in order}
        widths: dict[int, int] = {}
        for sentence in corpus.sentences:
            widths[sentence.row] = widths.get(sentence.row, 0) + 1
            by_script[sentence.script].append(sentence)
        chosen: list[str] = []
        for place, sentences in enumerate(list(by_script.values())[:EXAMPLES], 1):
            full = max(widths[sentence.row] for sentence in sentences)
            # Rows that every language has, from different parts of the corpus.
            best = [s.text for s in sentences if widths[s.row] == full and len(s.text) < 40]
            best = best or [s.text for s in sentences]
            chosen.append(best[place * len(best) // (EXAMPLES + 1)])
        return chosen

    def search(self, query: str, show: str, corpus: Corpus) -> tuple[str, str, str]:
        """Answer a query.

        Returns:
            HTML of notices, hits and maps.
        """
        text = " ".join(query.split())
        if not text:
            return notice(["Type a name or a sentence first."]), "", self.maps(corpus)
        notes = []
        if len(text) > MAX_CHARACTERS:
            notes.append(f"Only the first {MAX_CHARACTERS:,} characters were read.")
            text = text[:MAX_CHARACTERS]
        text, steps = corpus.in_letters(text)
        if steps:
            notes.append(
                f"Typed in other forms of its letters ({', '.join(steps)}); it is read and "
                "searched as it stands below."
            )
        notes += self._readable(text)
        if len(corpus.languages) == 1:
            notes.append(
                f"This corpus has one language only ({corpus.languages[0]}): nothing can be found "
                "across languages."
            )
        same = self.meanings(text, corpus)
        indexes = self.indexes(corpus)
        lists, maps = [], []
        for title, model in self.models.items():
            vector = model.encode([text])[0]
            hits = indexes[title].search(vector, text, COUNT, show == EACH)
            lists.append(
                hit_list(title, short(model.name), hits, same, self.languages, self.romanise)
            )
            joined = [i for i, s in enumerate(corpus.sentences) if s.row in same]
            maps.append(scatter(title, indexes[title], self.languages, vector, hits, joined))
        found = query_line(text, self.romanise(text, None))
        return (
            notice(notes),
            f'{found}<div class="pair">{"".join(lists)}</div>',
            self._map(corpus, maps),
        )

    def meanings(self, text: str, corpus: Corpus) -> set[int]:
        """Find the rows that a query stands for: as it is, as it romanises, or as an example."""
        spelled = corpus.rows_with(self._spelled.get(fold(text), text))
        return spelled | self._spellings(corpus).get(fold(text), set())

    def _spellings_of(self, corpus: Corpus) -> dict[str, set[int]]:
        rows: dict[str, set[int]] = {}
        for sentence in corpus.sentences:
            latin = self.romanise(sentence.text, sentence.language)
            rows.setdefault(fold(latin), set()).add(sentence.row)
        return rows

    def indexed(self, corpus: Corpus) -> str:
        """Say what is searched."""
        names = ", ".join(self.languages.name(code) for code in corpus.languages)
        rows = len({sentence.row for sentence in corpus.sentences})
        counts = f"{len(corpus.sentences):,} sentences in {rows:,} rows"
        told = f"Searched: {corpus.name}, {counts}; {names}."
        if corpus.folded:
            steps = ", ".join(f"{step} {count:,}" for step, count in corpus.folded)
            told += f" Other forms of letters, folded: {steps}."
        if source := self._sources.get(corpus.name):
            told += f" Source: {source}."
        return f'<p class="indexed">{escape(told)}</p>'

    def _readable(self, text: str) -> Iterator[str]:
        """Say what the models cannot read of a query."""
        for title, model in self.models.items():
            count, unknown, limit = model.tokens(text)
            if unknown:
                yield (
                    f"The model {title} alignment does not know {unknown} of the {count} pieces of "
                    "this text: its script may be new to it."
                )
            if count > limit:
                yield f"The model {title} alignment reads {limit} of the {count} pieces."

    def maps(self, corpus: Corpus) -> str:
        """Draw the maps without a query."""
        indexes = self.indexes(corpus)
        return self._map(corpus, [scatter(t, indexes[t], self.languages) for t in self.models])

    def _map(self, corpus: Corpus, maps: list[str]) -> str:
        return (
            '<section class="map"><h2>Map of the sentences</h2>'
            f"{legend(corpus.scripts)}"
            f'<div class="pair">{"".join(maps)}</div>'
            "<p>The first two principal components (PCA) of each model's embeddings, each axis "
            "stretched to fill its picture; how much of the variance such a plane holds stands "
            "below it. Of a large corpus some rows are drawn. The star is your text, rings are its "
            "nearest sentences, lines lead to those that mean the same.</p></section>"
        )

    def about(self) -> str:
        """Say what is compared."""
        layer, pooling = self.embedding
        of = self.models["after"].layers
        words = {
            "attended": "mean over all tokens",
            "content": "mean over all tokens but the special ones",
            "cls": "the first token",
        }[pooling]
        return (
            f"Before: `{public(self.settings['base'])}`. After: "
            f"`{public(self.settings['aligned'])}`. Both embed "
            f"at layer {layer} of {of}, {words}. Scores are cosines; those of two models "
            "cannot be compared, the order of the sentences can. Texts that read exactly as the "
            "query are left out. Romanisation: uroman."
        )


def short(name: str) -> str:
    """Shorten a name on the Hub or a folder to its last part."""
    return name.rstrip("/").rpartition("/")[2]


def public(name: str) -> str:
    """Give a name on the Hub as it is, of a folder its last part."""
    return short(name) if Path(name).is_dir() else name
