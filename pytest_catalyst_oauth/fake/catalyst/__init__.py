"""The Catalyst API of one data centre, as a function from request to reply."""

from __future__ import annotations

from ._org import Org
from ._project import Project
from ._rules import CatalystApi
from ._scopes import ALL_SCOPES

__all__ = ["ALL_SCOPES", "CatalystApi", "Org", "Project"]
