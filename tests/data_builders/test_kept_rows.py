"""Rows that a worker drew are passed on by their place, and fetched as they were drawn."""

import pytest

from translit_ppa.data_builders.dataset.row_digest import digest_rows
from translit_ppa.data_builders.json_file import read_object
from translit_ppa.data_builders.sentences.kept_rows import KeptRow, KeptRows, row_of
from translit_ppa.data_builders.sentences.sampling import END, START, SelectedRow

BROKEN = "α\ud800"
STRETCH = range(2)


def drawn(count, first=0):
    for number in range(count):
        text = BROKEN if number == 7 else f"λέξη {number}"
        row = SelectedRow(text, None, "files:a.txt", first + number, number, None)
        steps = ("tatweel", "nfkc") if number == 3 else ()
        yield number.to_bytes(16), row, steps, "short" if number == 5 else None
    return count + 10


def through(kept, first=0):
    rows = []

    def reading():
        rows.append((yield from kept.through(STRETCH, first, drawn(2500, first))))

    return list(reading()), rows[0]


def test_rows_are_fetched_from_where_they_lie(tmp_path):
    written, count = through(KeptRows(tmp_path, START, END))
    assert all(isinstance(row, SelectedRow) for _, row, *_ in written) and count == 2510
    placed, again = through(KeptRows(tmp_path, START, END), first=400)
    assert all(isinstance(row, KeptRow) for _, row, *_ in placed) and again == 2510
    fetched = [(key, row_of(row), *rest) for key, row, *rest in placed]
    assert fetched == list(drawn(2500, 400))


def test_a_file_that_was_written_anew_is_read_anew(tmp_path):
    for text in ("ένα", "δύο"):
        sample = KeptRows(tmp_path, START, text.encode())

        def reading(text=text):
            yield b"0" * 16, SelectedRow(text, None, "o", 0, None, None), (), None
            return 1

        assert len(list(sample.through(STRETCH, 0, reading()))) == 1
        ((_, place, *_),) = sample.through(STRETCH, 0, reading())
        assert row_of(place).text == text


def test_what_is_not_whole_is_read_again(tmp_path):
    kept = KeptRows(tmp_path, START, END)
    through(kept)
    (path,) = tmp_path.glob("part-*.arrow")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert not kept.has(STRETCH)
    assert all(isinstance(row, SelectedRow) for _, row, *_ in through(kept)[0])


@pytest.mark.parametrize(("share", "rows"), [(0.5, 17), (0.01, 1000), (0, 40)])
def test_the_digest_of_a_build_is_that_of_its_files(tmp_path, share, rows):
    from translit_ppa import build_pairs

    text = tmp_path / "text"
    text.mkdir()
    (text / "ell_Grek.txt").write_text("".join(f"λέξη {n}\n" for n in range(120)), "utf-8")
    (text / "heb_Hebr.txt").write_text("".join(f"מילה {n}\n" for n in range(90)), "utf-8")
    more = {"fraction": 1, "validation": share, "validation_cap": 1000, "shard_rows": rows}
    build_pairs(f"files:{text}", group="mediterranean", out=tmp_path / "out", **more)
    folder = tmp_path / "out" / "mediterranean"
    assert read_object(folder / "build_record.json")["digest"] == digest_rows(folder)
