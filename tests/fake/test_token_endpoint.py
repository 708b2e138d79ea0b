"""The token endpoint, as recorded: zoho-protocol.md 4 and 5."""

from __future__ import annotations

import pytest

from pytest_catalyst_oauth.engine import (
    FORM,
    DataCenter,
    HttpRequest,
    Secret,
    grants,
    read_token,
)
from tests.fake.asking import (
    INVENTED,
    ROWS,
    access_of,
    exchange,
    refresh,
    refresh_token_of,
    token_request,
    without_tokens,
    works,
)

REDIRECT = "https://app.example/callback"


@pytest.fixture
def server_client(fake):
    return fake.register_client(redirect_uri=REDIRECT)


def test_a_code_brings_an_access_and_a_refresh_token(fake):
    """Compact JSON, its keys in the recorded order, the scopes split by spaces."""
    code = fake.issue_code("ZohoCatalyst.cron.ALL,ZohoCatalyst.cache.READ")

    reply = exchange(fake, code)

    assert reply.status == 200
    assert without_tokens(reply) == (
        '{"access_token":"TOKEN","refresh_token":"TOKEN",'
        '"scope":"ZohoCatalyst.cache.READ ZohoCatalyst.cron.ALL",'
        '"api_domain":"https://www.zohoapis.com","token_type":"Bearer",'
        '"expires_in":3600}'
    )
    assert works(fake, access_of(refresh(fake))), "the fake's own token still works"


def test_a_code_without_offline_access_brings_no_refresh_token(fake, server_client):
    """Otherwise the answer is the same."""
    code = fake.issue_code(ROWS, client=server_client, offline=False)

    reply = exchange(fake, code, client=server_client)

    assert without_tokens(reply) == (
        f'{{"access_token":"TOKEN","scope":"{ROWS}",'
        '"api_domain":"https://www.zohoapis.com","token_type":"Bearer",'
        '"expires_in":3600}'
    )
    assert works(fake, access_of(reply))


def test_a_self_client_always_gets_a_refresh_token(fake):
    """The API console knows no online access."""
    reply = exchange(fake, fake.issue_code(ROWS, offline=False))

    assert "refresh_token" in reply.json()


def test_a_refresh_brings_an_access_token_only(fake):
    """The refresh token stays what it was: Zoho never rotates."""
    first = refresh(fake, fake.issue_refresh_token(ROWS))

    assert without_tokens(first) == (
        f'{{"access_token":"TOKEN","scope":"{ROWS}",'
        '"api_domain":"https://www.zohoapis.com","token_type":"Bearer",'
        '"expires_in":3600}'
    )


def test_a_refresh_token_works_again_and_again(fake):
    """Each time it brings another access token, and the earlier one lives on."""
    first, second = access_of(refresh(fake)), access_of(refresh(fake))

    assert first != second
    assert works(fake, first)
    assert works(fake, second)


def test_the_refresh_token_of_a_code_can_be_used(fake, server_client):
    """By the client that it was issued to, with the scopes of the consent."""
    reply = exchange(fake, fake.issue_code(client=server_client), client=server_client)

    again = refresh(fake, refresh_token_of(reply), client=server_client)

    assert works(fake, access_of(again))


def test_a_code_works_once(fake):
    """The second exchange is refused; what the first brought lives on."""
    code = fake.issue_code()
    first = exchange(fake, code)

    assert exchange(fake, code).body == b'{"error":"invalid_code"}'
    assert works(fake, access_of(first))


@pytest.mark.parametrize("redirect_uri", [None, REDIRECT], ids=["self", "server"])
def test_a_code_dies_with_its_time(new_fake, clock, redirect_uri):
    """The codes of the console live longer than those of a redirect."""
    fake = new_fake(code_lifetime=120, console_code_lifetime=600)
    client = fake.register_client(redirect_uri=redirect_uri)
    in_time, too_late = fake.issue_code(client=client), fake.issue_code(client=client)

    clock.advance(seconds=(120 if redirect_uri else 600) - 1)
    assert "access_token" in exchange(fake, in_time, client=client).json()

    clock.advance(seconds=1)
    assert exchange(fake, too_late, client=client).json() == {"error": "invalid_code"}


def test_an_access_token_dies_with_its_time(new_fake, clock):
    """To the second; the reply said so in `expires_in`."""
    fake = new_fake(access_token_lifetime=60)
    reply = refresh(fake)
    assert reply.json()["expires_in"] == 60

    clock.advance(seconds=59)
    assert works(fake, access_of(reply))

    clock.advance(seconds=1)
    assert not works(fake, access_of(reply))


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({"client_id": "1000.INVENTED"}, b'{"error":"invalid_client"}'),
        ({"client_id": None}, b'{"error":"invalid_client"}'),
        ({"client_secret": INVENTED}, b'{"error":"invalid_client_secret"}'),
        ({"refresh_token": INVENTED}, b'{"error":"invalid_code"}'),
    ],
    ids=["client", "no client", "secret", "refresh token"],
)
def test_a_refused_refresh_is_http_200(fake, given, body):
    """Zoho's errors are told by the body alone, byte for byte."""
    reply = refresh(fake, **given)

    assert (reply.status, reply.body) == (200, body)
    assert reply.header("Content-Length") == str(len(body))


