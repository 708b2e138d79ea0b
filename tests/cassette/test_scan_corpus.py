"""How many secrets the scanner finds, and how often it cries wolf."""

import pytest

from pytest_catalyst_oauth.cassette import scan
from tests.cassette import harmless_corpus, scan_corpus


def test_nearly_every_secret_is_found_wherever_it_is():
    """At least 99 of 100 kinds, places, encodings and tools, with nothing scrubbed."""
    found = {name: bool(scan(data)) for name, data in scan_corpus.placements()}
    missed = [name for name, is_found in found.items() if not is_found]

    print(f"missed {len(missed)} of {len(found)}:", *missed, sep="\n  ")
    assert len(found) >= 300
    assert len(missed) <= len(found) / 100


@pytest.mark.parametrize("corpus", ["generated", "written"])
def test_harmless_cassettes_are_left_alone(corpus):
    """Fewer than 1 in 200 is flagged."""
    found = {
        name: {one.kind for one in scan(data)}
        for name, data in getattr(harmless_corpus, corpus)()
    }
    flagged = [f"{name}: {kinds}" for name, kinds in found.items() if kinds]

    print(f"flagged {len(flagged)} of {len(found)}:", *flagged, sep="\n  ")
    assert len(found) >= {"generated": 1000, "written": 100}[corpus]
    assert len(flagged) < len(found) / 200


def test_the_corpora_are_the_same_in_each_run():
    """Else a scanner would be better on some days."""
    assert list(scan_corpus.placements())[::50] == list(scan_corpus.placements())[::50]
    assert dict(harmless_corpus.generated(50)) == dict(harmless_corpus.generated(50))
