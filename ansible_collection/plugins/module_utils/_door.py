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
import time
import traceback
import typing as t
import warnings

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.catalyst.oauth.plugins.module_utils._options import CONNECTION

try:
    from pytest_catalyst_oauth import adapters, engine
    from pytest_catalyst_oauth.engine import errors
except ImportError:
    ENGINE_ERROR = traceback.format_exc()
else:
    ENGINE_ERROR = None

try:
    from ansible.module_utils.secrets import register_secret
except ImportError:
    # Before ansible-core 2.22 only the task's no_log hides what a module returns.
    register_secret = None

_SECRETS = ("client_secret", "refresh_token", "code")
# As a no_log value a shorter text would be cut out of results that it has no part in:
# "1000" begins every token of Zoho. Real secrets have 40 characters and more.
_LEAST_SECRET = 8
_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

# What to do about an error that does not say so itself, by its class.
_ADVICE = {
    "StoreError": "check who may read and write it",
    "TransportError": (
        "check accounts_url, the network and the proxy of the host that ran this task"
    ),
    "ReplyError": "run the task again later, and check accounts_url if it stays so",
    "LoginNeededError": "generate a new code in the API console and give it as code",
    "RefusedError": "look the code up in the documentation of Zoho Accounts",
}


class WouldAskError(Exception):
    """A rehearsal came to the point where the real run asks the server."""


class Access:
    """One task's credentials, and what they did.

    A rehearsal works on a copy of what is stored: it sends nothing and writes nothing,
    and raises `WouldAskError` where the real run would send.

    Args:
        params: The module's parameters, those of `CONNECTION` among them.
        rehearse: Whether this is check mode.
    """

    def __init__(self, params: dict[str, t.Any], rehearse: bool = False) -> None:
        client = _client(params)
        profile = params["profile"] or "default"
        store = adapters.open_store(params["store"] or None)
        if rehearse:
            key = engine.StoreKey(
                profile=profile,
                accounts_url=client.data_center.accounts_url,
                client_id=client.client_id,
            )
            given = _secret(params["refresh_token"])
            store = _copy(store, [key, key.of_guest(given)] if given else [key])
        self.api_url = client.data_center.api_url
        self.journal = engine.Journal()
        self.credentials = adapters.connect(
            client,
            refresh_token=_secret(params["refresh_token"]),
            code=_secret(params["code"]),
            store=store,
            profile=profile,
            transport=_Rehearsal() if rehearse else None,
            timeouts=_timeouts(params["timeout"]),
            retry=adapters.RetryPolicy(
                attempts=params["attempts"], total=params["total_time"]
            ),
            journal=self.journal,
            verify=_verify(params),
            # The process ends with the task, and a thread with it.
            background=False,
        )

    def known(self) -> engine.Token | None:
        """Return the stored token if it still works, without asking the server."""
        return self.credentials.peek()

    def is_issued(self, token: engine.Token, before: engine.Token | None) -> bool:
        """Tell whether this task, not a sibling, got `token` from the server."""
        asked = bool(self.journal.token_requests)
        return asked and (before is None or token.access_token != before.access_token)

    def retry_after(self) -> int | None:
        """Return the seconds for which nobody asks again; None without a failure."""
        try:
            retry_at = self.credentials.status().retry_at
        except errors.OAuthError:
            return None
        if retry_at is None:
            return None
        return max(0, math.ceil(retry_at.timestamp() - time.time()))


def open_module(extra: dict[str, t.Any]) -> AnsibleModule:
    """Build a module with the shared options, or fail if the engine is absent."""
    module = AnsibleModule(
        dict(CONNECTION, **extra),
        mutually_exclusive=[("refresh_token", "code")],
        supports_check_mode=True,
    )
    if ENGINE_ERROR is not None:
        needed = "to talk to Zoho, and it needs Python 3.11 or newer"
        module.fail_json(
            msg=missing_required_lib("pytest-catalyst-oauth", reason=needed),
            exception=ENGINE_ERROR,
        )
    return module


def run(module: AnsibleModule, work: t.Callable[[Access], dict[str, t.Any]]) -> None:
    """Turn `work`'s result into success, and an error of the engine into a failure."""
    access = failure = None
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always", errors.StoreWarning)
        try:
            _refuse_short_secrets(module)
            access = Access(module.params, rehearse=module.check_mode)
            result = work(access)
        except errors.OAuthError as error:
            failure = describe_failure(error, access)
    for note in noted:
        if issubclass(note.category, errors.StoreWarning):
            module.warn(str(note.message))
    # Outside the handler, so that no traceback goes along.
    if failure is not None:
        module.fail_json(**failure)
    module.exit_json(**result)


