"""`redis:`, `rediss:` and `unix:`: one token for a fleet, and a server that may go."""

from __future__ import annotations

import socket
import traceback
from dataclasses import fields
from threading import Thread

import pytest

from pytest_catalyst_oauth.adapters import open_store
from pytest_catalyst_oauth.engine import Record, Secret
from pytest_catalyst_oauth.engine.errors import StoreError
from tests.adapters.stores import (
    FULL,
    KEY,
    NO_REDIS,
    REDIS,
    generation,
    own_redis,
)
from tests.ports import kept_port

pytestmark = pytest.mark.skipif(REDIS is None, reason=NO_REDIS)

PASSWORD = "invented:p/ss@w?rd#1"
QUOTED = "invented%3Ap%2Fss%40w%3Frd%231"


@pytest.fixture
def place(place_of):
    return place_of("redis")


@pytest.fixture
def store(place):
    return place.open()


@pytest.fixture
def client(redis_server):
    """A client of the tests' own."""
    import redis

    with redis.Redis(unix_socket_path=redis_server.socket) as client:
        yield client


@pytest.fixture
def port():
    return kept_port()


def name_of(place, ending=""):
    return f"{place.folder}:{KEY.digest}{ending}"


def refused(store, call=lambda store: store.load(KEY)):
    with pytest.raises(StoreError) as caught:
        call(store)
    return caught.value


def shown(error):
    lines = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(lines.format())


def locked(store):
    with store.lock(KEY, 0) as locked:
        return locked


