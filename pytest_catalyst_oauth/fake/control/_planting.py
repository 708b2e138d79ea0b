"""Putting a seed into a fake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_catalyst_oauth.engine import Client, ClientKind, ScopeSet, Secret
from pytest_catalyst_oauth.engine.errors import SettingsError
from pytest_catalyst_oauth.fake.catalyst._segment import CacheItem

from ._seed_file import seed_of
from ._shape import blamed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_catalyst_oauth.fake._mark import Back
    from pytest_catalyst_oauth.fake._users import User

    from ._inside import Inside
    from ._seed_file import Seed
    from ._shape import Place

_CACHE_HOURS = 48


def plant(inside: Inside, seed: Seed) -> None:
    """Put everything but the settings into a fake, or nothing of it.

    The first client becomes the fake's own, and its first refresh token too. Nobody
    else is served meanwhile.

    Raises:
        SettingsError: Something is there already, or does not fit.
    """
    with inside.lock:
        back = _mark(inside)
        step = _moved(inside, seed) if "clock" in seed.given else 0.0
        try:
            for section, planting in _PLANTINGS.items():
                if section in seed.given:
                    planting(inside, seed.given[section], seed.place.at(section))
        except BaseException:
            back()
            inside.fake.clock.sleep(-step)
            raise


def sow(inside: Inside, given: object, place: Place) -> None:
    """Put what a mapping names into a fake that is there already.

    Raises:
        SettingsError: It is no seed, has settings, or does not fit.
    """
    seed = seed_of(given, place)
    if "settings" in seed.given:
        raise place.at("settings").wrong(
            "come too late", "give them to FakeCatalyst, from_file or serve --seed"
        )
    plant(inside, seed)


def new_client(inside: Inside, given: Mapping[str, Any]) -> Client:
    """Register a client; what is not given is invented.

    Raises:
        SettingsError: There is one of that id, or it is no client.
    """
    fake, uri = inside.fake, given.get("redirect_uri")
    kind = ClientKind(given["kind"]) if "kind" in given else None
    if not {"client_id", "client_secret"} & given.keys():
        return fake.register_client(redirect_uri=uri, kind=kind)
    number = len(inside.world.home.clients)
    client_id = given.get("client_id", f"1000.FAKESEED{number:022d}")
    client = Client(
        client_id=client_id,
        client_secret=Secret(given.get("client_secret", "fa4e" * 10 + "5eed")),
        kind=kind or (ClientKind.SERVER if uri else ClientKind.SELF),
        redirect_uri=uri,
        data_center=fake.settings.data_center,
    )
    with inside.lock:
        if client_id in inside.world.home.clients:
            raise SettingsError("client_id", "is there already", "choose another")
        inside.world.home.clients[client_id] = client
    return client


def _clients(inside: Inside, given: list[dict[str, Any]], place: Place) -> None:
    for number, one in enumerate(given):
        here = place.at(number)
        with blamed(here, one):
            client = new_client(inside, one)
        tokens = [
            _refresh_token(inside, client, token, here.at("refresh_tokens", n))
            for n, token in enumerate(one.get("refresh_tokens", []))
        ]
        if number == 0:
            inside.fake.client = client
            inside.fake.refresh_token = (
                tokens[0] if tokens else inside.fake.issue_refresh_token(client=client)
            )


def _refresh_token(
    inside: Inside, client: Client, given: Mapping[str, Any], place: Place
) -> Secret:
    user = inside.world.people.find(given.get("user"))
    if user is None and "user" in given:
        raise place.at("user").wrong("is nobody's email", "name one of the users")
    with blamed(place, given):
        scopes = given.get("scopes")
        scope = inside.fake.ALL_SCOPES if scopes is None else ScopeSet.parse(scopes)
        with inside.lock:
            return _granted(inside, client, scope, user, given.get("token"))


def _granted(
    inside: Inside, client: Client, scope: ScopeSet, user: User | None, text: str | None
) -> Secret:
    vault = inside.world.home
    user = user or inside.world.people.present
    token = vault.new_token() if text is None else Secret(text)
    if token in vault.consents:
        raise SettingsError("token", "is there already", "give each token once")
    vault.adopt(vault.grant(client.client_id, scope, user), token)
    return token


def _users(inside: Inside, given: list[dict[str, Any]], place: Place) -> None:
    for number, one in enumerate(given):
        with blamed(place.at(number), one):
            inside.fake.add_user(**one)


def _tables(inside: Inside, given: Mapping[str, Any], place: Place) -> None:
    for name, one in given.items():
        with blamed(place.at(name)):
            inside.fake.add_table(name, one.get("rows", ()), one.get("columns"))


def _cache(inside: Inside, given: Mapping[str, str], _: Place) -> None:
    _fill(inside, None, given)


def _segments(inside: Inside, given: Mapping[str, Any], place: Place) -> None:
    for name, items in given.items():
        with blamed(place.at(name)):
            _fill(inside, inside.fake.add_segment(name), items)


def _fill(inside: Inside, segment_id: str | None, items: Mapping[str, str]) -> None:
    with inside.lock:
        segment = inside.project.find_segment(segment_id)
        if segment is not None:
            ends = inside.fake.clock() + _CACHE_HOURS * 3600
            segment.items.update(
                (name, CacheItem(value=value, hours=_CACHE_HOURS, ends_at=ends))
                for name, value in items.items()
            )


def _folders(inside: Inside, given: Mapping[str, Any], place: Place) -> None:
    for name, files in given.items():
        with blamed(place.at(name)):
            inside.fake.add_folder(name, {n: t.encode() for n, t in files.items()})


def _crons(inside: Inside, given: list[dict[str, Any]], place: Place) -> None:
    for number, one in enumerate(given):
        with blamed(place.at(number)):
            inside.fake.add_cron(one)


def _faults(inside: Inside, given: list[dict[str, Any]], place: Place) -> None:
    for number, one in enumerate(given):
        with blamed(place.at(number), one):
            inside.fake.fail(**one)


def _slow(inside: Inside, given: Mapping[str, float], place: Place) -> None:
    for endpoint, seconds in given.items():
        with blamed(place.at(endpoint)):
            inside.fake.slow(endpoint, seconds=seconds)


def _moved(inside: Inside, seed: Seed) -> float:
    with blamed(seed.place.at("clock"), is_all=True):
        return inside.fake.clock.move_to(seed.given["clock"])


def _mark(inside: Inside) -> Back:
    fake = inside.fake
    own = fake.client, fake.refresh_token
    backs = inside.world.mark(), inside.project.mark(), inside.faults.mark()

    def back() -> None:
        fake.client, fake.refresh_token = own
        for one in backs:
            one()

    return back


# Users come before the clients whose tokens are theirs; faults at last.
_PLANTINGS: dict[str, Callable[[Inside, Any, Place], None]] = {
    "users": _users,
    "clients": _clients,
    "tables": _tables,
    "cache": _cache,
    "segments": _segments,
    "folders": _folders,
    "crons": _crons,
    "faults": _faults,
    "slow": _slow,
}
