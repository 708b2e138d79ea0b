"""What Zoho says differently than the standards, translated for strict servers."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from pytest_catalyst_oauth.adapters import RequestsTransport
from pytest_catalyst_oauth.engine import HttpReply

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


class AsZoho:
    """Carry requests in Zoho's form to a server that follows the standards.

    A refresh and a code exchange go out as they are. A revocation gets the client's
    authentication, which Zoho does not ask for (RFC 7009, section 2.1), and its empty
    answer Zoho's words. The device flow has other names at Zoho (RFC 8628).

    Args:
        client: Whose authentication a revocation gets.
    """

    def __init__(self, client):
        self._client = client
        self._inner = RequestsTransport()
        self.sent = []

    def send(self, request):
        """Deliver `request`."""
        self.sent.append(request)
        base, _, path = request.url.partition("/oauth/")
        fields = dict(parse_qsl(request.body.decode()))
        if path == "v2/token/revoke":
            fields["client_id"] = self._client.client_id
            fields["client_secret"] = self._client.client_secret.reveal()
        elif path == "v3/device/code":
            for name in ("grant_type", "access_type", "prompt"):
                fields.pop(name, None)
            fields["client_secret"] = self._client.client_secret.reveal()
        elif path == "v3/device/token":
            path = "v2/token"
            fields["grant_type"] = DEVICE_CODE
            fields["device_code"] = fields.pop("code")
        else:
            return self._inner.send(request)
        url, body = f"{base}/oauth/{path}", urlencode(fields).encode()
        reply = self._inner.send(replace(request, url=url, body=body))
        if path == "v2/token/revoke" and reply.status == 200:
            return HttpReply.of_json(200, {"status": "success"})
        return reply