CALLS = {
    "load": lambda store: store.load(KEY),
    "write": lambda store: store.compare_and_swap(KEY, 0, FULL),
    "lock": locked,
    "delete": lambda store: store.delete(KEY),
    "keys": lambda store: list(store.keys()),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_is_not_there_is_one_clear_error(call, port):
    """It names host and port and what to do, but neither the password nor a token."""
    store = open_store(f"redis://somebody:{QUOTED}@127.0.0.1:{port}/3")

    error = refused(store, CALLS[call])

    assert str(error) == (
        f"token store redis://127.0.0.1:{port}/3: cannot be reached: Connection "
        "refused; start it, or check host, port and firewall"
    )
    assert "1000.invented" not in shown(error)


def test_a_server_that_says_nothing_is_given_up():
    """A firewall that drops packets does not hang a test run."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        store = open_store(f"redis://127.0.0.1:{port}?timeout=0.1")

        assert refused(store).problem == "does not answer"


def test_a_socket_that_is_not_there_is_an_error(tmp_path):
    """The message names its path."""
    error = refused(open_store(f"unix://{tmp_path}/no.sock?db=2"))

    assert error.store == f"unix://{tmp_path}/no.sock?db=2"
    assert error.problem == "cannot be reached: No such file or directory"


def test_something_else_on_the_port_is_an_error():
    """A web server, say. Nothing of its answer is repeated."""
    with socket.create_server(("127.0.0.1", 0)) as web:
        port = web.getsockname()[1]

        def answer():
            for _ in range(2):
                caller, _ = web.accept()
                with caller:
                    caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n1000.invented")

        thread = Thread(target=answer)
        thread.start()
        error = refused(open_store(f"redis://127.0.0.1:{port}?timeout=1"))
        # If it was asked once only.
        with socket.socket() as last:
            last.settimeout(1)
            last.connect_ex(("127.0.0.1", port))
        thread.join()

    assert error.store == f"redis://127.0.0.1:{port}/0"
    assert "1000.invented" not in shown(error)


@pytest.fixture
def guarded(port):
    with own_redis(
        *("--port", str(port), "--bind", "127.0.0.1", "--requirepass", PASSWORD)
    ):
        yield f"127.0.0.1:{port}"


def test_a_password_in_the_address_logs_in(guarded):
    """With special characters as %XX."""
    store = open_store(f"redis://:{QUOTED}@{guarded}/1")

    assert store.compare_and_swap(KEY, 0, FULL)
    assert repr(store) == f"<Redis store redis://{guarded}/1>"
    assert "p/ss" not in repr(vars(store))


def test_a_password_can_stay_in_the_environment(guarded, monkeypatch):
    """Then no address, no command line and no traceback holds it."""
    monkeypatch.setenv("INVENTED_PASSWORD", PASSWORD)

    store = open_store(f"redis://default@{guarded}?password_env=INVENTED_PASSWORD")

    assert store.compare_and_swap(KEY, 0, FULL)


@pytest.mark.parametrize("user", ["", ":wrong@", "nobody:wrong@"])
def test_a_wrong_password_is_one_clear_error(guarded, user):
    """It says whose move it is, and not what was tried."""
    error = refused(open_store(f"redis://{user}{guarded}"))

    assert error.problem == "refuses our user name or password"
    assert "wrong" not in str(error)


def test_a_user_who_may_not_is_told_what_it_takes(guarded):
    """The administrator gets a list that is enough."""
    import redis

    host, port = guarded.split(":")
    with redis.Redis(host, int(port), password=PASSWORD) as admin:
        admin.execute_command("ACL", "SETUSER", "bee", "on", ">x", "~catalyst-oauth:*")
        store = open_store(f"redis://bee:x@{guarded}")
        error = refused(store)
        assert error.problem == "does not let this user do that"
        named = error.hint.removeprefix("allow it ").replace(" and", ",").split(", ")

        rights = [f"+{name.lower()}" for name in named]
        admin.execute_command("ACL", "SETUSER", "bee", *rights)

    assert store.compare_and_swap(KEY, 0, FULL)
    assert store.load(KEY).refresh_token == FULL.refresh_token
    assert locked(store)
    assert list(store.keys()) == [KEY]
    assert store.delete(KEY)


def test_a_record_with_a_refresh_token_never_expires(store, place, client):
    """The server may not forget a login, however old the access token is."""
    store.compare_and_swap(KEY, 0, FULL)

    assert client.ttl(name_of(place)) == -1


FLEETING = Record(
    seed="0123", access_token=Secret("1000.invented"), obtained_at=1e9, expires_at=1e9
)


def test_a_record_with_an_access_token_alone_expires(store, place, client):
    """Not before the token, nor before the server's quota has forgotten the request."""
    store.compare_and_swap(KEY, 0, FLEETING)

    assert 590 < client.ttl(name_of(place)) <= 600
    store.compare_and_swap(KEY, 1, FULL)
    assert client.ttl(name_of(place)) == -1


@pytest.mark.parametrize(
    "field",
    sorted(
        {field.name for field in fields(Record)}
        - set("generation seed access_token expires_at obtained_at scope".split())
        - set("api_domain failure asked".split())
    ),
)
def test_what_must_not_be_forgotten_keeps_a_record(store, place, client, field):
    """A code that was sent, a revocation to be repeated, and what is added later."""
    full = {"revoked": True, "revoke_pending": True, "logins": 1}
    value = full.get(field, getattr(FULL, field))
    record = Record(
        access_token=FLEETING.access_token, expires_at=9.0, **{field: value}
    )
    assert value != getattr(Record(), field)

    store.compare_and_swap(KEY, 0, record)

    assert client.ttl(name_of(place)) == -1


def test_a_lost_answer_does_not_make_a_write_fail(store, place, client):
    """Asked again by the same writer, the server says yes again, and writes nothing."""
    from pytest_catalyst_oauth.adapters._redis_scripts import SWAP

    arguments = (SWAP, 1, name_of(place), 0, 1, "writer", "text", 0)

    assert client.eval(*arguments) == client.eval(*arguments) == 1
    other = (*arguments[:5], "another", "text", 0)
    assert client.eval(*other) == 0


def test_a_connection_that_broke_while_idle_is_no_error(place, client):
    """A firewall or a restart cuts it; the next call makes a new one."""
    store = place.open()
    store.compare_and_swap(KEY, 0, FULL)
    client.client_kill_filter(_type="normal", skipme=True)

    assert generation(store) == 1
    client.client_kill_filter(_type="normal", skipme=True)
    assert store.compare_and_swap(KEY, 1, FULL)


def test_a_server_that_goes_away_keeps_nobody_from_going_on(port):
    """Leaving a lock whose server is gone is no error; its lease ends by itself."""
    with own_redis("--port", str(port)) as server:
        store = open_store(f"redis://127.0.0.1:{port}")
        with store.lock(KEY, 0) as held:
            assert held
            server.stop()
            assert refused(store).problem.startswith("cannot be reached")
        server.start()

        assert locked(store)


def test_a_full_server_is_named():
    """With what to do."""
    with own_redis("--maxmemory", "1") as own:
        error = refused(open_store(own.address.rstrip("?")), CALLS["write"])

    assert error.problem == "is full"
    assert "1000.invented" not in shown(error)


def test_a_replica_is_named():
    """Writing goes to the primary."""
    with own_redis("--replicaof", "127.0.0.1", "1") as own:
        error = refused(open_store(own.address.rstrip("?")), CALLS["write"])

    assert error.problem == "is a replica, which cannot be written"


def test_another_programs_key_is_left_alone(store, place, client):
    """The message says how to get out of its way."""
    client.set(name_of(place), "a letter")

    assert refused(store).problem == "keeps something else under our name"
    assert refused(store, CALLS["write"]).hint == "give another ?prefix=NAME"
    assert client.get(name_of(place)) == b"a letter"


def test_a_damaged_record_is_an_error(store, place, client):
    """It is not replaced; the message names the key, and no traceback shows it."""
    store.compare_and_swap(KEY, 0, FULL)
    client.hset(name_of(place), "record", b'{"1000.invented": ')

    error = refused(store)

    assert error.store.endswith(f"key {name_of(place)}")
    assert error.problem == "is damaged"
    assert "1000.invented" not in shown(error)
    assert list(store.keys()) == []


def test_prefixes_keep_stores_apart(redis_server):
    """Also where a prefix has characters that mean something in a pattern."""
    stores = [
        open_store(f"{redis_server.address}prefix={prefix}")
        for prefix in ("a*:", "a%3F:", "ab:", "[ab]:")
    ]
    stores[2].compare_and_swap(KEY, 0, FULL)

    assert [len(list(store.keys())) for store in stores] == [0, 0, 1, 0]


def test_the_lease_ends_by_itself(place, client):
    """Its length is the one that was asked for; a release removes it at once."""
    store = place._replace(lease=75.5).open()
    with store.lock(KEY, 0):
        assert 65_000 < client.pttl(name_of(place, ":lock")) <= 75_500

    assert client.pttl(name_of(place, ":lock")) == -2


def test_tls_checks_the_server(tmp_path, port, authority):
    """A certificate that nobody vouches for is refused, with the way out."""
    certificate = authority.certify(tmp_path / "server.pem")
    tls = (
        *("--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"),
        *("--tls-cert-file", str(certificate)),
        *("--tls-key-file", str(certificate)),
        *("--tls-ca-cert-file", str(authority.bundle)),
    )
    with own_redis(*tls):
        address = f"rediss://127.0.0.1:{port}"
        error = refused(open_store(address))
        trusting = open_store(f"{address}?ca_file={authority.bundle}")

        assert trusting.compare_and_swap(KEY, 0, FULL)

    assert error.problem == "cannot be trusted: its certificate is not valid"
    assert error.hint == "give ?ca_file=PATH"
