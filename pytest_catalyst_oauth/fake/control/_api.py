"""The control as JSON over HTTP: one function for each thing that can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.engine import ClientKind, HttpReply, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError

from ._body import given
from ._planting import new_client, sow
from ._problem import ProblemError
from ._seed_file import FAULT
from ._shape import (
    Place,
    anything,
    blamed,
    moment,
    number,
    one_of,
    record,
    texts,
    yes_no,
)
from ._state import state_of, token_of, told, written
from ._words import address, line, visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_catalyst_oauth.engine import Client, HttpRequest

    from ._inside import Inside
    from ._shape import Rule

    Given = dict[str, Any]
    Act = Callable[[Inside, Given, Place], Any]

_NOTHING = record()


def answer(inside: Inside, path: str, request: HttpRequest) -> HttpReply:
    """Answer a request whose sender may control the fake.

    Raises:
        ProblemError: It is refused.
    """
    path = path.removesuffix("/")
    acts = ACTS.get(path)
    if acts is None:
        raise ProblemError(404, f"there is {', '.join(ACTS)}")
    method = "GET" if request.method == "HEAD" else request.method
    if method not in acts:
        allowed = ", ".join(acts)
        headers = (("Allow", allowed.replace("GET", "GET, HEAD")),)
        raise ProblemError(405, f"there is {allowed}", headers)
    rule, act = acts[method]
    place = Place(f"{method} {path}", {})
    try:
        value = act(inside, rule(place, given(request, place)), place)
    except SettingsError as error:
        raise ProblemError(400, str(error)) from None
    except RecursionError:
        detail = str(place.wrong("has values inside values beyond measure"))
        raise ProblemError(400, detail) from None
    return HttpReply.of_json(200, value, (("Content-Type", "application/json"),))


def _state(inside: Inside, _: Given, __: Place) -> Any:
    return state_of(inside)


def _seed(inside: Inside, given: Given, place: Place) -> Any:
    sow(inside, given, place)
    return {}


def _new_client(inside: Inside, given: Given, place: Place) -> Any:
    with blamed(place, given):
        client = new_client(inside, given)
    secret = client.client_secret
    return {
        "client_id": client.client_id,
        "client_secret": secret.reveal() if secret else None,
        "kind": client.kind.value,
        "redirect_uri": client.redirect_uri,
    }


def _code(inside: Inside, given: Given, place: Place) -> Any:
    client = _client(inside, given, place)
    with blamed(place, given):
        code = inside.fake.issue_code(
            given.get("scopes"), client=client, offline=given.get("offline", True)
        )
    return {"code": code.reveal()}


def _refresh_token(inside: Inside, given: Given, place: Place) -> Any:
    client = _client(inside, given, place)
    with blamed(place, given):
        token = inside.fake.issue_refresh_token(given.get("scopes"), client=client)
    return {"refresh_token": token.reveal()}


def _revoke(inside: Inside, given: Given, _: Place) -> Any:
    if "token" in given:
        token: Secret | None = Secret(given["token"])
    else:
        token = token_of(inside, given["fingerprint"])
    return {"revoked": token is not None and inside.fake.revoke(token)}


def _move(inside: Inside, given: Given, place: Place) -> Any:
    clock = inside.fake.clock
    (name,) = given
    with blamed(place.at(name), is_all=True):
        if name == "to":
            clock.move_to(given["to"])
        else:
            clock.sleep(given["advance"])
    return {"now": written(clock())}


def _fail(inside: Inside, given: Given, place: Place) -> Any:
    with blamed(place, given):
        inside.fake.fail(**given)
    return {"faults": state_of(inside)["faults"]}


def _slow(inside: Inside, given: Given, place: Place) -> Any:
    with blamed(place, given):
        inside.fake.slow(given["endpoint"], seconds=given["seconds"])
    return {"slow": state_of(inside)["slow"]}


def _heal(inside: Inside, _: Given, __: Place) -> Any:
    inside.fake.heal()
    return {}


def _journal(inside: Inside, given: Given, _: Place) -> Any:
    journal = inside.fake.journal
    return {
        "total": journal.total,
        "forgotten": journal.forgotten,
        "most_at_once": journal.most_at_once,
        "exchanges": [told(*pair) for pair in journal.after(given.get("after", 0))],
    }


def _forget(inside: Inside, _: Given, __: Place) -> Any:
    inside.fake.journal.clear()
    return {}


def _device(inside: Inside, given: Given, place: Place) -> Any:
    user = inside.world.people.find(given.get("user"))
    if user is None and "user" in given:
        raise place.at("user").wrong("is nobody's email", "name one of the users")
    with blamed(place, given):
        if given["answer"] == "deny":
            inside.fake.deny_device(given["user_code"])
        else:
            inside.fake.approve_device(given["user_code"], user=user)
    return {}


def _client(inside: Inside, given: Given, place: Place) -> Client:
    if "client_id" not in given:
        return inside.fake.client
    client = inside.world.home.clients.get(given["client_id"])
    if client is None:
        raise place.at("client_id").wrong("is of no client", "add the client first")
    return client


def _one_of_both(**rules: Rule) -> Rule:
    """Make the rule of a mapping with one of two names."""

    def take(place: Place, value: Any) -> Given:
        found: Given = record(**rules)(place, value)
        if len(found) != 1:
            raise place.wrong(f"needs {' or '.join(rules)}, and not both")
        return found

    return take


def _exchange(place: Place, value: Any) -> int:
    digits = line(place, value)
    if not digits.isdecimal() or len(digits) > _DIGITS:
        raise place.wrong("must be the number of an exchange")
    return int(digits)


# More than any journal counts to.
_DIGITS = 15
_FOR_CLIENT = record(client_id=line, scopes=texts, offline=yes_no)
_CLIENT = record(
    client_id=visible,
    client_secret=visible,
    kind=one_of(*ClientKind),
    redirect_uri=address,
)
_ANSWER = record(
    "user_code",
    "answer",
    user_code=line,
    answer=one_of("approve", "deny"),
    user=line,
)
ACTS: dict[str, dict[str, tuple[Rule, Act]]] = {
    "state": {"GET": (_NOTHING, _state)},
    "seed": {"POST": (anything, _seed)},
    "clients": {"POST": (_CLIENT, _new_client)},
    "codes": {"POST": (_FOR_CLIENT, _code)},
    "refresh-tokens": {"POST": (record(client_id=line, scopes=texts), _refresh_token)},
    "revocations": {"POST": (_one_of_both(fingerprint=line, token=line), _revoke)},
    "clock": {"POST": (_one_of_both(advance=number, to=moment), _move)},
    "faults": {"POST": (FAULT, _fail), "DELETE": (_NOTHING, _heal)},
    "slow": {
        "POST": (record("endpoint", "seconds", endpoint=line, seconds=number), _slow)
    },
    "journal": {
        "GET": (record(after=_exchange), _journal),
        "DELETE": (_NOTHING, _forget),
    },
    "devices": {"POST": (_ANSWER, _device)},
}
