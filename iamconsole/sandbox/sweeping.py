"""What goes by itself: files of objects that have no row, and messages that are too old.

Every process that serves has a thread for it; they take turns.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.utils import timezone

from iamconsole.sandbox import retention, storage

logger = logging.getLogger(__name__)

#: Seconds between two sweeps.
EVERY = 20.0


def sweep_regularly(until: threading.Event | None = None) -> threading.Thread:
    """Sweep in a thread of its own, in turns with the siblings of this process.

    Until the event happens; without one, for as long as the process lives.
    """
    stop = until or threading.Event()
    thread = threading.Thread(target=_sweep_on, args=(stop,), name="sweep", daemon=True)
    thread.start()
    return thread


def _sweep_on(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with _my_turn() as mine:
                if mine and storage.belongs_here():
                    storage.sweep()
                elif mine:
                    logger.error("%s belongs to another database: not swept", settings.OBJECTS)
                if mine:
                    retention.sweep(timezone.now())
        except Exception:
            # A locked database, a full disk: the next sweep may do better.
            logger.exception("What is over could not be removed")
        finally:
            connections.close_all()
        stop.wait(EVERY)


@contextmanager
def _my_turn() -> Iterator[bool]:
    """Whether no sibling sweeps, or swept a moment ago."""
    folder = Path(settings.OBJECTS)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / "swept", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        if not storage.lock(file):
            yield False
            return
        last = os.fstat(descriptor)
        if last.st_size and time.time() - last.st_mtime < EVERY / 2:
            yield False
            return
        file.write(b"x")
        yield True
