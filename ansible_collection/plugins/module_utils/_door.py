# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where the collection meets the engine. Private to this collection.

It has to import on Pythons that the engine does not know, to say so there.
"""

from __future__ import annotations

import math
import os
import sys
import time
import typing as t
import warnings

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.catalyst.oauth.plugins.module_utils import (
    _failure,
    _options,
    _wiring,
)

try:
    from pytest_catalyst_oauth import adapters, engine
    from pytest_catalyst_oauth.engine import errors

    ENGINE_ERROR = None
except ImportError as error:
    # Its text, since a traceback would come out where the cure is to be read.
    ENGINE_ERROR = str(error)

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:
    # Before ansible-core 2.22 nothing can be hidden by its text.
    register_secrets = None

LIBRARY = "pytest-catalyst-oauth"
OLDEST_PYTHON = (3, 11)


class WouldAskError(Exception):
    """A rehearsal came to the point where the real run asks the server."""


class Access:
    """One task's way to the engine: its client, its store, its transport.

    A rehearsal works on a copy of what is stored: it sends nothing and writes nothing,
    and raises `WouldAskError` where the real run would send.

    Args:
        params: The parameters, filled from the environment.
        check_mode: Whether this is a rehearsal.
        diff_mode: Whether the result is to have a `diff`.

    Attributes:
        journal: Of what this task sent.
        lacks_secret: Whether this can read what is stored, and nothing else.
    """

    def __init__(
        self,
        params: dict[str, t.Any],
        check_mode: bool = False,
        diff_mode: bool = False,
    ) -> None:
        self.params = params
        self.check_mode = check_mode
        self.diff_mode = diff_mode
        self.lacks_secret = _wiring.lacks_secret(params)
        self.client = _wiring.client(params, only_reads=self.lacks_secret)
        self.profile = params["profile"] or "default"
        self.store = adapters.open_store(_wiring.store_address(params))
        self.journal = engine.Journal()
        # Without the client's secret nothing can be sent either.
        self._rehearses = check_mode or self.lacks_secret
        self.transport = (
            _Rehearsal() if self._rehearses else _Watch(_wiring.transport(params))
        )
        self.retry = _wiring.retry_policy(params)
        self._credentials: t.Any = None

    @property
    def api_url(self) -> str | None:
        """The Catalyst API of the client's data centre."""
        return self.client.data_center.api_url

    @property
    def credentials(self) -> t.Any:
        """The client's credentials; nothing has been asked yet."""
        if self._credentials is None:
            grant = _wiring.grant(self.params)
            store = self.store
            if self._rehearses or self.check_mode:
                is_there = self.is_store_there()
                store = _copy(store, self.key(), grant) if is_there else _empty()
            self._credentials = adapters.connect(
                self.client,
                grant=grant,
                store=store,
                profile=self.profile,
                transport=self.transport,
                timeouts=_wiring.timeouts(self.params["timeout"]),
                retry=self.retry,
                journal=self.journal,
                # The process ends with the task, and a thread with it.
                background=False,
            )
        return self._credentials

    def require_secret(self) -> None:
        """Refuse to ask the server without the client's secret."""
        if self.lacks_secret:
            _wiring.client(self.params)

    def is_store_there(self) -> bool:
        """Tell whether there is one to read; reading would make it otherwise."""
        place = getattr(self.store, "place", None)
        return place is None or os.path.exists(place)

    def key(self) -> engine.StoreKey:
        """Return where the store keeps this client's token."""
        return engine.StoreKey(
            profile=self.profile,
            accounts_url=self.client.data_center.accounts_url,
            client_id=self.client.client_id,
        )

    def send(self, request: engine.HttpRequest) -> engine.HttpReply:
        """Ask the server for something else than a token, with retries."""
        noted = engine.JournalingTransport(self.transport, self.journal, time.time)
        return adapters.RetryingTransport(noted, self.retry).send(request)

    def has_issued(self, token: engine.Token, before: engine.Token | None) -> bool:
        """Tell whether this task, not a sibling, got `token` from the server."""
        asked = bool(self.journal.token_requests)
        return asked and (before is None or token.access_token != before.access_token)

    def retry_after(self, error: errors.OAuthError | None = None) -> int | None:
        """Return the seconds for which nobody asks again; None without a failure."""
        retry_at = getattr(error, "retry_at", None)
        if retry_at is None:
            try:
                known = self.credentials.status().retry_at
            except errors.OAuthError:
                return None
            retry_at = known and known.timestamp()
        return None if retry_at is None else max(0, math.ceil(retry_at - time.time()))


