# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table of all options. Private to this collection.

Argument specs, the variables that stand in for an option, and the lookup's own ways to
set one are made of it; a test compares the documentation with it.
"""

from __future__ import annotations

import json
import typing as t

PREFIX = "CATALYST_OAUTH_"
# Zoho's own SDKs keep client and refresh token in this one, as JSON.
SDK_AUTH = "CATALYST_AUTH"

# Each of these is a way to get the first token; one is enough.
GRANTS = ("refresh_token", "code", "soid")

# `secret`: never shown. `env`: a variable of the environment stands in; `vendor`: one
# of Zoho's SDKs does, after all others. No `default` where a variable stands in.
CONNECTION: dict[str, dict[str, t.Any]] = {
    "client_id": {"type": "str", "env": True, "vendor": SDK_AUTH},
    "client_secret": {"type": "str", "env": True, "vendor": SDK_AUTH, "secret": True},
    "refresh_token": {"type": "str", "env": True, "vendor": SDK_AUTH, "secret": True},
    "code": {"type": "str", "env": True, "secret": True},
    "soid": {"type": "str", "env": True},
    "scopes": {"type": "list", "elements": "str", "env": True},
    # No choices: the engine knows them, and takes EU as well as eu.
    "data_center": {"type": "str", "env": True},
    "accounts_url": {
        "type": "str",
        "env": True,
        "vendor": "X_ZOHO_CATALYST_ACCOUNTS_URL",
    },
    "api_url": {"type": "str", "env": True, "vendor": "X_ZOHO_CATALYST_CONSOLE_URL"},
    "profile": {"type": "str", "env": True},
    "store": {"type": "str", "env": True},
    "attempts": {"type": "int", "default": 4},
    "total_time": {"type": "float", "default": 30},
    "timeout": {"type": "float", "default": 20},
    "validate_certs": {"type": "bool", "default": True},
    "ca_bundle": {"type": "path"},
    # Its address may hold a password.
    "proxy": {"type": "str", "secret": True},
}
MIN_REMAINING = {"min_remaining": {"type": "int", "default": 60}}
RETURN_TOKEN = {"return_token": {"type": "bool", "default": True, "secret": False}}
HIDE_RESULT = {"hide_result": {"type": "bool", "default": True}}
STATES = ["present", "refreshed", "absent"]

TOKEN = dict(
    CONNECTION,
    state={"type": "str", "choices": STATES, "default": "present"},
    **MIN_REMAINING,
    **RETURN_TOKEN,
    **HIDE_RESULT,
)
TOKEN_INFO = dict(CONNECTION)
DEVICE_CODE = dict(
    CONNECTION,
    device_code={"type": "str", "secret": True},
    interval={"type": "float", "default": 5},
    wait={"type": "bool", "default": False},
    wait_time={"type": "float", "default": 300},
    **RETURN_TOKEN,
    **HIDE_RESULT,
)
LOOKUP = dict(CONNECTION, **MIN_REMAINING)

# As a no_log value a shorter text would be cut out of results that it has no part in:
# "1000" begins every token of Zoho. Real secrets have 40 characters and more.
LEAST_SECRET = 8
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
MASK = "********"


def argument_spec(
    table: dict[str, dict[str, t.Any]], for_module: bool = True
) -> dict[str, dict[str, t.Any]]:
    """Return what Ansible wants to know about the options of a table.

    Args:
        table: One of the tables above.
        for_module: Whether a module shows its arguments, so that Ansible has to know
            which are secret. It hides short ones, too, even inside other texts.
    """
    return {name: _spec(option, for_module) for name, option in table.items()}


def _spec(option: dict[str, t.Any], for_module: bool) -> dict[str, t.Any]:
    own = ("env", "vendor", "secret")
    spec = {key: value for key, value in option.items() if key not in own}
    if "secret" in option and for_module:
        spec["no_log"] = option["secret"]
    return spec


def secrets_in(params: dict[str, t.Any]) -> list[str]:
    """Return the texts among the parameters that nobody may see."""
    known = dict(TOKEN, **DEVICE_CODE)
    texts = [params[n] for n in params if known.get(n, {}).get("secret")]
    return [text for text in texts if text]


def masked(value: t.Any, params: dict[str, t.Any]) -> t.Any:
    """Return a text, or a result's texts, without the secrets among the parameters.

    What is short, or an address without a password, is a part of other texts.
    """
    if isinstance(value, dict):
        return {name: masked(one, params) for name, one in value.items()}
    if not isinstance(value, str):
        return value
    for secret in map(str, secrets_in(params)):
        is_address = secret == params.get("proxy") and "@" not in secret
        if len(secret) >= LEAST_SECRET and not is_address:
            # An error quotes what is wrong, in one way or another.
            for form in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]):
                value = value.replace(form, MASK)
    return value


def variable(name: str) -> str:
    """Return the variable of the environment that stands in for an option."""
    return PREFIX + name.upper()


def fill(params: dict[str, t.Any], environ: t.Mapping[str, str]) -> dict[str, t.Any]:
    """Return the parameters with what the environment says about those not given.

    An empty text counts as not given. The grant is one decision: a variable with
    another one does not mix into the task's. Zoho's own variables come last, and for
    whole decisions only, since they may be there for another program.

    Args:
        params: Of a module, an action or a lookup; all options of its table.
        environ: Of the process that does the work.
    """
    found = dict(params)
    if any(params.get(name) for name in GRANTS):
        taken = set(GRANTS)
    else:
        first = next((n for n in GRANTS if environ.get(variable(n))), None)
        taken = set(GRANTS).difference([first] if first else [])
    for name, option in CONNECTION.items():
        if not found.get(name) and name not in taken and option.get("env"):
            found[name] = environ.get(variable(name)) or None
    return _filled_by_vendor(found, environ)


def _filled_by_vendor(
    found: dict[str, t.Any], environ: t.Mapping[str, str]
) -> dict[str, t.Any]:
    # Another client's refresh token is of no use, nor is this one's elsewhere.
    if not found.get("client_id"):
        login = _sdk_login(environ)
        found["client_id"] = login.get("client_id")
        found["client_secret"] = found.get("client_secret") or login.get(
            "client_secret"
        )
        if not any(found.get(name) for name in GRANTS):
            found["refresh_token"] = login.get("refresh_token")
    if not found.get("data_center"):
        for name in ("accounts_url", "api_url"):
            given = environ.get(CONNECTION[name]["vendor"])
            found[name] = found.get(name) or given or None
    return found


def _sdk_login(environ: t.Mapping[str, str]) -> dict[str, str]:
    try:
        said = json.loads(environ.get(SDK_AUTH) or "{}")
    except ValueError:
        return {}
    if not isinstance(said, dict):
        return {}
    return {n: v for n, v in said.items() if isinstance(v, str) and v}
