"""Loads uroman when imported, for the server that worker processes are forked from.

They share its tables and patterns, which take seconds and 70 MiB to make. Nothing else imports
this module.
"""

from __future__ import annotations

import gc
import signal
import threading

from .romaniser import UromanTransliterator

__all__: list[str] = []

if threading.current_thread() is threading.main_thread():
    # The server sets the same, but only after this import; Ctrl-C is the parent's.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
UromanTransliterator(language_code=False)(["\u03b1"])
# What stays for good is not looked through again, which would copy it into each process.
gc.freeze()
