"""The scopes that open something here."""

from __future__ import annotations

from pytest_catalyst_oauth.engine import ScopeSet

# Spelled out, since every fake grants them, and reading the catalogue takes longer than
# all else that a start does. A test compares.
ALL_SCOPES = ScopeSet.parse(
    f"ZohoCatalyst.{resource}.{operation}"
    for resource, operations in {
        "cache": "CREATE DELETE READ",
        "cron": "CREATE DELETE READ UPDATE",
        "files": "CREATE DELETE READ",
        "folders": "CREATE DELETE READ UPDATE",
        "projects": "CREATE READ",
        "segments": "READ",
        "tables": "READ",
        "tables.columns": "READ",
        "tables.rows": "CREATE DELETE READ UPDATE",
        "zcql": "CREATE",
    }.items()
    for operation in operations.split()
)
