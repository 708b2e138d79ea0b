"""`catalyst-oauth revoke`: at Zoho and in the store, as often as one likes."""

from __future__ import annotations


def test_a_login_is_given_up(stage, capsys):
    """The server ends it, the store forgets it."""
    stage.login()
    token = stage.record().refresh_token
    capsys.readouterr()

    assert stage("revoke") == 0

    assert capsys.readouterr().out == (
        "The refresh token is revoked, and no token is stored any more.\n"
    )
    assert not stage.fake.revoke(token)
    assert stage("token") == 7


def test_doing_it_again_is_no_error(stage, capsys):
    """Nothing is left to revoke, and nobody is asked."""
    stage.login()
    stage("revoke")
    asked = len(stage.fake.journal)
    capsys.readouterr()

    assert stage("revoke") == 0
    assert capsys.readouterr().out.startswith("There was no refresh token to revoke")
    assert len(stage.fake.journal) == asked


def test_what_its_owner_ended_already_is_no_error(stage, capsys):
    """The server does not know it; that is what was wanted."""
    stage.login()
    stage.fake.revoke(stage.record().refresh_token)
    capsys.readouterr()

    assert stage("revoke") == 0
    assert "There was no refresh token to revoke" in capsys.readouterr().out
    assert stage("token") == 7


def test_the_access_token_alone_can_be_named(stage, capsys):
    """It is the one that goes over the wire."""
    stage.login()
    token = stage.record().access_token
    capsys.readouterr()

    assert stage("revoke", "--access-token") == 0
    assert "The access token is revoked" in capsys.readouterr().out
    assert not stage.fake.revoke(token)


def test_no_client_secret_is_needed(stage, capsys):
    """Whoever holds a token may give it up; nobody is asked for anything."""
    stage.login()
    secret = stage.environ.pop("CATALYST_OAUTH_CLIENT_SECRET")
    try:
        assert stage("revoke") == 0
        assert stage.person.asked == []
    finally:
        stage.environ["CATALYST_OAUTH_CLIENT_SECRET"] = secret


def test_a_server_that_is_away_leaves_it_pending(stage, capsys):
    """That is said; then no token is handed out; a second attempt makes it good."""
    stage.login()
    stage.fake.fail("revoke", times=9)

    assert stage("revoke") == 4
    assert "the revocation is pending" in capsys.readouterr().err
    assert stage("token") == 7
    stage.fake.heal()
    assert stage("revoke") == 0
    assert stage("status") == 7
