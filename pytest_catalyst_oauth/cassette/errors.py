"""What can go wrong with cassettes, besides the settings that name them."""

from __future__ import annotations

from pytest_catalyst_oauth.engine.errors import OAuthError


class CassetteMissError(OAuthError):
    """Replay has no answer: the cassette is missing, or nothing in it fits.

    Args:
        cassette: Path of the cassette.
        problem: What was asked and what comes closest, without any secret.
        command: What records it; empty when nobody knows.
    """

    exit_code = 8

    def __init__(self, cassette: str, problem: str, command: str = "") -> None:
        super().__init__(cassette, problem, command)
        self.cassette = cassette
        self.problem = problem
        self.command = command

    def __str__(self) -> str:
        tail = f"; record it with: {self.command}" if self.command else ""
        return f"cassette {self.cassette}: {self.problem}{tail}"


class SecretInCassetteError(OAuthError):
    """A cassette was not written, because a secret survived in it.

    Args:
        cassette: Path that would have been written.
        findings: Place and kind of each, never a value.
    """

    exit_code = 9

    def __init__(self, cassette: str, findings: tuple[str, ...]) -> None:
        super().__init__(cassette, findings)
        self.cassette = cassette
        self.findings = findings

    def __str__(self) -> str:
        shown = [f"\n  {finding}" for finding in self.findings[:10]]
        rest = len(self.findings) - len(shown)
        more = f"\n  and {rest} more" if rest else ""
        return (
            f"cassette {self.cassette}: not written, a secret may have survived at"
            f"{''.join(shown)}{more}\n"
            "name the values to the scrubber (in pytest: the hook "
            "pytest_catalyst_oauth_secrets) and record again; what is no secret after "
            "all is let through by: catalyst-oauth cassette lint --allow-value"
        )
