"""An authorization server made of oauthlib's endpoints and `http.server`."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace

from oauthlib.oauth2 import RequestValidator, WebApplicationServer

CLIENT_ID = "1000.INVENTEDCLIENT"


class Validator(RequestValidator):
    """Keeps codes and tokens in dictionaries; every method is oauthlib's seam."""

    def __init__(self):
        self.codes, self.refresh_tokens, self.access_tokens = {}, {}, {}
        self.redirect_uris = {"https://guest.example/callback"}

    def authenticate_client(self, request, *args, **kwargs):
        request.client = SimpleNamespace(client_id=request.client_id)
        return (request.client_id, request.client_secret) == (
            CLIENT_ID,
            "invented-client-secret",
        )

    def client_authentication_required(self, request, *args, **kwargs):
        return True

    def validate_client_id(self, client_id, request, *args, **kwargs):
        request.client = SimpleNamespace(client_id=client_id)
        return client_id == CLIENT_ID

    def validate_redirect_uri(self, client_id, redirect_uri, request, *args, **kwargs):
        return redirect_uri in self.redirect_uris

    def validate_response_type(
        self, client_id, response_type, client, request, *a, **k
    ):
        return response_type == "code"

    def validate_grant_type(self, client_id, grant_type, client, request, *a, **k):
        return grant_type in ("authorization_code", "refresh_token")

    def validate_scopes(self, client_id, scopes, client, request, *args, **kwargs):
        return bool(scopes)

    def is_pkce_required(self, client_id, request):
        return True

    def save_authorization_code(self, client_id, code, request, *args, **kwargs):
        self.codes[code["code"]] = {
            "scopes": request.scopes,
            "redirect_uri": request.redirect_uri,
            "challenge": request.code_challenge,
            "method": request.code_challenge_method,
        }

    def validate_code(self, client_id, code, client, request, *args, **kwargs):
        found = self.codes.get(code)
        request.scopes, request.user = found and found["scopes"], "guest"
        return found is not None

    def get_code_challenge(self, code, request):
        return self.codes[code]["challenge"]

    def get_code_challenge_method(self, code, request):
        return self.codes[code]["method"]

    def confirm_redirect_uri(self, client_id, code, redirect_uri, client, *a, **k):
        return self.codes[code]["redirect_uri"] == redirect_uri

    def invalidate_authorization_code(self, client_id, code, request, *args, **kwargs):
        del self.codes[code]

    def save_bearer_token(self, token, request, *args, **kwargs):
        self.access_tokens[token["access_token"]] = request.scopes
        if request.grant_type == "refresh_token":
            self.refresh_tokens.pop(request.refresh_token)
        self.refresh_tokens[token["refresh_token"]] = request.scopes

    def validate_refresh_token(self, refresh_token, client, request, *args, **kwargs):
        request.user = "guest"
        return refresh_token in self.refresh_tokens

    def get_original_scopes(self, refresh_token, request, *args, **kwargs):
        return self.refresh_tokens[refresh_token]

    def rotate_refresh_token(self, request):
        return True

    def revoke_token(self, token, token_type_hint, request, *args, **kwargs):
        self.refresh_tokens.pop(token, None)
        self.access_tokens.pop(token, None)


class OauthlibServer:
    """Serves it on the loopback, as behind a proxy that ends TLS.

    Attributes:
        url: Base of its endpoints.
        validator: What it knows.
    """

    def __init__(self):
        self.validator = Validator()
        self._endpoints = WebApplicationServer(self.validator)
        handler = type("Handler", (_Handler,), {"answer": staticmethod(self._answer)})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def consent(self, url):
        """Open an authorization URL as a person who consents; return the redirect."""
        url = url.replace("http://", "https://")
        scopes, _ = self._endpoints.validate_authorization_request(url)
        headers, _, status = self._endpoints.create_authorization_response(
            url, scopes=scopes
        )
        assert status == 302
        return headers["Location"]

    def _answer(self, path, body, headers):
        url = f"https://guest.example{path}"
        if path == "/oauth/v2/token":
            return self._endpoints.create_token_response(url, "POST", body, headers)
        return self._endpoints.create_revocation_response(url, "POST", body, headers)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name.title(): value for name, value in self.headers.items()}
        headers, text, status = self.answer(self.path, body, given)
        content = (text or "").encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass
