"""The pages that people see: plain HTML, escaped, without a script."""

from __future__ import annotations

from functools import cache, wraps
from typing import TYPE_CHECKING, Any, final

from pytest_catalyst_oauth import __version__
from pytest_catalyst_oauth.engine import HttpReply, ScopeCatalogue
from pytest_catalyst_oauth.fake._answer import HTML

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jinja2 import Environment

    from pytest_catalyst_oauth.engine import Scope

    from ._call import AccountsCall

    Rule = Callable[[AccountsCall], HttpReply]

# What a page may do even if a template forgot to escape: nothing. Without the referrer
# no address with a code in it leaves; and forms of other sites are told apart.
_GUARD = (
    (
        "Content-Security-Policy",
        (
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
    ),
    ("Referrer-Policy", "same-origin"),
)


@final
class PageError(Exception):
    """A mistake that a person is shown on the accounts host, without a redirect.

    Args:
        title: What is wrong, in Zoho's words where they are known.
        text: What that means.
        hint: What to do next.
        facts: Names and values to compare.
        status: HTTP status; None for the one of the settings.

    Source: zoho-protocol.md 3.3.
    """

    def __init__(
        self,
        title: str,
        text: str,
        hint: str = "",
        *,
        facts: tuple[tuple[str, str], ...] = (),
        status: int | None = None,
    ) -> None:
        super().__init__(title)
        self.title = title
        self.text = text
        self.hint = hint
        self.facts = facts
        self.status = status


def paged(rule: Rule) -> Rule:
    """Let a rule show its `PageError` as a page."""

    @wraps(rule)
    def answer(call: AccountsCall) -> HttpReply:
        try:
            return rule(call)
        except PageError as error:
            status = error.status or call.server.settings.error_page_status
            return page("error.html", status, error=error)

    return answer


def page(template: str, status: int = 200, **values: Any) -> HttpReply:
    """Render a page."""
    text = _environment().get_template(template).render(version=__version__, **values)
    # Half of a character, which an address written by hand may hold, is none.
    body = text.encode("utf-8", "replace")
    return HttpReply(
        status=status, headers=(("Content-Type", HTML), *_GUARD), body=body
    )


def described(scopes: Iterable[Scope]) -> list[tuple[str, str]]:
    """Return each scope with what it grants, in words."""
    catalogue = ScopeCatalogue.load()
    entries = [(scope, catalogue.entry(scope)) for scope in scopes]
    return [
        (
            scope.name,
            f"{entry.resource}: {entry.grants}"
            if entry
            else "not in the catalogue of scopes",
        )
        for scope, entry in entries
    ]


@cache
def _environment() -> Environment:
    # Paid for by whoever looks at a page.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(__package__, "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
