"""What a training writes: a plain checkpoint and its record; and where a stopped run goes on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import torch
from torch.distributed.tensor import DTensor
from transformers import PreTrainedTokenizerBase

from translit_ppa.hub_cards import TrainRecord, write_record
from translit_ppa.hub_cards.records.environment import libraries, machine, now, package_version
from translit_ppa.identity import LIBRARIES, model_digest
from translit_ppa.modeling import FAMILIES, AlignmentError
from translit_ppa.modeling.checkpoints.saving import save_checkpoint as write_checkpoint
from translit_ppa.modeling.checkpoints.sentence_files import write_sentence_files
from translit_ppa.modeling.checkpoints.sentence_way import SentenceWay
from translit_ppa.modeling.checkpoints.tokenizer_check import carry_sentencepiece
from translit_ppa.modeling.embedding.encoder import max_tokens
from translit_ppa.modeling.json_file import read_object
from translit_ppa.modeling.training.anchored.teacher_vectors import FACTS, TeacherVectors
from translit_ppa.modeling.training.arguments import InputArguments, ObjectiveArguments
from translit_ppa.modeling.training.resuming.whole_checkpoint import (
    last_whole_checkpoint,
    require_whole,
)
from translit_ppa.modeling.training.trainer import AlignmentTrainer
from translit_ppa.pairs import build_facts, config_name
from translit_ppa.training.inputs import PAIRS_NAME, named_pairs

RECORD_NAME = "train_record.json"


def checkpoint_to_resume(output: Path, asked: str | None) -> str | None:
    """Return the checkpoint to go on from; a folder in use is never silently overwritten."""
    last = last_whole_checkpoint(output)
    if asked in ("true", "True", "last"):
        if last is None:
            raise AlignmentError(
                f"{output} holds no checkpoint to resume from; leave the option out."
            )
        return last
    if asked:
        require_whole(Path(asked))
        return asked
    if last or (output / RECORD_NAME).is_file():
        raise AlignmentError(
            f"{output} already holds a run. Give another --output-dir, delete it, or add "
            "--resume-from-checkpoint last."
        )
    return None


def train_record(
    trainer: AlignmentTrainer,
    inputs: InputArguments,
    objectives: ObjectiveArguments,
    base: str,
    rows: int,
    unk_rate: dict[str, float],
    seconds: float,
    teacher: TeacherVectors | None = None,
    base_weights: dict[str, Any] | None = None,
) -> TrainRecord:
    """Say what was trained on what, how, and with which course; every fact comes from the run."""
    state, args = trainer.state, trainer.args
    config: Any = trainer.accelerator.unwrap_model(trainer.model).config
    names = inputs.pairs or [str(Path(str(args.output_dir)) / PAIRS_NAME)]
    parts = [
        (name, config_name(config), build_facts(name, config, inputs.pairs_revision))
        for name, config in named_pairs(names, inputs.group)
    ]
    built = parts[0][2] if len(parts) == 1 else {}
    romanisers = dict.fromkeys(b["transliterator"] for *_, b in parts if b.get("transliterator"))
    history = [
        {name: value for name, value in entry.items() if isinstance(value, int | float)}
        for entry in state.log_history
    ]
    best = None
    if state.best_metric is not None and state.best_global_step is not None:
        metric = str(args.metric_for_best_model)
        best = {"step": state.best_global_step, "metric": metric, "value": state.best_metric}
    shown = (
        "learning_rate lr_scheduler_type warmup_steps weight_decay adam_beta1 adam_beta2 "
        "adam_epsilon max_grad_norm per_device_train_batch_size gradient_accumulation_steps "
        "num_train_epochs max_steps bf16 fp16 optim torch_compile tokens_per_batch "
        "gradient_checkpointing language_batches"
    ).split()
    arguments = {name: getattr(args, name) for name in shown}
    arguments = {n: getattr(v, "value", v) for n, v in arguments.items()}
    arguments |= {
        "world_size": args.world_size,
        "recipe": inputs.recipe,
        "trim_vocabulary": inputs.trim_vocabulary,
        "vocab_size": config.vocab_size,
        "freeze_embeddings": objectives.freeze_embeddings,
        **({"prompt": objectives.prompt} if objectives.prompt is not None else {}),
        "lora_rank": objectives.lora_rank,
    }
    if teacher is not None:
        arguments |= {
            "anchor_bank": objectives.anchor_bank,
            "anchor_originals": objectives.anchor_originals,
            "teacher": read_object(teacher.folder / FACTS),
        }
    if len(parts) > 1:
        arguments["pairs"] = [
            {
                "name": name,
                "config": config,
                "digest": facts.get("digest"),
                "transliterator": facts.get("transliterator"),
            }
            for name, config, facts in parts
        ]
    device = (
        torch.cuda.get_device_name() if torch.cuda.is_available() and not args.use_cpu else "cpu"
    )
    return TrainRecord.from_dict(
        {
            "kind": "train",
            "version": package_version(),
            "created": now(),
            "base": inputs.base or "stand-in trained from scratch",
            "base_revision": model_digest(base, inputs.base_revision),
            "data": {
                "name": " + ".join(inputs.pairs or [f"built from {inputs.source}"]),
                "config": " + ".join(dict.fromkeys(config for _, config, _ in parts)),
                "digest": built.get("digest"),
                "rows": rows,
            },
            "transliterator": " + ".join(romanisers) or None,
            "alignment": config.alignment,
            "arguments": arguments,
            "steps": state.global_step,
            "epochs": float(state.epoch or 0),
            "seconds": round(seconds, 1),
            "machine": {
                **machine(),
                "device": device,
                "threads": torch.get_num_threads(),
                "joules": trainer.energy.joules(),
                # Seconds and joules of a resumed run are those since then.
                "since_step": trainer.energy.since_step,
            },
            "libraries": libraries(LIBRARIES),
            "seed": args.seed,
            "unk_rate": unk_rate,
            "history": history,
            "best": best,
            "base_weights": base_weights,
        }
    )


def whole_model(trainer: AlignmentTrainer) -> Any:
    """Return the trained model; of one that is sharded, a copy with all of its weights.

    Where it is sharded, all processes must ask, and the first has the copy.
    """
    model: Any = trainer.accelerator.unwrap_model(trainer.model)
    if not trainer.is_fsdp_enabled:
        return model
    state = {}
    for name, tensor in model.state_dict().items():
        tensor = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
        if trainer.is_world_process_zero():
            state[name] = tensor.cpu()
    if not trainer.is_world_process_zero():
        return model
    whole: Any = FAMILIES[model.config.model_type](model.config)
    whole.load_state_dict(state)
    whole.found = model.found
    return whole.eval()


def save_checkpoint(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    output: Path,
    record: TrainRecord,
    own: SentenceWay | None = None,
    base: tuple[str, str | None] | None = None,
) -> None:
    """Write weights, config, tokenizer and record aside, then move them into `output`.

    With `base`, its name and revision, its SentencePiece model lies beside the tokenizer. With
    `own`, the base's own way to make embeddings, it is a sentence model as the base was. A head
    that was never trained is not written: whoever opened it would take it for one.

    The folder holds more than the checkpoint, so that it cannot be exchanged whole: each file is.
    Nothing opens a folder without `config.json`, which comes after weights and tokenizer. Where a
    finished run goes on, its record goes first and the new one comes last: where a record lies, the
    checkpoint beside it is whole, and after a stop in between the run counts as not finished.
    """
    aside = output / ".saving"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True, exist_ok=True)
    write_checkpoint(model.base_model if model.found.why_no_head() else model, tokenizer, aside)
    if base is not None and carry_sentencepiece(base[0], tokenizer, aside, base[1]) is False:
        print(
            "the SentencePiece model is left out: the vocabulary is not that of the base any more"
        )
    if own is not None:
        write_sentence_files(
            aside,
            tokenizer,
            own,
            hidden_size=model.config.hidden_size,
            max_length=own.max_length or min(tokenizer.model_max_length, max_tokens(model)),
        )
    write_record(aside / RECORD_NAME, record)
    (output / RECORD_NAME).unlink(missing_ok=True)
    names = sorted(path.name for path in aside.iterdir())
    for name in sorted(names, key=lambda name: name in ("config.json", RECORD_NAME)):
        if (output / name).is_dir():
            shutil.rmtree(output / name)  # of a run that goes on: a folder moves onto none
        os.replace(aside / name, output / name)
    aside.rmdir()
