"""What every card asks to cite: the method, its base and corpus, the romaniser."""

from __future__ import annotations

from hub_cards.rendering import Raw

CITATION = Raw(
    """```bibtex
@misc{xhelili2024breaking,
  title  = {Breaking the Script Barrier in Multilingual Pre-Trained Language Models with
            Transliteration-Based Post-Training Alignment},
  author = {Xhelili, Orgest and Liu, Yihong and Sch{\\"u}tze, Hinrich},
  year   = {2024},
  note   = {arXiv:2406.19759}
}
@inproceedings{imanigooghari2023glot500,
  title     = {Glot500: Scaling Multilingual Corpora and Language Models to 500 Languages},
  author    = {ImaniGooghari, Ayyoob and others},
  booktitle = {Proceedings of ACL},
  year      = {2023}
}
@inproceedings{hermjakob2018uroman,
  title     = {Out-of-the-box Universal Romanization Tool uroman},
  author    = {Hermjakob, Ulf and May, Jonathan and Knight, Kevin},
  booktitle = {Proceedings of ACL: System Demonstrations},
  year      = {2018}
}
```"""
)
