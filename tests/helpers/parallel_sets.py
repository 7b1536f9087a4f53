"""The parallel sets of the Hub in small: configs, columns and splits as the Hub serves them."""

from __future__ import annotations

from pathlib import Path

from hub_datasets import card, lines, parquet

WORDS = {
    "eng_Latn": ["one", "two", "three"],
    "ell_Grek": ["ένα", "δύο", "τρία"],
    "cmn_Hans": ["一", "二", "三"],
    "cmn_Hant": ["壹", "貳", "叁"],
    "por_Latn_braz1246": ["um", "dois", "três"],
}


def flores() -> dict[str, bytes]:
    files = {}
    for code, words in WORDS.items():
        for split, start in (("dev", 0), ("devtest", 100)):
            told = [f"{word} {split}" for word in words]
            numbers = list(range(start, start + 3))
            files[f"{split}/{code}.parquet"] = parquet(
                id=numbers, iso_639_3=[code[:3]] * 3, text=told, topic=["x"] * 3
            )
    configs = {
        code: {split: f"{split}/{code}.parquet" for split in ("dev", "devtest")} for code in WORDS
    }
    whole = {split: f"{split}/*.parquet" for split in ("dev", "devtest")}
    return {"README.md": card({"default": whole, **configs}), **files}


def bouquet() -> dict[str, bytes]:
    files, configs = {}, {}
    for level in ("sentence_level", "paragraph_level"):
        for split in ("dev", "test"):
            for code, words in WORDS.items():
                # Not in one order: the sets are joined by their ids.
                order = [2, 0, 1] if code == "ell_Grek" else [0, 1, 2]
                files[f"data/{level}/{split}/{code}.parquet"] = parquet(
                    level=[level] * 3,
                    uniq_id=[f"P1-S{i}" for i in order],
                    src_lang=[code] * 3,
                    src_text=[words[i] for i in order],
                    tgt_lang=["eng_Latn"] * 3,
                    tgt_text=[WORDS["eng_Latn"][i] for i in order],
                )
        configs[level] = {split: f"data/{level}/{split}/*.parquet" for split in ("dev", "test")}
    for code in WORDS:
        configs[code] = {
            split: f"data/sentence_level/{split}/{code}.parquet" for split in ("dev", "test")
        }
    pair = "benchmark_data/sentence_level/test/ell_Grek-eng_Latn.parquet"
    files[pair] = parquet(uniq_id=["x"], src_text=["x"], tgt_text=["x"])
    return {"README.md": card(configs), **files}


def xnli() -> dict[str, bytes]:
    files, configs = {}, {}
    for code, words in (("el", WORDS["ell_Grek"]), ("en", WORDS["eng_Latn"])):
        for split in ("validation", "test"):
            path = f"{code}/{split}-00000-of-00001.parquet"
            files[path] = parquet(
                premise=[word for word in words for _ in range(3)],
                hypothesis=[f"{word} {i}" for word in words for i in range(3)],
                label=[0, 1, 2] * 3,
            )
            configs.setdefault(code, {})[split] = path
    whole = {"test": "all_languages/test-00000-of-00001.parquet"}
    files[whole["test"]] = parquet(premise=[{"el": "ένα", "en": "one"}])
    return {"README.md": card({"all_languages": whole, **configs}), **files}


def belebele() -> dict[str, bytes]:
    files = {}
    for code, words in WORDS.items():
        if len(code) > 8:
            continue
        rows = [
            {
                "link": f"https://en.wikinews.org/wiki/{place}",
                "question_number": number,
                "flores_passage": f"{word}.",
                "question": f"{word} {number}?",
                "mc_answer1": "a",
                "correct_answer_num": "1",
                "dialect": code,
            }
            for place, word in enumerate(words)
            for number in ((1, 2) if place else (1,))
        ]
        files[f"data/{code}.jsonl"] = lines(*(reversed(rows) if code == "ell_Grek" else rows))
    configs = {Path(path).stem: {"test": path} for path in files}
    return {"README.md": card(configs), **files}


def ntrex() -> dict[str, bytes]:
    files = {f"{code}/test.parquet": parquet(text=words) for code, words in WORDS.items()}
    return {"README.md": card({code: {"test": f"{code}/test.parquet"} for code in WORDS}), **files}


SETS = {
    "flores": ("openlanguagedata/flores_plus", flores()),
    "bouquet": ("facebook/bouquet", bouquet()),
    "xnli": ("facebook/xnli", xnli()),
    "belebele": ("facebook/belebele", belebele()),
    "ntrex": ("davidstap/NTREX", ntrex()),
}
