"""The control as JSON over HTTP: one function for each thing that can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from pytest_catalyst_oauth.engine import ClientKind, HttpReply, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake._answer import json_body

from ._planting import new_client
from ._problem import ProblemError
from ._seed_file import FAULT
from ._shape import (
    Place,
    mapping_of,
    moment,
    number,
    one_of,
    plain,
    record,
    text,
    texts,
    yes_no,
)
from ._state import state_of, token_of, told, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import Client, HttpRequest

    from ._inside import Inside
    from ._shape import Rule

    Act = Callable[[Inside, dict[str, Any]], Any]

_NOTHING = record()
_FOR_CLIENT = record(client_id=text, scopes=texts, offline=yes_no)


def answer(inside: Inside, path: str, request: HttpRequest) -> HttpReply:
    """Answer a request whose sender may control the fake.

    Raises:
        ProblemError: It is refused.
    """
    acts = ACTS.get(path)
    if acts is None:
        raise ProblemError(404, f"there is {', '.join(ACTS)}")
    if request.method not in acts:
        allowed = ", ".join(acts)
        raise ProblemError(405, f"there is {allowed}", (("Allow", allowed),))
    rule, act = acts[request.method]
    try:
        value = act(inside, rule(Place("", {}), _given(request)))
    except SettingsError as error:
        raise ProblemError(422, str(error)) from None
    return HttpReply.of_json(200, value, (("Content-Type", "application/json"),))


def _given(request: HttpRequest) -> dict[str, Any]:
    if request.method != "POST":
        query = parse_qs(urlsplit(request.url).query)
        return {name: values[-1] for name, values in query.items()}
    given = json_body(request) if request.body else {}
    if not isinstance(given, dict):
        raise ProblemError(400, "the body must be a JSON object")
    return given


def _state(inside: Inside, _: dict[str, Any]) -> Any:
    return state_of(inside)


def _seed(inside: Inside, given: dict[str, Any]) -> Any:
    inside.fake.seed(given)
    return {}


def _new_client(inside: Inside, given: dict[str, Any]) -> Any:
    client = new_client(inside, given)
    secret = client.client_secret
    return {
        "client_id": client.client_id,
        "client_secret": secret.reveal() if secret else None,
        "kind": client.kind.value,
        "redirect_uri": client.redirect_uri,
    }


def _code(inside: Inside, given: dict[str, Any]) -> Any:
    code = inside.fake.issue_code(
        given.get("scopes"),
        client=_client(inside, given),
        offline=given.get("offline", True),
    )
    return {"code": code.reveal()}


def _refresh_token(inside: Inside, given: dict[str, Any]) -> Any:
    token = inside.fake.issue_refresh_token(
        given.get("scopes"), client=_client(inside, given)
    )
    return {"refresh_token": token.reveal()}


def _revoke(inside: Inside, given: dict[str, Any]) -> Any:
    if "token" in given:
        token: Secret | None = Secret(given["token"])
    else:
        token = token_of(inside, given.get("fingerprint", ""))
    return {"revoked": token is not None and inside.fake.revoke(token)}


def _move(inside: Inside, given: dict[str, Any]) -> Any:
    clock = inside.fake.clock
    clock.sleep(given["to"] - clock() if "to" in given else 0.0)
    clock.sleep(given.get("advance", 0.0))
    return {"now": written(clock())}


def _fail(inside: Inside, given: dict[str, Any]) -> Any:
    inside.fake.fail(**given)
    return {"faults": state_of(inside)["faults"]}


def _slow(inside: Inside, given: dict[str, Any]) -> Any:
    inside.fake.slow(given["endpoint"], seconds=given["seconds"])
    return {"slow": state_of(inside)["slow"]}


def _heal(inside: Inside, _: dict[str, Any]) -> Any:
    inside.fake.heal()
    return {}


def _journal(inside: Inside, given: dict[str, Any]) -> Any:
    journal, after = inside.fake.journal, given.get("after", "0")
    if not after.isdecimal():
        raise ProblemError(422, "after must be the number of an exchange")
    return {
        "total": journal.total,
        "forgotten": journal.forgotten,
        "most_at_once": journal.most_at_once,
        "exchanges": [told(*pair) for pair in journal.after(int(after))],
    }


def _forget(inside: Inside, _: dict[str, Any]) -> Any:
    inside.fake.journal.clear()
    return {}


def _device(inside: Inside, given: dict[str, Any]) -> Any:
    user = inside.world.people.find(given.get("user"))
    if user is None and "user" in given:
        raise SettingsError("user", "is nobody's email", "name one of the users")
    if given["answer"] == "deny":
        inside.fake.deny_device(given["user_code"])
    else:
        inside.fake.approve_device(given["user_code"], user=user)
    return {}


def _client(inside: Inside, given: dict[str, Any]) -> Client:
    if "client_id" not in given:
        return inside.fake.client
    client = inside.world.home.clients.get(given["client_id"])
    if client is None:
        raise SettingsError("client_id", "is of no client", "add the client first")
    return client


_CLIENT = record(
    client_id=text, client_secret=text, kind=one_of(*ClientKind), redirect_uri=text
)
_ANSWER = record(
    "user_code",
    "answer",
    user_code=text,
    answer=one_of("approve", "deny"),
    user=text,
)
ACTS: dict[str, dict[str, tuple[Rule, Act]]] = {
    "state": {"GET": (_NOTHING, _state)},
    "seed": {"POST": (mapping_of(plain), _seed)},
    "clients": {"POST": (_CLIENT, _new_client)},
    "codes": {"POST": (_FOR_CLIENT, _code)},
    "refresh-tokens": {"POST": (record(client_id=text, scopes=texts), _refresh_token)},
    "revocations": {"POST": (record(fingerprint=text, token=text), _revoke)},
    "clock": {"POST": (record(advance=number, to=moment), _move)},
    "faults": {"POST": (FAULT, _fail), "DELETE": (_NOTHING, _heal)},
    "slow": {
        "POST": (record("endpoint", "seconds", endpoint=text, seconds=number), _slow)
    },
    "journal": {"GET": (record(after=text), _journal), "DELETE": (_NOTHING, _forget)},
    "devices": {"POST": (_ANSWER, _device)},
}