def check_range(name: str, value: int, least: int, most: int) -> None:
    """Refuse an option's value outside of a range, its ends included."""
    if not least <= value <= most:
        raise errors.SettingsError(
            f"{name} {value}", f"must be between {least} and {most}"
        )


def life(token: engine.Token) -> float:
    """Return how many seconds a token still works; negative if it has ended."""
    return token.expires_at.timestamp() - time.time()


def mask(token: engine.Token) -> engine.Token:
    """Return the token, after asking Ansible to hide it in all output if it can."""
    if register_secret is not None:
        register_secret(token.access_token.reveal())
    return token


def describe(token: engine.Token | None) -> dict[str, t.Any]:
    """Return what may be shown about a token; {} for none."""
    if token is None:
        return {}
    return {
        "expires_at": token.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "scope": sorted(map(str, token.scope)),
        "token_fingerprint": token.access_token.digest()[:12],
    }


def describe_failure(
    error: errors.OAuthError, access: Access | None
) -> dict[str, t.Any]:
    """Return an error as one sentence and as data; neither quotes the server's body."""
    hint = getattr(error, "hint", "") or _advice(error)
    fact = _fact(error, hint)
    return {
        "msg": f"{fact}; {hint}." if hint else f"{fact}.",
        "kind": type(error).__name__,
        "error": getattr(error, "error", None),
        "hint": hint,
        "status": getattr(error, "status", None) or None,
        "retry_after": access.retry_after() if access else None,
        "attempts": len(access.journal) if access else 0,
    }


def _fact(error: errors.OAuthError, hint: str) -> str:
    if not isinstance(error, errors.RefusedError):
        # An error with a hint of its own says it after a semicolon.
        return str(error).partition(f"; {hint}")[0] if hint else str(error)
    if not error.status:
        # Nobody was asked, so the detail is the engine's own words, not the server's.
        return error.detail
    return f"Zoho refused with {error.error!r}"


def _advice(error: errors.OAuthError) -> str:
    names = (kind.__name__ for kind in type(error).__mro__)
    return next((_ADVICE[name] for name in names if name in _ADVICE), "")


class _Rehearsal:
    """A transport that sends nothing."""

    def send(self, request: engine.HttpRequest) -> t.NoReturn:
        raise WouldAskError(request.origin)


def _copy(store: engine.Store, keys: list[engine.StoreKey]) -> engine.Store:
    copy = engine.MemoryStore()
    for key in keys:
        record = store.load(key)
        if record is not None:
            copy.compare_and_swap(key, 0, record)
    return copy


def _refuse_short_secrets(module: AnsibleModule) -> None:
    short = [n for n in _SECRETS if 0 < len(module.params[n] or "") < _LEAST_SECRET]
    for name in short:
        # Otherwise it is cut out of the very sentence that refuses it.
        module.no_log_values.discard(module.params[name])
        module.params[name] = _HIDDEN
    if short:
        raise errors.SettingsError(
            short[0],
            f"has fewer than {_LEAST_SECRET} characters, so it is no secret of Zoho's",
            "copy it again from the API console",
        )


def _client(params: dict[str, t.Any]) -> engine.Client:
    return engine.Client(
        client_id=params["client_id"],
        client_secret=_secret(params["client_secret"]),
        data_center=_data_center(params),
    )


def _data_center(params: dict[str, t.Any]) -> engine.DataCenter:
    known = engine.DataCenter.parse(params["data_center"] or "us")
    if not params["accounts_url"] and not params["api_url"]:
        return known
    return engine.DataCenter(
        location=known.location,
        accounts_url=params["accounts_url"] or known.accounts_url,
        api_url=params["api_url"] or known.api_url,
    )


def _secret(text: str | None) -> engine.Secret | None:
    return engine.Secret(text) if text else None


def _timeouts(seconds: float) -> adapters.Timeouts:
    if not 0 < seconds < math.inf:
        raise errors.SettingsError("timeout", "must be more than 0 seconds")
    return adapters.Timeouts(connect=min(seconds, 5.0), read=seconds, total=seconds)


def _verify(params: dict[str, t.Any]) -> bool | str:
    bundle = params["ca_bundle"]
    if not params["validate_certs"] or not bundle:
        return params["validate_certs"]
    if not os.path.isfile(bundle):
        raise errors.SettingsError(
            f"ca_bundle {bundle}", "is no file", "name a PEM file on this host"
        )
    return bundle
