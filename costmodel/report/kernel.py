"""The kernel that a report's notebook runs in: this very interpreter, private, and quick to start."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO, Any

_QUIET = {
    # The debugger's note on frozen modules would otherwise stand before every run.
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}

_LONGEST_SOCKET = 80


def manager_class(folder: Path) -> type[Any]:
    """Return a kernel manager class for one run.

    The kernel is ``sys.executable``, whatever kernels are registered on the machine. It keeps no history,
    reads no start-up files of the user, and talks through sockets in ``folder`` where the system has them.

    Parameters
    ----------
    folder : Path
        A temporary folder: connection file, sockets, and ``kernel.log`` with what the process itself printed.

    Returns
    -------
    type
        A subclass of ``jupyter_client.AsyncKernelManager``.
    """
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = KernelSpec(
        argv=[*command, "--HistoryManager.enabled=False"],
        display_name="Python (costmodel)",
        language="python",
        metadata={"supported_encryption": ["curve"]},
    )

    class OwnKernelManager(AsyncKernelManager):
        """Starts the running interpreter."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.connection_file = str(folder / "kernel.json")
            if os.name == "posix" and len(self.connection_file) <= _LONGEST_SOCKET:
                self.transport = "ipc"

        @property
        def kernel_spec(self) -> KernelSpec:
            return spec

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            options["env"] = {**os.environ, **_QUIET, "IPYTHONDIR": str(folder / "ipython")}
            with _log(folder).open("ab") as log:
                await super().start_kernel(**{**options, **_streams(log)})

    return OwnKernelManager


def _log(folder: Path) -> Path:
    return folder / "kernel.log"


def _streams(log: IO[bytes]) -> dict[str, IO[bytes]]:
    return {"stdout": log, "stderr": log}


def last_words(folder: Path, lines: int = 3) -> str:
    """Return the last lines that the kernel's process printed: why it died, as far as it said so."""
    log = _log(folder)
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    return " / ".join([line.strip() for line in text.splitlines() if line.strip()][-lines:])