def test_an_invented_code_is_refused(fake):
    """As a used one is."""
    assert exchange(fake, INVENTED).body == b'{"error":"invalid_code"}'


@pytest.mark.parametrize("redirect_uri", [f"{REDIRECT}/", None])
def test_the_redirect_uri_has_to_be_repeated_exactly(fake, server_client, redirect_uri):
    """Not even a slash may differ."""
    code = fake.issue_code(client=server_client)

    reply = exchange(fake, code, client=server_client, redirect_uri=redirect_uri)

    assert reply.body == b'{"error":"invalid_redirect_uri"}'
    assert (reply.status, reply.header("Content-Length")) == (200, "32")


def test_a_refresh_checks_no_redirect_uri(fake, server_client):
    """No client of Zoho sends it, although one page calls it mandatory."""
    token = fake.issue_refresh_token(client=server_client)

    for given in ({}, {"redirect_uri": "https://other.example"}):
        reply = refresh(fake, token, client=server_client, **given)
        assert "access_token" in reply.json()


def test_a_client_cannot_use_what_another_was_given(fake, server_client):
    """Neither a code nor a refresh token."""
    code = fake.issue_code(client=server_client)

    assert exchange(fake, code).json() == {"error": "invalid_code"}
    assert refresh(fake, client=server_client).json() == {"error": "invalid_code"}


def test_the_wrong_data_centre_knows_nobody(fake):
    """Its accounts server calls our client invalid, with HTTP 200."""
    assert fake.client.data_center.location == "us"
    url = DataCenter.parse("eu").accounts_url + "/oauth/v2/token"
    request = token_request(fake.client, refresh_token=fake.refresh_token)

    reply = fake.send(HttpRequest(**(_as_dict(request) | {"url": url})))

    assert (reply.status, reply.body) == (200, b'{"error":"invalid_client"}')


@pytest.mark.parametrize("center", DataCenter.all(), ids=lambda center: center.location)
def test_a_fake_can_live_in_any_data_centre(new_fake, center):
    """Its accounts host answers, and the reply names the generic API host."""
    fake = new_fake(data_center=center)

    reply = refresh(fake)

    assert reply.json()["api_domain"] == center.api_domain


def test_parameters_may_come_by_query_alone(fake):
    """As the SDK for JavaScript sends them, around a placeholder of JSON."""
    request = HttpRequest(
        method="POST",
        url=f"{fake.client.token_url}?{_form(fake)}",
        headers=(
            ("Content-Type", "application/json"),
            ("Transfer-Encoding", "chunked"),
        ),
        body=b'{"your":"data"}',
    )

    assert "access_token" in fake.send(request).json()


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_a_body_that_is_no_form_counts_for_nothing(fake, kind):
    """Even if it reads like one."""
    request = HttpRequest(
        method="POST",
        url=fake.client.token_url,
        headers=(("Content-Type", kind),),
        body=_form(fake).encode(),
    )

    assert fake.send(request).json() == {"error": "invalid_client"}


def test_parameters_may_come_by_query_with_an_empty_body(fake):
    """As Zoho's command line tool sends a code."""
    request = HttpRequest(method="POST", url=f"{fake.client.token_url}?{_form(fake)}")

    assert "access_token" in fake.send(request).json()


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Content-Type", FORM),),
        (("content-type", f"{FORM.title()}; charset=UTF-8"),),
    ],
    ids=["none", "plain", "with a charset"],
)
def test_parameters_may_come_by_form(fake, headers):
    """With a Content-Type or without."""
    request = HttpRequest(
        method="POST",
        url=fake.client.token_url,
        headers=headers,
        body=_form(fake).encode(),
    )

    assert "access_token" in fake.send(request).json()


def test_query_and_form_are_merged_and_the_query_wins(fake):
    """Of two values for one name this fake takes the query's."""
    form = _form(fake)
    secret = fake.client.client_secret
    url = f"{fake.client.token_url}?client_secret={secret.reveal()}"
    request = token_request(
        fake.client,
        grant_type="refresh_token",
        refresh_token=fake.refresh_token,
        client_secret=INVENTED,
    )
    reply = fake.send(HttpRequest(**(_as_dict(request) | {"url": url})))
    assert "access_token" in reply.json()

    url = f"{fake.client.token_url}?client_secret=invented"
    reply = fake.send(HttpRequest(method="POST", url=url, body=form.encode()))
    assert reply.json() == {"error": "invalid_client_secret"}


@pytest.mark.parametrize("by_query", [True, False])
def test_the_first_of_two_equal_names_counts(fake, by_query):
    """As a Java server reads them; the query's come before the form's."""
    pairs = f"{_form(fake)}&client_secret=invented"
    url = fake.client.token_url + (f"?{pairs}" if by_query else "")
    body = b"" if by_query else pairs.encode()

    reply = fake.send(HttpRequest(method="POST", url=url, body=body))

    assert "access_token" in reply.json()


