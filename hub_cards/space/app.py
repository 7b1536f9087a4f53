"""Retrieval across scripts, before and after alignment: a Gradio app of its own.

The models are `base` and `aligned` of `space.json`, or BASE_MODEL and ALIGNED_MODEL: names on the
Hub, or folders. Every TSV in `corpora/` can be searched, and one that a visitor brings along.
Nothing is fetched from another host than the Hub, and by the browser from none at all.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

# Read when gradio is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

from comparison import BEST, EACH, EXAMPLES, HERE, MAX_CHARACTERS, Comparison
from corpus import MAX_SENTENCES, Corpus, CorpusError, read_tsv
from page import notice

OWN = "your own file"
INTRO = """# Sentences that mean the same, in any script

Type a name or a sentence, in its own script or in Latin letters as you would type it on a phone:
Greeklish, Arabizi, romanised Amharic. Both models look for the nearest ones in all languages: on
one side the base, on the other the same model after post-training on romanised text
([arXiv 2406.19759](https://arxiv.org/abs/2406.19759))."""
FORMAT = f"""A parallel TSV in UTF-8: the first line holds one language code per column (`ell_Grek`,
`el`, …), each further line the same sentence in these languages; cells are separated by tabs, and
may be empty. At most {MAX_SENTENCES:,} sentences; the file is deleted within two hours."""


def build(demo: Comparison) -> gr.Blocks:
    """Lay out the page."""
    first = next(iter(demo.corpora))
    with gr.Blocks(
        title="Retrieval across scripts",
        fill_width=True,
        analytics_enabled=False,
        # Looks every half hour for uploads of more than an hour ago.
        delete_cache=(1800, 3600),
    ) as page:
        corpus = gr.State(demo.corpora[first])
        gr.Markdown(INTRO)
        with gr.Row(elem_id="ask"):
            query = gr.Textbox(
                label="Sentence",
                placeholder="Any language, any script",
                max_length=MAX_CHARACTERS,
                scale=5,
                min_width=260,
                elem_id="query",
                html_attributes=gr.InputHTMLAttributes(
                    autocomplete="off", spellcheck=False, enterkeyhint="search"
                ),
            )
            go = gr.Button("Search", variant="primary", scale=1, min_width=120, elem_id="search")
        with gr.Row(elem_id="examples"):
            tries = [
                gr.Button(text, size="sm", min_width=80, visible=bool(text))
                for text in (demo.examples(demo.corpora[first]) + [""] * EXAMPLES)[:EXAMPLES]
            ]
        with gr.Row(elem_id="options"):
            choice = gr.Dropdown(
                [*demo.corpora, OWN],
                value=first,
                label="Corpus",
                filterable=False,
                min_width=260,
                elem_id="corpus",
            )
            show = gr.Radio([EACH, BEST], value=EACH, label="Show", min_width=260, elem_id="show")
        with gr.Column(visible=False, elem_id="own") as own:
            file = gr.File(label="Parallel TSV", file_types=[".tsv", ".txt"], height=140)
            gr.Markdown(FORMAT)
        indexed = gr.HTML(demo.indexed(demo.corpora[first]), elem_id="indexed")
        note = gr.HTML(elem_id="note")
        hits = gr.HTML(elem_id="hits")
        maps = gr.HTML(demo.maps(demo.corpora[first]), elem_id="maps")
        if (scores := HERE / "scores.md").is_file():
            gr.Markdown(scores.read_text("utf-8"), elem_id="scores")
        gr.Markdown(demo.about(), elem_id="about")

        def change(name: str, path: str | None, before: Corpus) -> list[Any]:
            """Take a corpus; one that cannot be read leaves the one before."""
            taken, message = before, notice([])
            try:
                if name != OWN:
                    taken = demo.corpora[name]
                elif path is None:
                    message = notice(["Choose a file; until then the corpus stays as it was."])
                else:
                    taken = read_tsv(Path(path), Path(path).name)
                    counts = f"{len(taken.sentences):,} sentences, {len(taken.languages)} languages"
                    message = notice([f"Read {taken.name}: {counts}."])
            except CorpusError as error:
                message = notice([f"{Path(path or '').name}: {error}"], "error")
            texts = demo.examples(taken)
            texts += [""] * (EXAMPLES - len(texts))
            updates = [gr.update(value=text, visible=bool(text)) for text in texts]
            return [
                taken,
                gr.update(visible=name == OWN),
                demo.indexed(taken),
                message,
                "",
                demo.maps(taken),
                *updates,
            ]

        asked: dict[str, Any] = {
            "fn": demo.search,
            "inputs": [query, show, corpus],
            "outputs": [note, hits, maps],
            "concurrency_id": "models",
        }
        query.submit(**asked, api_name="search")
        go.click(**asked, api_name=False)
        show.input(**asked, api_name=False)
        for button in tries:
            button.click(lambda text: text, button, query, api_name=False).then(
                **asked, api_name=False
            )
        for event in (choice.input, file.upload, file.clear):
            event(
                change,
                [choice, file, corpus],
                [corpus, own, indexed, note, hits, maps, *tries],
                api_name=False,
                concurrency_id="models",
            )
    return page


def settings() -> dict[str, Any]:
    """Read `space.json`; the environment comes first.

    Raises:
        ValueError: If a model is not named.
    """
    file = HERE / "space.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    for key, variable in (("base", "BASE_MODEL"), ("aligned", "ALIGNED_MODEL")):
        if os.environ.get(variable):
            found[key] = os.environ[variable]
            found.pop(f"{key}_revision", None)
        if not found.get(key):
            raise ValueError(f"no model: set {variable}, or `{key}` in space.json")
        if found[key].startswith(("/", ".")) and not Path(found[key]).is_dir():
            raise ValueError(f"{key}: there is no folder {found[key]}")
    return found


def main() -> int:
    """Start the server; a mistake in the settings is one line and exit status 2."""
    try:
        demo = Comparison(settings())
    except (OSError, ValueError) as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    # Names alone are fonts of the visitor's system; gradio would bring fonts of its own.
    fonts = ("system-ui", "Noto Sans", "sans-serif")
    build(demo).queue(max_size=64).launch(
        theme=gr.themes.Base(
            primary_hue="teal", neutral_hue="slate", font=fonts, font_mono=("ui-monospace",)
        ),
        css_paths=HERE / "style.css",
        # Gradio writes dir="ltr" on a text field, whatever is typed.
        js="() => document.querySelectorAll('#query textarea').forEach(e => { e.dir = 'auto' })",
        footer_links=[],
        ssr_mode=False,
        max_file_size="4mb",
        state_session_capacity=200,
        share=False,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
