"""How fast a model is fine-tuned here: one step of a task, timed, as a record of one machine.

Output: seconds of each step, and the useful operations a second that follow, counted as
`speed.plan` counts the work: six for each weight of the layers and token. On a CUDA GPU in bf16 and
wall time, else on one thread in single precision and CPU time, which neighbours do not lengthen.
"""

from __future__ import annotations

import platform
import statistics
import time
from typing import Any

import torch
from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

from speed.timing import processor_name
from translit_ppa.hub_cards.records.environment import libraries, now, package_version

TEXTS, LABELS, PIECES = 32, 7, 401_145
"""A batch of the paper's SIB-200, and the vocabulary of Glot500: the optimiser goes over all."""


def measure_step(layers: int, width: int, tokens: int, steps: int = 5) -> dict[str, Any]:
    """Time fine-tuning steps, the optimiser's included; one more goes before and does not count.

    Args:
        layers: Of the encoder, whose weights are random.
        width: Of its states; its heads are 64 wide.
        tokens: Of each text; there is no padding.
        steps: How many are timed.

    Returns:
        A record: device, seconds of each step, `operations` a step, and their rate a second.
    """
    cuda = torch.cuda.is_available()
    device = torch.device("cuda" if cuda else "cpu")
    if not cuda:
        torch.set_num_threads(1)
    torch.manual_seed(0)
    config: Any = XLMRobertaConfig(
        vocab_size=PIECES,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        intermediate_size=4 * width,
        max_position_embeddings=514,
    )
    config.num_labels = LABELS
    model: Any = XLMRobertaForSequenceClassification(config)
    model.to(device).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-5)
    batch = {
        "input_ids": torch.randint(5, PIECES, (TEXTS, tokens), device=device),
        "attention_mask": torch.ones(TEXTS, tokens, dtype=torch.long, device=device),
        "labels": torch.randint(0, LABELS, (TEXTS,), device=device),
    }
    seconds = []
    for _ in range(steps + 1):
        begun = _clock(cuda)
        with torch.autocast("cuda", torch.bfloat16, enabled=cuda):
            loss = model(**batch).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        seconds.append(_clock(cuda) - begun)
    operations = 6 * layers * 12 * width**2 * TEXTS * tokens
    return {
        "kind": "fine-tuning rate",
        "version": package_version(),
        "created": now(),
        "device": torch.cuda.get_device_name() if cuda else f"one core, {processor_name()}",
        "precision": "bf16" if cuda else "fp32",
        "platform": f"{platform.system()}-{platform.machine()}",
        "libraries": libraries(("torch", "transformers")),
        "shape": f"{layers}x{width}",
        "texts": TEXTS,
        "tokens": tokens,
        "seconds": [round(value, 4) for value in seconds[1:]],
        "operations": operations,
        "rate": operations / statistics.median(seconds[1:]),
    }


def _clock(cuda: bool) -> float:
    if not cuda:
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()
