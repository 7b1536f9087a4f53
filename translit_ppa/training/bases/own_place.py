"""Where a training's embeddings come from: as asked, else the base's own way, else the paper's."""

from __future__ import annotations

from dataclasses import dataclass, replace

from translit_ppa.modeling import AlignmentError
from translit_ppa.modeling.aligned.modeling_families import alignment_config_of
from translit_ppa.modeling.checkpoints.place import label_of, own_way, read_way_for
from translit_ppa.modeling.checkpoints.sentence_way import MODULES, SentenceWay, resolve_prompt
from translit_ppa.modeling.training.arguments import ObjectiveArguments
from translit_ppa.training.teacher import anchored

TRAINED = "trained"


@dataclass(frozen=True)
class Place:
    """How the base makes embeddings, as far as the training keeps to it.

    Attributes:
        way: Of the base, if it is a sentence model: how text is read.
        own: The same, where layer and pooling are its own; then what is written is a sentence
            model again.
        prompt: What stands before every text.
    """

    way: SentenceWay | None = None
    own: SentenceWay | None = None
    prompt: str = ""

    @property
    def lower_case(self) -> bool:
        """Whether text is put in lower case first."""
        return self.way is not None and self.way.lower_case


def take_place(
    objectives: ObjectiveArguments, base: str, revision: str | None, told: bool
) -> Place:
    """Choose layer, pooling and prompt, and say which and why.

    Args:
        objectives: Of the run; layer and pooling are filled in.
        base: Hub id or folder.
        revision: Commit, tag or branch on the Hub.
        told: Say so.

    Raises:
        AlignmentError: The prompt is unknown, or the base has no place to keep one.
    """
    config = alignment_config_of(base, objectives.alignment(), revision=revision)
    layers = int(config.num_hidden_layers)
    way = read_way_for(base, revision, objectives.layer, objectives.pooling)
    prompt = resolve_prompt(objectives.prompt, way)
    if way is None:
        if prompt:
            raise AlignmentError(
                f"prompt is {prompt!r}, but {base} has no {MODULES} to keep it with. Legal: a "
                "prompt with a sentence-transformers model."
            )
        if anchored(objectives) and objectives.layer is None:
            objectives.layer = objectives.alignment().resolve_layer(layers)
            if told:
                print(
                    f"anchor: layer {objectives.layer} of {layers}; {base} has no {MODULES}; if it "
                    f"is a sentence encoder all the same, give --layer {layers}"
                )
        return Place()
    if objectives.layer is None:
        objectives.layer = way.resolve_layer(layers)
    objectives.pooling = objectives.pooling or way.pooling
    own = own_way(way, objectives.layer, objectives.pooling, config)
    if own is not None and objectives.layer < layers:
        own = None  # its files would say so in a way that only sentence-transformers reads
    if own is not None and prompt != resolve_prompt(None, way):
        known = [name for name, words in way.prompts.items() if words == prompt]
        name = known[0] if known else TRAINED
        prompts = {**way.prompts, name: prompt}
        settings = {**way.settings, "prompts": prompts, "default_prompt_name": name}
        own = replace(own, prompts=prompts, default_prompt=name, settings=settings)
    if told:
        label = label_of(own, objectives.pooling, prompt)
        rest = "" if own else "; not its own place, so that its modules are left out"
        print(
            f"embeddings: layer {objectives.layer} of {layers}, {label}; {base} is a sentence "
            f"encoder ({MODULES}){rest}"
        )
    return Place(way, own, prompt)
