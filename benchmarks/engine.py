"""Compare the engine with other OAuth clients: `python benchmarks/engine.py --help`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Run the parts that were asked for, and print their tables."""
    # After what is installed, so that a wheel is measured if there is one.
    sys.path.append(str(Path(__file__).parents[1]))
    driver = import_module("benchmarks._driver")
    benchmark = driver.Benchmark(
        prog="benchmarks/engine.py",
        about="Compare the engine with other OAuth clients on this machine.",
        parts={"hot": "_hot", "cold": "_cold", "herd": "_herd", "soft": "_soft"},
        peers=(
            "google-auth",
            "msal",
            "botocore",
            "authlib",
            "requests-oauthlib",
            "zcatalyst-sdk",
        ),
        # The loopback speaks plain http, and Zoho may answer with fewer scopes than
        # were asked for.
        environment=(
            "AUTHLIB_INSECURE_TRANSPORT",
            "OAUTHLIB_INSECURE_TRANSPORT",
            "OAUTHLIB_RELAX_TOKEN_SCOPE",
        ),
    )
    return benchmark.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
