"""Sets PDFs in processes beside the server: so many at once, so long, then it is ended."""

import asyncio
import contextlib
import os
import sys

from openledger_server.base.errors import OpenLedgerError, UpstreamError
from openledger_server.documents.typeset_worker import DONE, LENGTH

_AT_ONCE = 2
_WAITING_MAX = 20
_TIME_LIMIT_S = 60.0
_USES_MAX = 100
"""A process is replaced after so many documents: the typesetter keeps what it has seen in memory."""
_PDF_BYTES_MAX = 64 * 1024 * 1024
_MODULE = "openledger_server.documents.typeset_worker"


class TypesetterBusyError(UpstreamError):
    """Too many PDFs are being made at once. Try again in a few seconds."""

    code = "PDF_BUSY"

    def __init__(self) -> None:
        super().__init__("Too many PDFs are being made at once. Try again in a few seconds.")


class PdfTimeoutError(UpstreamError):
    """The PDF took too long; a shorter period helps, or CSV."""

    code = "PDF_TIMEOUT"

    def __init__(self) -> None:
        super().__init__("The PDF took too long. Ask for a shorter period, or for format=csv.", is_retryable=False)


class TypesettingError(OpenLedgerError):
    """The PDF could not be made; our fault."""

    code = "PDF_FAILED"

    def __init__(self) -> None:
        super().__init__("The PDF could not be made. The request id names the failure.")


class Typesetter:
    """Sets PDFs, a few at once; further callers wait, and too many are refused. Close it at the end."""

    def __init__(
        self, *, at_once: int = _AT_ONCE, waiting_max: int = _WAITING_MAX, time_limit_s: float = _TIME_LIMIT_S
    ) -> None:
        """Remember the bounds; nothing starts before the first document."""
        self._slots = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._waiting_max = waiting_max
        self._time_limit_s = time_limit_s
        self._idle: list[_Worker] = []

    async def pdf(self, data: bytes) -> bytes:
        """Return the PDF of a document's JSON (`pdf.typesetter_input`).

        Raises:
            TypesetterBusyError: if too many wait already.
            PdfTimeoutError: if it takes longer than the time limit.
            TypesettingError: if the typesetter fails.
        """
        if self._waiting >= self._waiting_max:
            raise TypesetterBusyError
        self._waiting += 1
        try:
            async with self._slots:
                return await self._set(data)
        finally:
            self._waiting -= 1

    async def _set(self, data: bytes) -> bytes:
        worker = self._idle.pop() if self._idle else await _Worker.start()
        try:
            async with asyncio.timeout(self._time_limit_s):
                answer = await worker.ask(data)
        except TimeoutError as exc:
            await worker.end()
            raise PdfTimeoutError from exc
        except (OSError, asyncio.IncompleteReadError) as exc:
            await worker.end()
            raise TypesettingError from exc
        except BaseException:
            # Whoever asked has gone; the answer would reach the next one.
            await asyncio.shield(worker.end())
            raise
        if worker.uses < _USES_MAX:
            self._idle.append(worker)
        else:
            await worker.end()
        if answer is None:
            raise TypesettingError
        return answer

    async def close(self) -> None:
        """End the processes."""
        while self._idle:
            await self._idle.pop().end()


class _Worker:
    """One process that sets PDFs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.uses = 0

    @classmethod
    async def start(cls) -> "_Worker":
        # Nothing of our environment goes along: it may hold keys.
        path = os.pathsep.join(filter(None, sys.path))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _MODULE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": path, "PATH": os.environ.get("PATH", os.defpath)},
            limit=2**20,
        )
        return cls(process)

    async def ask(self, data: bytes) -> bytes | None:
        """Return the PDF, or None if it could not be made."""
        self.uses += 1
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(LENGTH.pack(len(data)) + data)
        await self._process.stdin.drain()
        (length,) = LENGTH.unpack(await self._process.stdout.readexactly(LENGTH.size))
        if not 0 < length <= _PDF_BYTES_MAX:
            raise OSError("the typesetter answers nonsense")
        answer = await self._process.stdout.readexactly(length)
        return answer[1:] if answer[:1] == DONE else None

    async def end(self) -> None:
        """Kill the process and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._process.wait()
