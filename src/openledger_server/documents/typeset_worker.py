"""The process that sets PDFs: JSON in, PDF out, one after the other. Run as `python -m ...documents.typeset_worker`.

It has no database, no keys, and no settings; what it is given it only ever shows as text. Each message in either
direction is its length in four bytes, big-endian, and then its bytes; an answer begins with one more byte, 0 for a PDF
and 1 for a failure.
"""

import resource
import struct
import sys
from pathlib import Path
from typing import BinaryIO

import typst

TEMPLATE = Path(__file__).parent / "template" / "statements.typ"
_MEMORY_BYTES_MAX = 2 * 1024**3
LENGTH = struct.Struct(">I")
DONE, FAILED = b"\0", b"\1"


def main() -> None:
    """Answer until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES_MAX, _MEMORY_BYTES_MAX))
    # One compiler for the life of the process: looking for fonts takes longer than setting a page.
    compiler = typst.Compiler(input=str(TEMPLATE), root=str(TEMPLATE.parent))
    while (given := _received(sys.stdin.buffer)) is not None:
        try:
            status, answer = DONE, set_pdf(compiler, given.decode())
        except (typst.TypstError, ValueError, MemoryError) as exc:
            # The diagnostic may quote the data; its kind is enough to find the fault.
            status, answer = FAILED, type(exc).__name__.encode()
        sys.stdout.buffer.write(LENGTH.pack(len(answer) + 1) + status + answer)
        sys.stdout.buffer.flush()


def set_pdf(compiler: typst.Compiler, data: str) -> bytes:
    """Return the PDF of a document given as JSON.

    Raises:
        typst.TypstError: if the template and the data do not fit.
    """
    answer = compiler.compile(format="pdf", sys_inputs={"data": data})
    assert isinstance(answer, bytes)
    return answer


def _received(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


if __name__ == "__main__":
    main()
