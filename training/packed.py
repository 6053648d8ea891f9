"""What a packed file holds, whatever packed it: releases of Python and zlib write other bytes around the same."""

import gzip
import io
import zipfile


def content_of(packed: bytes) -> dict[str, bytes]:
    """Return the members of a zip archive by name, or what a gzip file holds under the name of nothing."""
    if not zipfile.is_zipfile(io.BytesIO(packed)):
        return {"": gzip.decompress(packed)}
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