class Outcome(t.NamedTuple):
    """What a task comes to.

    Attributes:
        result: Plain JSON; with `failed` if it is one.
        warnings: What a person should know besides.
    """

    result: dict[str, t.Any]
    warnings: list[str]


def missing_engine() -> str | None:
    """Return what this Python lacks and how to get it; None if it lacks nothing."""
    if ENGINE_ERROR is None:
        return None
    reason = "to talk to Zoho, and it needs Python 3.11 or newer"
    lack = missing_required_lib(LIBRARY, reason=reason)
    return f"{lack}. {missing_cure()}"


def missing_cure() -> str:
    """Return what to do for this Python, in one sentence."""
    here = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    if sys.version_info < OLDEST_PYTHON:
        return (
            f"This is {here}, and the library needs Python 3.11 or newer: "
            "set ansible_python_interpreter to such a one, "
            f"and run there: PYTHON -m pip install {LIBRARY}."
        )
    how = f"{sys.executable} -m pip install {LIBRARY}"
    return f"Run there: {how} ({here} says: {ENGINE_ERROR})."


def perform(
    work: t.Callable[[Access], dict[str, t.Any]],
    params: dict[str, t.Any],
    check_mode: bool = False,
    diff_mode: bool = False,
    failed: dict[str, t.Any] | None = None,
) -> Outcome:
    """Do a task's work; return its result, or its failure in the same form.

    Args:
        work: Returns the result.
        params: The parameters, as they were given.
        check_mode: Whether this is a rehearsal.
        diff_mode: Whether the result is to have a `diff`.
        failed: What a failure has besides the usual.
    """
    access = None
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always", errors.StoreWarning)
        try:
            params = _options.fill(params, os.environ)
            hide(_options.secrets_in(params))
            access = Access(params, check_mode, diff_mode)
            result = work(access)
        except errors.OAuthError as error:
            result = _failure.describe(error, *_costs(access, error))
        except Exception as error:  # noqa: BLE001  its text may hold anything
            result = _failure.describe_surprise(error, *_costs(access, None))
    if result.get("failed"):
        result = dict(_options.masked(result, params), **(failed or {}))
    told = [n.message for n in noted if issubclass(n.category, errors.StoreWarning)]
    if access is not None and getattr(access.transport, "has_guessed", False):
        told.append(_GUESSED)
    return Outcome(result, [_options.masked(str(one), params) for one in told])


def _costs(
    access: Access | None, error: errors.OAuthError | None
) -> tuple[int, int | None]:
    if access is None:
        return 0, None
    return len(access.journal), access.retry_after(error) if error else None


def hide(texts: t.Iterable[str]) -> bool:
    """Ask Ansible to hide some texts in all output; tell whether it can."""
    if register_secrets is None:
        return False
    register_secrets([one for one in texts if len(one) >= _options.LEAST_SECRET])
    return True


def warm() -> None:
    """Import what finding a living token takes, for all processes forked later."""
    if ENGINE_ERROR is None:
        for name in ("connect", "open_store", "SqliteStore", "RetryPolicy"):
            getattr(adapters, name)
        for name in ("Client", "Credentials", "DataCenter", "Journal", "Secret"):
            getattr(engine, name)
        for name in ("StoreKey", "grants"):
            getattr(engine, name)


def check_range(name: str, value: float, least: float, most: float) -> None:
    """Refuse an option's value outside of a range, its ends included."""
    if not least <= value <= most:
        raise errors.SettingsError(
            f"{name} {value}", f"must be between {least} and {most}"
        )


class _Rehearsal:
    """A transport that sends nothing."""

    def send(self, request: engine.HttpRequest) -> t.NoReturn:
        raise WouldAskError(request.origin)


def _empty() -> engine.Store:
    return engine.MemoryStore()


def _copy(store: engine.Store, key: engine.StoreKey, grant: t.Any) -> engine.Store:
    copy = _empty()
    for one in [key, key.of_guest(grant.secret)] if grant else [key]:
        record = store.load(one)
        if record is not None:
            copy.compare_and_swap(one, 0, record)
    return copy


_GUESSED = (
    "Zoho did not say how long the token lives, so an hour is assumed; should the API "
    "refuse it earlier, use state=refreshed"
)


class _Watch:
    """A transport that notices a token whose end of life nobody told."""

    def __init__(self, inner: t.Any) -> None:
        self._inner = inner
        self.has_guessed = False

    def send(self, request: engine.HttpRequest) -> engine.HttpReply:
        reply = self._inner.send(request)
        self.has_guessed = (
            b'"access_token"' in reply.body and b'"expires_in' not in reply.body
        )
        return reply
