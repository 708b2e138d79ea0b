"""A program with the official SDK, unmodified: one JSON line in, one out.

It knows its server by environment variables alone. A line names a method and its
arguments: of the table `Guests`, or after a component's name and a colon, of that.
`trusted_until` asks how long the token is trusted.
"""

from __future__ import annotations

import io
import json
import sys

import zcatalyst_sdk
from zcatalyst_sdk.exceptions import CatalystError


def segment(app, identifier, name, *arguments):
    return getattr(app.cache().segment(identifier), name)(*arguments)


def folder(app, identifier, name, *arguments):
    return getattr(app.filestore().folder(identifier), name)(*arguments)


def upload(app, identifier, name, text):
    file = io.BufferedReader(io.BytesIO(text.encode()))
    return app.filestore().folder(identifier).upload_file(name, file)


def download(app, identifier, file_id):
    return app.filestore().folder(identifier).download_file(file_id).decode()


def trusted_until(app):
    return app.credential._cached_token["expires_in"]


COMPONENTS = {
    "datastore": lambda app: app.datastore(),
    "table": lambda app: app.datastore().table("Guests"),
    "zcql": lambda app: app.zcql(),
    "cache": lambda app: app.cache(),
    "filestore": lambda app: app.filestore(),
    "cron": lambda app: app.cron(),
    "job_cron": lambda app: app.job_scheduling().cron,
    "search": lambda app: app.search(),
}
ACTIONS = {
    "segment": segment,
    "folder": folder,
    "upload": upload,
    "download": download,
    "trusted_until": trusted_until,
}


def done(app, name, arguments):
    if name in ACTIONS:
        return ACTIONS[name](app, *arguments)
    component, _, method = name.rpartition(":")
    return getattr(COMPONENTS[component or "table"](app), method)(*arguments)


def plain(value):
    """What JSON can hold: the SDK's objects tell their details."""
    return value.to_dict()


def main():
    app = zcatalyst_sdk.initialize_app()
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = {"result": done(app, name, arguments)}
        except CatalystError as error:
            answer = {"error": error.code, "message": error.message}
        print(json.dumps(answer, default=plain), flush=True)


if __name__ == "__main__":
    main()
