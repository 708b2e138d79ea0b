"""What a traceback with locals would show of our own frames."""

from __future__ import annotations

from pathlib import Path

import pytest_catalyst_oauth

PACKAGE = str(Path(pytest_catalyst_oauth.__file__).parent)


def shown(error: BaseException) -> str:
    """Return text, values and locals of an error and of all that it follows."""
    seen: list[object] = [str(error), repr(error), vars(error)]
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename.startswith(PACKAGE):
            seen.append(f"{code.co_name}: {trace.tb_frame.f_locals!r}")
        trace = trace.tb_next
    before = error.__cause__ or error.__context__
    return "\n".join(map(str, seen)) + (shown(before) if before else "")
