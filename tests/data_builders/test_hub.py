"""The Hub source, against a local folder in place of the Hub: streamed, at a resolved commit."""

from types import SimpleNamespace

import datasets
import huggingface_hub
import pytest

from translit_ppa.data_builders.build.pairs import build_pairs
from translit_ppa.data_builders.errors import DataError
from translit_ppa.data_builders.languages.groups import Language
from translit_ppa.data_builders.sources.hub.cells import cells_of
from translit_ppa.data_builders.sources.hub.files import Files
from translit_ppa.data_builders.sources.hub.source import HubSource
from translit_ppa.data_builders.sources.registry import parse_source

SHA = "0123456789abcdef0123456789abcdef01234567"
AMH, FAS = Language("amh", "Ethi"), Language("fas", "Arab")
INFO = """dataset_info:
- config_name: amh_Ethi
  features:
  - name: text
    dtype: string
  - name: dataset
    dtype: string
  splits:
  - name: train
    num_examples: 4
"""


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A dataset with two configs, one of them with split metadata."""
    folder = tmp_path / "glot"
    configs = ""
    for code, texts in (("amh_Ethi", ["ሰላም", "ሰላም", None, "ነው"]), ("pes_Arab", ["سلام"] * 3)):
        (folder / code).mkdir(parents=True)
        table = datasets.Dataset.from_dict({"text": texts, "dataset": ["x"] * len(texts)})
        table.to_parquet(folder / code / "0000.parquet")
        configs += f"- config_name: {code}\n  data_files:\n"
        configs += f"  - split: train\n    path: {code}/*.parquet\n"
    (folder / "README.md").write_text(f"---\nconfigs:\n{configs}{INFO}---\n")
    asked = []

    def redirect(name):
        real = getattr(datasets, name)

        def call(repo, *args, revision=None, **options):
            asked.append((name, repo, args, revision, options))
            return real(str(folder), *args, **options)

        monkeypatch.setattr(datasets, name, call)

    for name in ("load_dataset_builder", "get_dataset_config_names"):
        redirect(name)

    def info(self, repo, revision=None):
        asked.append(("dataset_info", repo, (), revision, {}))
        return SimpleNamespace(sha=SHA)

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", info)
    return asked


def test_rows_are_streamed_at_the_resolved_commit(hub):
    source = parse_source("hub")
    rows = list(source.sentences(AMH))
    assert [(row.text, row.drop) for row in rows] == [
        ("ሰላም", None),
        ("ሰላም", None),
        (None, "null"),
        ("ነው", None),
    ]
    # The corpus within the corpus comes along: Glot500 names it in the column `dataset`.
    assert {row.origin for row in rows} == {f"cis-lmu/Glot500@{SHA}#x"}
    assert hub == [
        ("dataset_info", "cis-lmu/Glot500", (), "main", {}),
        ("load_dataset_builder", "cis-lmu/Glot500", ("amh_Ethi",), SHA, {}),
    ]


def test_available_comes_from_split_metadata_where_there_is_any(hub):
    source = HubSource("org/name", "v2")
    assert (source.available(AMH), source.available(FAS)) == (4, None)
    assert {entry[3] for entry in hub if entry[0] != "dataset_info"} == {SHA}


def test_config_is_found_under_an_alias_and_missing_ones_are_named(hub):
    source = HubSource("org/name")
    assert source.covers(FAS)
    assert [row.text for row in source.sentences(FAS)] == ["سلام"] * 3
    ell = Language("ell", "Grek")
    assert not source.covers(ell)
    assert "no config ell_Grek; it has amh_Ethi, pes_Arab" in source.why_missing(ell)
    assert HubSource(config="{language}_Ethi").covers(AMH)
    assert HubSource(config="{iso3}_Arab").config_of(FAS) == "pes_Arab"


def test_configs_are_listed_only_to_find_another_spelling(hub):
    assert HubSource().covers(AMH) and not HubSource(config="x_{script}").covers(AMH)
    assert "as --hub-config x_{script} has it" in HubSource(config="x_{script}").why_missing(AMH)
    assert "get_dataset_config_names" not in {entry[0] for entry in hub}


def test_one_config_for_several_languages_is_refused(hub, tmp_path):
    """Else every language would be read from the text of the first."""
    options = {"hub_config": "amh_Ethi", "transliterator": "identity", "progress": False}
    with pytest.raises(DataError, match="amh_Ethi would be read for all of "):
        build_pairs("mediterranean", "hub:org/name", tmp_path / "out", **options)
    record = build_pairs(
        "mediterranean", "hub:org/name", tmp_path / "out", languages=["amh"], **options
    )
    assert [entry["kept"] for entry in record["languages"]] == [2]
    assert "get_dataset_config_names" not in {entry[0] for entry in hub}


def test_wrong_column_and_split(hub):
    with pytest.raises(DataError, match=r"no column 'body'; it has text, dataset: --text-column"):
        list(HubSource(text_column="body").sentences(AMH))
    with pytest.raises(DataError, match=r"amh_Ethi has no split 'dev'; it has train: --split NAME"):
        list(HubSource(split="dev").sentences(AMH))


@pytest.mark.parametrize(
    "address",
    ["/etc/passwd", "https://x.example/a.parquet", "hf://datasets/org/name@1/../../a/b@2/c"],
)
def test_a_card_names_files_of_its_own(address):
    files = Files("hf://datasets/org/name@1/", {"train": [address]})
    with pytest.raises(DataError, match=r"org/name: its card names .*, which is outside of it"):
        list(cells_of(files, "train", "text", None, "org/name"))


def test_build_from_the_hub(hub, tmp_path):
    record = build_pairs(
        "mediterranean",
        "hub:org/name",
        tmp_path / "out",
        transliterator="identity",
        validation=0,
        progress=False,
    )
    assert record["source"] == f"org/name@{SHA}"
    by_code = {entry["code"]: entry for entry in record["languages"]}
    assert {code: (e["available"], e["kept"]) for code, e in by_code.items()} == {
        "fas_Arab": (3, 1),
        "amh_Ethi": (4, 2),
    }
    assert by_code["amh_Ethi"]["dropped"] == {"duplicate": 1, "null": 1}
    assert by_code["amh_Ethi"]["shortfall"] == 9998


@pytest.mark.parametrize(
    ("config", "languages", "told"),
    [
        ("amh_Ethi", None, "amh_Ethi would be read for all of ara_Arab, arb_Arab, "),
        ("amh_Ethi", ["fas_Arab"], "amh_Ethi is amh_Ethi, and fas_Arab is asked for"),
        ("amh_Ethi", ["amh_Ethi"], None),
    ],
)
def test_one_config_is_of_one_language(hub, tmp_path, config, languages, told):
    options = {"transliterator": "identity", "progress": False, "hub_config": config}
    words = ("mediterranean", "hub:org/name", tmp_path / "out")
    if told is None:
        assert build_pairs(*words, languages=languages, **options)["splits"]["train"] == 1
    else:
        with pytest.raises(DataError, match=told):
            build_pairs(*words, languages=languages, **options)


def test_unreachable_hub_is_one_sentence(monkeypatch):
    def fail(self, repo, revision=None):
        raise ConnectionError("no route to host\nmore")

    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", fail)
    with pytest.raises(DataError, match=r"no route to host\. Check the name, the network"):
        HubSource().signature()
