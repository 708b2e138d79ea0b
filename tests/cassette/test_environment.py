"""Which variables of the environment hold secrets that a recording must not hold."""

import pytest

from pytest_catalyst_oauth.cassette import environment_secrets


def found(**environ):
    return [one.reveal() for one in environment_secrets(environ)]


@pytest.mark.parametrize(
    "name",
    "CATALYST_TOKEN ZOHO_CLIENT_SECRET zoho_password MY_API_KEY APIKEY DB_PASS CI_PAT "
    "AWS_SECRET_ACCESS_KEY DEPLOY_KEY SMTP_CREDENTIALS KEY_OF_MINE TOKEN_2".split(),
)
def test_a_variable_with_a_telling_name_holds_a_secret(name):
    """Of any program, in capitals or not."""
    assert found(**{name: "inv3nted-value"}) == ["inv3nted-value"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", "inv3nted-value"),
        ("MONKEY", "inv3nted-value"),
        ("TOKEN_FILE", "inv3nted-value"),
        ("SECRET_NAME", "inv3nted-value"),
        ("CATALYST_TOKEN", "/run/secrets/t0ken"),
        ("CATALYST_TOKEN", "https://accounts.zoho.eu"),
        ("CATALYST_TOKEN", "accounts.zoho.eu"),
        ("CATALYST_TOKEN", "api2.zoho.eu:8443"),
        ("CATALYST_TOKEN", "1795835033.13"),
        ("CATALYST_TOKEN", "plain-words-of-mine"),
        ("CATALYST_TOKEN", "sh0rt"),
        ("CATALYST_TOKEN", ""),
    ],
)
def test_what_may_be_an_ordinary_word_is_left_to_the_scanner(name, value):
    """It is replaced wherever it stands, so `zoho.eu` must not be taken for one."""
    assert found(**{name: value}) == []


def test_a_value_of_two_variables_is_one_secret():
    """CI systems export the same token under several names."""
    assert found(A_TOKEN="inv3nted-value", B_TOKEN="inv3nted-value") == [
        "inv3nted-value"
    ]
