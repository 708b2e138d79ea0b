"""A connection to another host, which is this one: only modules can tell."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: elsewhere
short_description: Another host, played by this one
description: As ssh to this host would be.
extends_documentation_fragment:
  - connection_pipelining
options:
  become_success_timeout:
    type: int
    default: 10
    description: As of local.
  become_strip_preamble:
    type: bool
    default: true
    description: As of local.
"""


class Connection(Local):
    """Runs commands here, under another name."""

    transport = "elsewhere"
