"""The table."""
from __future__ import annotations
from collections import defaultdict

def record(state, seed, seconds):
    rows = defaultdict(lambda: defaultdict(float))
    for name, counts in state.batches.items():
        _, kind, row, *_ = name.split("/")
        for key, value in counts.items():
            rows[kind, row][key] += value
    return [{"kind": k, "row": r, **v} for (k, r), v in rows.items()]

def table(lines):
    return "\n".join(f"{l['kind']:8}{l['row']:32}{sum(l[n] for n in ('refused','accepted','wrong')):8.0f}{l['refused']:8.0f}{l['accepted']:8.0f}{l['wrong']:8.0f}{l['seconds']:9.1f}" for l in lines)