def test_an_empty_parameter_counts_as_absent(fake):
    """An empty value of the query does not hide the form's."""
    url = f"{fake.client.token_url}?client_secret=&refresh_token="

    reply = fake.send(HttpRequest(method="POST", url=url, body=_form(fake).encode()))

    assert "access_token" in reply.json()


def test_old_replies_count_in_milliseconds(new_fake):
    """With the switch, `expires_in` is in milliseconds beside the seconds."""
    fake = new_fake(legacy_lifetimes=True)

    reply = refresh(fake, fake.issue_refresh_token(ROWS))

    assert without_tokens(reply) == (
        f'{{"access_token":"TOKEN","scope":"{ROWS}","expires_in_sec":3600,'
        '"api_domain":"https://www.zohoapis.com","token_type":"Bearer",'
        '"expires_in":3600000}'
    )


@pytest.mark.parametrize("legacy", [False, True])
def test_our_engine_reads_both_units(new_fake, clock, legacy):
    """A token ends after an hour, whichever way the reply says so."""
    fake = new_fake(legacy_lifetimes=legacy)

    token = read_token(refresh(fake), asked_at=clock())

    assert token.expires_at.timestamp() == clock() + 3600


def test_replies_can_leave_the_scope_out(new_fake):
    """Older ones do; the token opens the same."""
    fake = new_fake(says_scope=False)

    reply = refresh(fake)

    assert "scope" not in reply.json()
    assert works(fake, access_of(reply))


def test_a_double_slash_is_a_page_that_is_not_found(fake):
    """Although Zoho's SDK for Python asks for it."""
    reply = fake.send(_with_double_slash(fake))

    assert reply.status == 404
    assert reply.header("Content-Type") == "text/html;charset=UTF-8"
    assert reply.json() is None


def test_a_double_slash_can_be_served(new_fake):
    """With the switch, for those who test with that SDK."""
    fake = new_fake(lenient_double_slash=True)

    reply = fake.send(_with_double_slash(fake))

    assert "access_token" in reply.json()


@pytest.mark.parametrize("path", ["/", "/oauth/v2/tokens", "/oauth/v2/token/"])
def test_an_unknown_path_is_a_page_that_is_not_found(fake, path):
    """The accounts server answers to people there."""
    url = fake.client.data_center.accounts_url + path

    reply = fake.send(HttpRequest(method="POST", url=url))

    assert (reply.status, reply.json()) == (404, None)


@pytest.mark.parametrize(
    "given",
    [{"grant_type": "password"}, {"grant_type": None}, {"refresh_token": None}],
    ids=["unknown", "none", "no token"],
)
def test_what_nobody_recorded_is_refused_and_costs_nothing(fake, given):
    """Some answer comes; it holds no token, and the next request works."""
    reply = fake.send(
        token_request(
            fake.client,
            **{
                "grant_type": "refresh_token",
                "refresh_token": fake.refresh_token,
                **given,
            },
        )
    )

    assert "error" in reply.json()
    assert "access_token" in refresh(fake).json()


def test_a_token_request_has_to_be_a_post(fake):
    """A link that somebody follows uses nothing up."""
    code = fake.issue_code()
    request = grants.SelfClientGrant(code=code).request(fake.client)
    url = f"{request.url}?{request.body.decode()}"

    reply = fake.send(HttpRequest(method="GET", url=url))

    assert reply.status == 405
    assert "access_token" in exchange(fake, code).json()


def test_every_client_has_its_own_id_and_secret(fake):
    """They have Zoho's form: 30 letters after the prefix, 42 hexadecimal digits."""
    clients = [fake.client, *(fake.register_client() for _ in range(12))]

    assert len({client.client_id for client in clients}) == len(clients)
    assert len({client.client_secret for client in clients}) == len(clients)
    for client in clients:
        assert len(client.client_id.removeprefix("1000.")) == 30
        assert len(client.client_secret.reveal()) == 42


def test_tokens_have_zohos_form_and_are_visibly_nobodys(fake):
    """`1000.<32 hex>.<32 hex>`, beginning with the word fake."""
    tokens = (fake.refresh_token, fake.issue_code(), access_of(refresh(fake)))

    for token in tokens:
        assert isinstance(token, Secret)
        assert token.reveal().startswith("1000.fa4e")
        assert [len(part) for part in token.reveal().split(".")] == [4, 32, 32]


def _form(fake):
    request = grants.RefreshGrant(refresh_token=fake.refresh_token).request(fake.client)
    return request.body.decode()


def _with_double_slash(fake):
    url = fake.client.data_center.accounts_url + "//oauth/v2/token"
    return HttpRequest(method="POST", url=url, body=_form(fake).encode())


def _as_dict(request):
    return {"method": request.method, "headers": request.headers, "body": request.body}
