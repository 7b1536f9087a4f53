"""Energy counters: found, summed over a wrap, and never guessed."""

from __future__ import annotations

import pytest
from transformers import TrainerState

from translit_ppa.modeling.training.machine.energy import EnergyCallback, cpu_counters, gpu_counters


@pytest.fixture
def powercap(tmp_path):
    for zone, name in (("0", "package-0"), ("0:0", "core"), ("1", "package-1"), ("2", "psys")):
        folder = tmp_path / f"intel-rapl:{zone}"
        folder.mkdir()
        (folder / "name").write_text(f"{name}\n")
        (folder / "energy_uj").write_text("9000000\n")
        (folder / "max_energy_range_uj").write_text("10000000\n")
    return tmp_path


def test_packages_are_summed_over_a_wrap(powercap):
    callback = EnergyCallback(cpu_counters(powercap))
    assert len(callback.counters) == 2
    callback.on_train_begin(None, TrainerState(global_step=7), None)
    assert (callback.joules(), callback.since_step) == ({"CPU packages (RAPL)": 0.0}, 7)
    (powercap / "intel-rapl:0" / "energy_uj").write_text("500000\n")
    (powercap / "intel-rapl:1" / "energy_uj").write_text("9250000\n")
    callback.on_step_end(None, None, None)
    # 9.0 to 10.0 and on to 0.5; 9.0 to 9.25. The zone within package 0 is part of it.
    assert callback.joules() == {"CPU packages (RAPL)": 1.8}
    callback.on_train_end(None, None, None)
    assert callback.joules() == {"CPU packages (RAPL)": 1.8}


def test_a_counter_that_cannot_be_read_is_left_out(powercap, tmp_path):
    (powercap / "intel-rapl:1" / "energy_uj").unlink()
    assert len(cpu_counters(powercap)) == 1
    assert cpu_counters(tmp_path / "none") == []
    assert EnergyCallback([]).joules() == {}


def test_gpu_counters_need_a_gpu(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert gpu_counters() == []
