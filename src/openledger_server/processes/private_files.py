"""Files and directories that only their owner may read, written whole or not at all."""

import os
import tempfile
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700


def write_private(path: Path, text: str) -> None:
    """Replace `path` by a file with mode 0600 that holds `text`; a reader sees the old or the new, never a part."""
    # mkstemp makes its file with mode 0600.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def is_private(path: Path) -> bool:
    """Return whether nobody but its owner (and root) has any right on `path`."""
    return path.stat().st_mode & 0o077 == 0
