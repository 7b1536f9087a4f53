"""What every card asks to cite: the method, its base and corpus, the romaniser.

Sources: the list of references of a later paper for the first, the ACL Anthology's entry
2023.acl-long.61 for the second, the README of uroman for the third; arXiv numbers as in the paper.
"""

from __future__ import annotations

from .rendering import Raw

CITATION = Raw(
    """```bibtex
@inproceedings{xhelili2024breaking,
  title     = {Breaking the Script Barrier in Multilingual Pre-Trained Language Models with
               Transliteration-Based Post-Training Alignment},
  author    = {Xhelili, Orgest and Liu, Yihong and Sch{\\"u}tze, Hinrich},
  booktitle = {Findings of the Association for Computational Linguistics: EMNLP 2024},
  year      = {2024},
  pages     = {11283--11296},
  url       = {https://arxiv.org/abs/2406.19759}
}
@inproceedings{imanigooghari2023glot500,
  title     = {Glot500: Scaling Multilingual Corpora and Language Models to 500 Languages},
  author    = {ImaniGooghari, Ayyoob and Lin, Peiqin and Kargaran, Amir Hossein and
               Severini, Silvia and Jalili Sabet, Masoud and Kassner, Nora and Ma, Chunlan and
               Schmid, Helmut and Martins, Andr{\\'e} and Yvon, Fran{\\c{c}}ois and
               Sch{\\"u}tze, Hinrich},
  booktitle = {Proceedings of the 61st Annual Meeting of the Association for Computational
               Linguistics (Volume 1: Long Papers)},
  year      = {2023},
  pages     = {1082--1117},
  url       = {https://aclanthology.org/2023.acl-long.61}
}
@inproceedings{hermjakob2018uroman,
  title     = {Out-of-the-box Universal Romanization Tool uroman},
  author    = {Hermjakob, Ulf and May, Jonathan and Knight, Kevin},
  booktitle = {Proceedings of the 56th Annual Meeting of the Association for Computational
               Linguistics, Demo Track},
  year      = {2018},
  url       = {https://www.aclweb.org/anthology/P18-4003}
}
```"""
)
