"""Who the user is: zoho-protocol.md 4.1 and 8, and OpenID Connect Core."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import jwt
import pytest

from pytest_catalyst_oauth.engine import HttpRequest, Secret
from tests.fake.asking import (
    INVENTED,
    ROWS,
    access_of,
    exchange,
    new_access,
    refresh,
    token_request,
)
from tests.fake.browsing import APP, code_of, page_url

OPENID = "openid email profile"
PROFILE = "AaaServer.profile.READ"
CLASSIC, MODERN = "/oauth/user/info", "/oauth/v2/userinfo"


def get(fake, path, token=None, scheme="Bearer", method="GET"):
    base = fake.client.data_center.accounts_url
    headers = (("Authorization", f"{scheme} {token.reveal()}"),) if token else ()
    return fake.send(HttpRequest(method=method, url=base + path, headers=headers))


def claims(fake, token, client, **more):
    """What an ID token says, once its signature and its claims are verified."""
    (key,) = jwt.PyJWKSet.from_dict(get(fake, "/oauth/v2/keys").json()).keys
    assert jwt.get_unverified_header(token)["kid"] == key.key_id
    return jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        audience=client.client_id,
        issuer=fake.client.data_center.accounts_url,
        # The fake's clock is not the one of PyJWT.
        options={"verify_exp": False, "verify_iat": False, **more},
    )


@pytest.mark.parametrize("scheme", ["Zoho-oauthtoken", "Bearer", "bearer"])
def test_a_token_of_its_scope_tells_the_user(fake, scheme):
    """In the documented order, the ZUID a number."""
    reply = get(fake, CLASSIC, new_access(fake, PROFILE), scheme)

    assert (reply.status, list(reply.json().items())) == (
        200,
        [
            ("First_Name", "Ada"),
            ("Email", "ada@example.com"),
            ("Last_Name", "Example"),
            ("Display_Name", "Ada Example"),
            ("ZUID", fake.user.zuid),
        ],
    )


@pytest.mark.parametrize("path", [CLASSIC, MODERN])
@pytest.mark.parametrize("token", [None, INVENTED])
def test_without_a_token_nobody_is_told(fake, path, token):
    """The recorded answer, which differs from the API's."""
    reply = get(fake, path, token)

    assert reply.status == 401
    assert reply.body == b'{"response":"error","cause":"INVALID_OAUTHTOKEN"}'


@pytest.mark.parametrize("path", [CLASSIC, MODERN])
def test_a_token_of_other_scopes_is_refused(fake, path):
    """Refreshing would not help."""
    reply = get(fake, path, new_access(fake, ROWS))

    assert reply.status == 401
    assert reply.body == b'{"response":"error","cause":"INVALID_OAUTHSCOPE"}'


def test_client_credentials_have_no_user(fake):
    """Nobody stands behind such a token."""
    fields = {"grant_type": "client_credentials", "scope": PROFILE, "soid": "A.1"}
    token = access_of(fake.send(token_request(fake.client, **fields)))

    assert get(fake, CLASSIC, token).status == 401


@pytest.mark.parametrize(
    ("scope", "known"),
    [
        ("openid", {"sub"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid profile", {"sub", "name", "given_name", "family_name"}),
    ],
)
def test_userinfo_tells_what_the_scopes_cover(fake, scope, known):
    """Under OpenID's names; the subject is the ZUID."""
    said = get(fake, MODERN, new_access(fake, scope)).json()

    assert said.keys() == known
    assert said["sub"] == str(fake.user.zuid)


def test_an_exchange_brings_a_signed_statement_about_the_user(fake, clock):
    """Verified with the published key; it repeats the nonce and ends in an hour."""
    client = fake.register_client(redirect_uri=APP)
    code = fake.issue_code(OPENID, client=client, nonce=Secret("invented-nonce"))

    reply = exchange(fake, code, client=client).json()

    assert claims(fake, reply["id_token"], client) == {
        "iss": "https://accounts.zoho.com",
        "aud": client.client_id,
        "iat": int(clock()),
        "exp": int(clock()) + 3600,
        "nonce": "invented-nonce",
        "sub": str(fake.user.zuid),
        "email": "ada@example.com",
        "email_verified": True,
        "name": "Ada Example",
        "given_name": "Ada",
        "family_name": "Example",
    }


def test_the_statement_is_about_the_one_who_consented(fake):
    """Not about whoever came first; the nonce comes from the login's address."""
    client = fake.register_client(redirect_uri=APP)
    grace = fake.add_user("Grace")
    url = page_url(client, scope="openid,email", nonce="of-this-login")

    code = code_of(fake.consent(url, user=grace))
    said = claims(fake, exchange(fake, code, client=client).json()["id_token"], client)

    assert (said["email"], said["nonce"]) == ("grace@example.com", "of-this-login")


def test_a_signature_of_another_fake_does_not_count(fake, new_fake):
    """Each fake has a key of its own."""
    client = fake.register_client(redirect_uri=APP)
    code = fake.issue_code(OPENID, client=client)
    token = exchange(fake, code, client=client).json()["id_token"]

    with pytest.raises(jwt.InvalidSignatureError):
        claims(new_fake(), token, client)


def test_no_statement_comes_without_the_scope(fake):
    """Nor with a refresh."""
    assert "id_token" not in exchange(fake, fake.issue_code(ROWS)).json()
    assert "id_token" not in refresh(fake, fake.issue_refresh_token(OPENID)).json()


def test_discovery_leads_to_the_endpoints_of_who_was_asked(fake):
    """Also under the address of a server on the loopback."""
    path = "/.well-known/openid-configuration"

    for base in ("https://accounts.zoho.com", "http://127.0.0.1:8000"):
        said = fake.send(HttpRequest(method="GET", url=base + path)).json()
        assert said["issuer"] == base
        assert said["jwks_uri"] == f"{base}/oauth/v2/keys"
        assert said["token_endpoint"] == f"{base}/oauth/v2/token"


def test_userinfo_may_be_posted_for(fake):
    """OpenID Connect Core 1.0, section 5.3.1, wants both."""
    token = new_access(fake, OPENID)

    posted = get(fake, MODERN, token, method="POST")

    assert posted.status == 200
    assert posted.json() == get(fake, MODERN, token).json()


@pytest.mark.parametrize("path", [CLASSIC, "/oauth/v2/keys", "/oauth/serverinfo"])
def test_what_is_read_is_read_by_get(fake, path):
    """Anything else is 405."""
    assert get(fake, path, method="POST").status == 405


def test_only_the_public_half_of_the_key_is_shown(fake):
    """Modulus and exponent."""
    (key,) = get(fake, "/oauth/v2/keys").json()["keys"]

    assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}


def test_without_the_library_the_fake_says_what_to_install():
    """Only where a signature is needed; all else works, and nothing is imported."""
    program = """
        import sys
        sys.modules["jwt"] = None
        from pytest_catalyst_oauth.engine import HttpRequest
        from pytest_catalyst_oauth.fake import FakeCatalyst
        from tests.fake.asking import exchange, refresh
        fake = FakeCatalyst()
        assert "access_token" in refresh(fake).json()
        url = fake.client.data_center.accounts_url + "/oauth/v2/keys"
        for reply in (
            fake.send(HttpRequest(method="GET", url=url)),
            exchange(fake, fake.issue_code("openid")),
        ):
            assert reply.status == 501
            assert b"pytest-catalyst-oauth[openid]" in reply.body
        assert "cryptography" not in sys.modules
    """

    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)
