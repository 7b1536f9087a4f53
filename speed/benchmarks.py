"""All benchmarks by name; add one: a function of the settings, and its row here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from speed.encoding import measure_encode, measure_large_search, measure_search
from speed.romanisation.build_memory import measure_build_memory, measure_build_memory_staged
from speed.romanisation.documents import measure_documents, measure_documents_staged
from speed.romanisation.processes import measure_processes
from speed.romanisation.rival import measure_rival
from speed.romanisation.romaniser import (
    measure_romanisation,
    measure_romanisation_memory,
)
from speed.romanised_pieces import measure_new_pieces
from speed.settings import Settings
from speed.training.data_path import measure_collate, measure_tokenise, measure_wait
from speed.training.gpu import measure_cuda
from speed.training.step import measure_memory, time_compiled, time_step
from speed.training.variants import measure_variants
from speed.training.vocabulary import measure_trimming

Benchmark = Callable[[Settings], list[dict[str, object]]]

BENCHMARKS: dict[str, Benchmark] = {
    "romanise": measure_romanisation,
    "romanise-uroman-fast": measure_rival,
    "romanise-memory": measure_romanisation_memory,
    "romanise-processes": measure_processes,
    "build-documents": measure_documents,
    "build-documents-datatrove": measure_documents_staged,
    "build-memory": measure_build_memory,
    "build-memory-datatrove": measure_build_memory_staged,
    "step-12x256-fp32": partial(time_step, size="12x256", precision="fp32"),
    "step-12x256-bf16": partial(time_step, size="12x256", precision="bf16"),
    "step-12x256-compiled": time_compiled,
    "step-12x256-variants": measure_variants,
    "step-12x768-fp32": partial(time_step, size="12x768", precision="fp32"),
    "step-12x768-bf16": partial(time_step, size="12x768", precision="bf16"),
    "step-12x768-cuda": measure_cuda,
    "step-modernbert-12x256-fp32": partial(time_step, size="modernbert-12x256", precision="fp32"),
    "step-mmbert-small-fp32": partial(time_step, size="mmbert-small", precision="fp32"),
    "memory-12x768-fp32": partial(measure_memory, size="12x768", precision="fp32"),
    "memory-12x768-bf16": partial(measure_memory, size="12x768", precision="bf16"),
    "trim": measure_trimming,
    "tokenise": measure_tokenise,
    "collate": measure_collate,
    "input-wait": measure_wait,
    "encode": measure_encode,
    "encode-new-pieces": measure_new_pieces,
    "search-500": measure_search,
    "search-200k": measure_large_search,
}
