"""The one door for a folder that becomes visible: its name leads to all of the old or of the new.

Linux exchanges two names in one step. No library for it is kept up; the system call needs few
lines. The room of texts has it because that room imports least; `translit_ppa` uses it too.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from pathlib import Path

__all__ = ["put_in_place", "remove"]

_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM)
"""What kernels and file systems answer that know no exchange; a sandbox says EPERM."""


def put_in_place(fresh: Path, goal: Path) -> None:
    """Make a finished folder visible, in place of an older one if there is one.

    On Linux, where the file system can (ext4, XFS, Btrfs, tmpfs and others), `goal` leads at every
    moment to all of the old or all of the new. Elsewhere there is a moment between two renames in
    which it leads nowhere: still never to a mix, and a kill then leaves the old folder beside it,
    as `.NAME.old`.

    Args:
        fresh: The folder, on the same disk. Afterwards it is gone, or it is what `goal` was: for
            the caller to remove once nobody is to need it.
        goal: Where it is to be seen.

    Raises:
        OSError: It cannot be; `goal` is then what it was.
    """
    if not os.path.lexists(goal):
        os.rename(fresh, goal)
    elif not _exchange(fresh, goal):
        _one_after_the_other(fresh, goal)


def remove(folder: Path) -> None:
    """Remove a folder, or a link to one; what cannot be removed stays.

    Args:
        folder: It need not be there.
    """
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where that cannot be done."""
    library = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    call = getattr(library, "renameat2", None)
    if call is None:
        return False
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), ctypes.c_uint(_EXCHANGE)) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), os.fspath(one), None, os.fspath(other))


def _one_after_the_other(fresh: Path, goal: Path) -> None:
    old = goal.with_name(f".{goal.name}.old")
    remove(old)
    os.rename(goal, old)
    try:
        os.rename(fresh, goal)
    except BaseException:
        os.rename(old, goal)
        raise
    os.rename(old, fresh)
