"""The rules of Zoho Accounts, as a function from request to reply."""

from __future__ import annotations

from ._call import AccountsServer
from ._consent import PATH as CONSENT_PATH
from ._device_page import waiting
from ._holdings import Code
from ._routes import ROUTES, answer
from ._strict import protected
from ._vault import Vault
from ._world import World

__all__ = [
    "CONSENT_PATH",
    "ROUTES",
    "AccountsServer",
    "Code",
    "Vault",
    "World",
    "answer",
    "protected",
    "waiting",
]
