# -*- coding: utf-8 -*-
# Copyright (c) 2026, pytest-catalyst-oauth maintainers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that doc_fragments/client.py documents. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import env_fallback


def _or_env(name: str, **spec: t.Any) -> dict[str, t.Any]:
    return dict(spec, fallback=(env_fallback, ["CATALYST_OAUTH_" + name.upper()]))


CONNECTION = {
    "client_id": _or_env("client_id", type="str", required=True),
    "client_secret": _or_env("client_secret", type="str", required=True, no_log=True),
    "refresh_token": _or_env("refresh_token", type="str", no_log=True),
    "code": _or_env("code", type="str", no_log=True),
    # No choices: the engine knows them, and takes EU as well as eu.
    "data_center": _or_env("data_center", type="str", default="us"),
    "accounts_url": _or_env("accounts_url", type="str"),
    "api_url": _or_env("api_url", type="str"),
    "profile": _or_env("profile", type="str", default="default"),
    "store": _or_env("store", type="str"),
    "attempts": {"type": "int", "default": 4},
    "total_time": {"type": "float", "default": 30},
    "timeout": {"type": "float", "default": 20},
    "validate_certs": {"type": "bool", "default": True},
    "ca_bundle": {"type": "path"},
}
