"""Names that identity providers, clouds and frameworks give to their secrets."""

import json

import pytest

from pytest_catalyst_oauth.cassette import scan
from pytest_catalyst_oauth.engine import FORM, HttpReply, HttpRequest
from tests.cassette.recordings import replay_of, scrub_reply, scrub_request

HEX = "3f9c0b7de1a4482fb6d05c9a7e21f883"
MIXED = "q7Zp2mXw9KfT4vBn8sLd1Rc6"

# Whatever the value is.
CERTAIN = (
    "auth_req_id login_hint_token flowToken stateToken mfa_token oob_code oobCode "
    "binding_code recovery_code backupCode sms_code client_token session_code "
    "reset_token passwordResetToken invite_token remember_token confirmationToken "
    "bot_token appToken deploy_token verification_token api_token userToken "
    "SECRET_HASH appsecret_proof signed_request fb_exchange_token shared_key "
    "subscriptionKey consumer_key master_key AccountKey AccessKeyId ssh_key "
    "password_hash SecretString "
    "security_answer iamcsr zcsr_tmp CASTGC SAMLart serviceTicket PGPASSWORD "
    "private_key_pem SecretBinary db_pass tls.key"
).split()
# If nobody would write such a value.
ISSUED = (
    "Session client_info sFT sCtx canary hmac accessor secret_id jwt bearer "
    "sessionInfo rememberMe credential credentials pat ticket_id connectionString"
).split()
HEADERS = (
    "Ocp-Apim-Subscription-Key X-Functions-Key DD-APPLICATION-KEY X-RapidAPI-Key "
    "X-Shopify-Hmac-SHA256 X-Session X-Session-Key X-Jwt X-Jwt-Assertion X-Bearer "
    "X-Amzn-Oidc-Data X-App-Key X-IBM-Client-Id X-Csrftoken"
).split()


@pytest.mark.parametrize("value", [HEX, MIXED])
@pytest.mark.parametrize("name", [*CERTAIN, *ISSUED])
def test_a_secret_is_replaced_under_the_name_that_a_service_gives_it(name, value):
    """In what is answered and in what is asked."""
    told = scrub_reply(json.dumps({name: value}).encode()).body
    asked = scrub_request(
        headers=(("Content-Type", FORM),), body=f"a=1&{name}={value}&b=2".encode()
    )

    assert value.encode() not in told + asked.body
    assert asked.body.startswith(f"a=1&{name}=".encode())
    assert asked.body.endswith(b"&b=2")


@pytest.mark.parametrize("name", [*CERTAIN, *ISSUED])
def test_such_a_request_is_found_again(name):
    """With another secret, and not with another member."""
    recorded, sent = (
        HttpRequest(
            method="POST",
            url="https://partner.example/",
            headers=(("Content-Type", "application/json"),),
            body=json.dumps({"a": 1, name: value}).encode(),
        )
        for value in (HEX, MIXED)
    )

    assert replay_of((recorded, HttpReply(status=200))).send(sent).status == 200


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_of_a_service_is_replaced(name):
    """Whatever its value is."""
    sent = scrub_request(headers=((name, "Inv3nted-plugh-42"),)).header(name)

    assert sent.startswith("REDACTED-")


@pytest.mark.parametrize(
    "text",
    [
        '{"next_token": "a8Kd02mQx1zPq77aa", "nextPageToken": "a8Kd02mQx1zPq77aa"}',
        '{"syncToken": "CPDAlvWDx70CEPDAlvWD", "pageToken": "q7Zp2mXw9KfT4vBn"}',
        "https://x.test/rows?next_token=45678&continuation_token=a8Kd02mQx1zPq77aa",
        '{"total_tokens": 1234, "max_token": "4096", "stop_token": "end-of-text1"}',
        '{"Session": "2026-Spring", "credential": "api-v2-of-2026", "pat": "yes"}',
        '{"credentials": "same-origin", "hmac": "sha256", "bearer": "header"}',
        "t.lastToken=r,t.lastStyle=n1)",
        '{"primary_key": "ROWID12345", "partitionKey": "guest-2026", "sort_key": "a1"}',
        '{"public_key": "ed25519", "cache_key": "rows-2026-11"}',
    ],
)
def test_pages_counts_and_columns_stay(text):
    """A place in a list is no secret, nor is the name of a key."""
    assert scrub_reply(text.encode()).body == text.encode()


@pytest.mark.parametrize(
    "name", ["Idempotency-Key", "Sec-WebSocket-Key", "Surrogate-Key", "X-Cache-Key"]
)
def test_a_header_with_a_key_of_no_secret_stays(name):
    """It marks a request, or what is kept of one."""
    assert scrub_request(headers=((name, "rows-2026"),)).header(name) == "rows-2026"


@pytest.mark.parametrize("name", ["reset_token", "passwordResetToken"])
def test_a_token_that_resets_a_password_is_found(name):
    """By the scanner alone; a page that does so is none."""
    assert scan(json.dumps({"body": json.dumps({name: HEX})}).encode())
    assert not scan(b'{"body": "<a href=/x?reset_password=form-2026>"}')


@pytest.mark.parametrize(
    "text", ["'password' => '{}',", ":password => '{}'", "//r.test/:_auth={}\n"]
)
def test_a_secret_of_a_program_is_replaced(text):
    """PHP, Ruby and npm's settings write it so."""
    left = scrub_reply(text.format(MIXED).encode()).body.decode()

    assert left == text.format(
        left[len(text.partition("{")[0]) :].partition(text.partition("}")[2])[0]
    )
    assert MIXED not in left
