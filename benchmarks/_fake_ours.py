"""Serve a fake without its throttle: `_fake_ours.py PORT FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

# After what is installed, so that a wheel is measured if there is one.
sys.path.append(str(Path(__file__).parents[1]))

from pytest_catalyst_oauth.fake import FakeCatalyst, FakeServer, FakeSettings


def main() -> None:
    """Serve until the process ends; write into the folder what asks for a token."""
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    fake = FakeCatalyst(settings=FakeSettings(token_requests=None))
    assert fake.client.client_secret is not None
    form = {
        "grant_type": "refresh_token",
        "client_id": fake.client.client_id,
        "client_secret": fake.client.client_secret.reveal(),
        "refresh_token": fake.refresh_token.reveal(),
    }
    (folder / f"form-{port}").write_text(urlencode(form), encoding="ascii")
    with FakeServer(fake, port=port):
        Event().wait()


if __name__ == "__main__":
    main()
