"""The rules of Zoho Accounts, as a function from request to reply."""

from __future__ import annotations

from ._call import AccountsServer
from ._routes import ROUTES, answer
from ._vault import Code, Vault

__all__ = ["ROUTES", "AccountsServer", "Code", "Vault", "answer"]
