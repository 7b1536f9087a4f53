"""Where the tests find what is not installed: the checkout, and real text beside it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout; under the tests of a wheel, a folder with nothing but the tests."""

SHARED = ROOT.parent / "shared" / "data"
"""Real multilingual text beside a developer's checkout; tests that need it skip without."""
