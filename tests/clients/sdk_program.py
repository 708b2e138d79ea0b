"""A program with the official SDK, unmodified: one JSON line in, one out.

It knows its server by environment variables alone. A line names a method of the table
`Guests` and its arguments; `trusted_until` asks how long the token is trusted.
"""

from __future__ import annotations

import json
import sys

import zcatalyst_sdk
from zcatalyst_sdk.exceptions import CatalystError


def main():
    app = zcatalyst_sdk.initialize_app()
    table = app.datastore().table("Guests")
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            if name == "trusted_until":
                result = app.credential._cached_token["expires_in"]
            else:
                result = getattr(table, name)(*arguments)
            answer = {"result": result}
        except CatalystError as error:
            answer = {"error": error.code, "message": error.message}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
