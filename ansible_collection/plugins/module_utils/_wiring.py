# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From options to what the engine works with. Private to this collection."""

from __future__ import annotations

import math
import os
import typing as t

from ansible_collections.catalyst.oauth.plugins.module_utils import _options

try:
    from pytest_catalyst_oauth import adapters, engine
    from pytest_catalyst_oauth.engine import errors
except ImportError:
    # `_door` says so before anything here is called.
    pass


def parse_scopes(params: dict[str, t.Any]) -> engine.ScopeSet:
    """Return the scopes that the parameters name, as a list or as one text."""
    return engine.ScopeSet.parse(params["scopes"] or "")


# One for each set of connection options. In a loop the next item finds the connection
# open, and the certificates of all authorities read.
_transports: dict[tuple[t.Any, ...], t.Any] = {}


def transport(params: dict[str, t.Any]) -> t.Any:
    """Return what carries requests, the same for the same options."""
    patience, verify = timeouts(params["timeout"]), _verify(params)
    proxy = _proxy(params["proxy"])
    environment = tuple(
        os.environ.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    )
    made_for = (params["timeout"], verify, proxy, environment)
    if made_for not in _transports:
        _transports[made_for] = _Late(patience, verify, proxy)
    return _transports[made_for]


class _Late:
    """A transport that is built when it is first needed, since that takes a while."""

    def __init__(
        self, timeouts: adapters.Timeouts, verify: bool | str, proxy: str | None
    ) -> None:
        self._args = {
            "timeouts": timeouts,
            "verify": verify,
            "proxies": {"http": proxy, "https": proxy} if proxy else None,
        }
        self._inner: t.Any = None

    def send(self, request: engine.HttpRequest) -> engine.HttpReply:
        if self._inner is None:
            self._inner = adapters.RequestsTransport(**self._args)
        return self._inner.send(request)


def lacks_secret(params: dict[str, t.Any]) -> bool:
    """Tell whether there is nothing to ask with, but maybe something stored.

    With a grant the client's secret is needed even so: together they tell which of the
    stored tokens is theirs.
    """
    return not any(params[n] for n in ("client_secret", *_options.GRANTS))


def client(params: dict[str, t.Any], only_reads: bool = False) -> engine.Client:
    """Return the client that the options describe.

    Args:
        params: The parameters.
        only_reads: Whether it may do without its secret, since nobody is asked.
    """
    kinds = engine.ClientKind
    return engine.Client(
        client_id=params["client_id"] or "",
        client_secret=_secret(params["client_secret"]),
        kind=kinds.JAVASCRIPT if only_reads else kinds.SELF,
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


def store_address(params: dict[str, t.Any]) -> str | None:
    """Return where tokens are kept; None for the user's own place."""
    given = params["store"]
    if not given or "://" in given:
        return given or None
    # As Ansible does for paths; what is an address may have a password with a dollar.
    return os.path.expandvars(given)


def retry_policy(params: dict[str, t.Any]) -> adapters.RetryPolicy:
    """Return how often and how long requests are tried."""
    if not 0 <= params["total_time"] < math.inf:
        raise errors.SettingsError("total_time", "must be 0 or more seconds")
    return adapters.RetryPolicy(attempts=params["attempts"], total=params["total_time"])


def grant(params: dict[str, t.Any]) -> t.Any:
    """Return what is exchanged for a token; None for what the store holds."""
    if params["refresh_token"]:
        given = _secret(params["refresh_token"])
        return engine.grants.RefreshGrant(refresh_token=given)
    if params["code"]:
        return engine.grants.SelfClientGrant(code=_secret(params["code"]))
    if params["soid"]:
        return engine.grants.ClientCredentialsGrant(
            scopes=parse_scopes(params), soid=params["soid"]
        )
    return None


def _secret(text: str | None) -> engine.Secret | None:
    return engine.Secret(text) if text else None


def timeouts(seconds: float) -> adapters.Timeouts:
    """Return how long a request may take."""
    if not 0 < seconds < math.inf:
        raise errors.SettingsError("timeout", "must be more than 0 seconds")
    return adapters.Timeouts(connect=min(seconds, 5.0), read=seconds, total=seconds)


def _verify(params: dict[str, t.Any]) -> bool | str:
    bundle = params["ca_bundle"]
    if not params["validate_certs"] or not bundle:
        return params["validate_certs"]
    bundle = os.path.expanduser(os.path.expandvars(bundle))
    if not os.path.isfile(bundle):
        raise errors.SettingsError(
            f"ca_bundle {bundle}", "is no file", "name a PEM file on this host"
        )
    return bundle


def _proxy(address: str | None) -> str | None:
    if not address:
        return None
    scheme, mark, rest = address.partition("://")
    if scheme not in ("http", "https") or not mark or not rest.strip("/"):
        # Not quoted, since it may hold a password.
        raise errors.SettingsError(
            "proxy", "is no address", "write it as http://host:port"
        )
    return address
