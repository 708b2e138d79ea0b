"""`AsyncCredentials`: tasks, threads and event loops that wait for one request."""

from __future__ import annotations

import asyncio
from threading import Barrier, Event, Lock, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_catalyst_oauth.engine import (
    AsyncCredentials,
    HttpReply,
    MemoryStore,
    StoreKey,
    TokenState,
    landed,
)
from pytest_catalyst_oauth.engine._flight import Flight
from pytest_catalyst_oauth.engine.errors import OAuthError, ReplyError
from tests.engine.doubles import (
    CLIENT,
    NO_ANSWER,
    REFUSED,
    REVOKED,
    Crowd,
    FailingStore,
    Server,
    StillClock,
    credentials,
)

SOFT_AT = 3600 - 600
FAILING = HttpReply(status=500)


class AsyncServer:
    """A `Server` whose answers wait for `gate`; any thread may open it."""

    def __init__(self, *answers, is_open=True):
        self.inner = Server(*answers)
        self.gate = Event()
        self.open_requests = 0
        self.most_open = 0
        if is_open:
            self.gate.set()

    @property
    def asked(self):
        return self.inner.asked

    async def send(self, request):
        self.open_requests += 1
        self.most_open = max(self.most_open, self.open_requests)
        try:
            # In both senses: a herd that is not held back arrives in this moment.
            await asyncio.sleep(0)
            self.inner.asked.append(request)
            while not self.gate.is_set():
                await asyncio.sleep(0.001)
            self.inner.asked.pop()
            return self.inner.send(request)
        finally:
            self.open_requests -= 1


class ThreadServer:
    """The same door for threads: waits for the gate, and counts in one list."""

    def __init__(self, server):
        self._server = server

    def send(self, request):
        reply = self._server.inner.send(request)
        self._server.gate.wait()
        return reply


def awaitable(server, *, thread_server=None, **more):
    """Return both doors to one token."""
    held = credentials(thread_server or server.inner, **more)
    return held, AsyncCredentials(held, server)


async def until(condition):
    while not condition():
        await asyncio.sleep(0.001)


async def caught(call):
    """Return what a coroutine returns, or the error that it raises."""
    try:
        return await call
    except OAuthError as error:
        return error


def outcome_of(got):
    return got.args if isinstance(got, OAuthError) else got.access_token


class TestHerd:
    @pytest.mark.parametrize(
        "answer", [None, REFUSED, NO_ANSWER, HttpReply(status=500)]
    )
    def test_sixty_four_tasks_cause_one_request(self, answer):
        """Slow, refusing, silent or failing: all get the one outcome."""
        server = AsyncServer(*[answer] if answer else [], is_open=False)
        _, held = awaitable(server)

        async def main():
            tasks = [asyncio.create_task(caught(held.token())) for _ in range(64)]
            await until(lambda: server.asked)
            server.gate.set()
            return await asyncio.gather(*tasks)

        got = asyncio.run(main())
        assert len({outcome_of(one) for one in got}) == 1
        assert len(got) == 64
        assert len(server.asked) == 1
        if answer is not None:
            assert len({id(one) for one in got}) == 64

    @pytest.mark.parametrize("leader", ["thread", "task"])
    @pytest.mark.parametrize("answer", [None, REFUSED])
    def test_threads_and_tasks_cause_one_request(self, leader, answer):
        """Thirty-two of each, whoever was first."""
        server = AsyncServer(*[answer] if answer else [], is_open=False)
        held, ahead = awaitable(server, thread_server=ThreadServer(server))

        async def main():
            crowd = None
            if leader == "thread":
                crowd = Crowd(32, held.token)
                await until(lambda: server.asked)
            tasks = [asyncio.create_task(caught(ahead.token())) for _ in range(32)]
            await until(lambda: server.asked)
            if crowd is None:
                crowd = Crowd(32, held.token)
            crowd.wait_until_all_wait()
            server.gate.set()
            got = await asyncio.gather(*tasks)
            return got + await asyncio.to_thread(crowd.join)

        got = asyncio.run(main())
        assert len({outcome_of(one) for one in got}) == 1
        assert len(got) == 64
        assert len(server.asked) == 1

    def test_event_loops_share_a_request(self):
        """Each thread may have a loop of its own."""
        server = AsyncServer(is_open=False)
        _, held = awaitable(server)
        ready, got = Barrier(8), []

        async def ask():
            ready.wait()
            got.extend(await asyncio.gather(*[held.token() for _ in range(8)]))

        threads = [Thread(target=asyncio.run, args=(ask(),)) for _ in range(8)]
        for thread in threads:
            thread.start()
        asyncio.run(until(lambda: server.asked))
        server.gate.set()
        for thread in threads:
            thread.join()

        assert len({token.access_token for token in got}) == 1
        assert len(got) == 64
        assert len(server.asked) == 1


class TestSoft:
    @pytest.fixture
    def clock(self):
        return StillClock()

    @pytest.fixture
    def server(self):
        return AsyncServer()

    @pytest.fixture
    def due(self, server, clock):
        """A token that lives and is due, and a renewal that takes its time."""
        _, held = awaitable(server, clock=clock, background=lambda work: None)
        self.old = asyncio.run(held.token())
        clock.advance(SOFT_AT)
        assert held.status().state is TokenState.SOFT
        server.gate.clear()
        return held

    def test_one_of_a_crowd_looks_into_the_store(self, due, server):
        """A look takes a millisecond of the event loop, and there may be hundreds."""
        looks = []
        load = MemoryStore.load

        class Counted:
            def __getattr__(self, name):
                return getattr(store, name)

            def load(self, key):
                looks.append(key)
                return load(store, key)

        store = due.keeper._ledger._store
        due.keeper._ledger._store = Counted()

        async def main():
            await asyncio.gather(*[due.token() for _ in range(64)])

        asyncio.run(main())
        assert len(looks) < 4

    def test_nobody_waits_for_a_renewal_ahead_of_time(self, due, server):
        """All have the old token while the request is still under way."""

        async def main():
            got = await asyncio.gather(*[due.token() for _ in range(64)])
            await until(lambda: len(server.asked) == 2)
            got += await asyncio.gather(*[due.token() for _ in range(64)])
            assert server.open_requests == 1
            server.gate.set()
            await until(lambda: server.open_requests == 0)
            await asyncio.sleep(0)
            return got, await due.token()

        got, new = asyncio.run(main())
        assert {token.access_token for token in got} == {self.old.access_token}
        assert new.access_token != self.old.access_token
        assert len(server.asked) == 2

    def test_a_renewal_that_fails_unwatched_is_kept_for_status(self, due, server):
        """No task dies of it, and the old token stays in use."""
        server.inner.answers.append(HttpReply(status=500))
        server.gate.set()

        async def main():
            await due.token()
            await until(lambda: due.status().failure)
            return await due.token()

        assert asyncio.run(main()) == self.old
        assert isinstance(due.status().failure, ReplyError)

    def test_the_end_of_a_loop_ends_its_renewal(self, due, server):
        """Nobody waits for ever for a task that is gone."""

        async def main():
            await due.token()
            await until(lambda: server.open_requests)

        asyncio.run(main())
        assert server.open_requests == 0
        server.gate.set()
        assert asyncio.run(due.refresh()).access_token != self.old.access_token


class TestCancelling:
    def test_a_waiter_leaves_the_request_alone(self):
        """The others get what they wait for."""
        server = AsyncServer(is_open=False)
        _, held = awaitable(server)

        async def main():
            leader = asyncio.create_task(held.token())
            await until(lambda: server.asked)
            waiters = [asyncio.create_task(held.token()) for _ in range(8)]
            await asyncio.sleep(0)
            for waiter in waiters[::2]:
                waiter.cancel()
            server.gate.set()
            kept = await asyncio.gather(leader, *waiters[1::2])
            gone = await asyncio.gather(*waiters[::2], return_exceptions=True)
            return kept, gone

        kept, gone = asyncio.run(main())
        assert len({token.access_token for token in kept}) == 1
        assert {type(one) for one in gone} == {asyncio.CancelledError}
        assert len(server.asked) == 1

    def test_a_waiter_takes_over_from_a_cancelled_leader(self):
        """One of them, and the others go on waiting."""
        server = AsyncServer(is_open=False)
        _, held = awaitable(server)

        async def main():
            leader = asyncio.create_task(held.token())
            await until(lambda: server.asked)
            waiters = [asyncio.create_task(held.token()) for _ in range(8)]
            await asyncio.sleep(0)
            leader.cancel()
            await until(lambda: len(server.asked) == 2)
            server.gate.set()
            return await asyncio.gather(*waiters)

        got = asyncio.run(main())
        assert len({token.access_token for token in got}) == 1
        assert len(server.asked) == 2
        assert server.most_open == 1

    def test_a_thread_takes_over_from_a_cancelled_task(self):
        """And the store's lock is free for it."""
        server = AsyncServer(is_open=False)
        held, ahead = awaitable(server)

        async def main():
            leader = asyncio.create_task(ahead.token())
            await until(lambda: server.asked)
            crowd = Crowd(4, held.token)
            crowd.wait_until_all_wait()
            leader.cancel()
            return await asyncio.to_thread(crowd.join)

        got = asyncio.run(main())
        assert len({token.access_token for token in got}) == 1
        assert len(server.asked) == 2

    def test_a_loop_that_is_gone_does_not_disturb_the_landing(self):
        """Whoever else waits is told all the same."""
        flight = Flight(Lock())

        async def leave():
            task = asyncio.create_task(landed(flight))
            await asyncio.sleep(0)
            task.cancel()

        asyncio.run(leave())
        told = []
        flight.when_landed(lambda: told.append(True))
        flight.land()

        assert told == [True]
        assert asyncio.run(landed(flight)) is None

    @given(st.lists(st.integers(0, 9), max_size=14))
    def test_whoever_is_cancelled_the_rest_get_a_token(self, victims):
        """In whatever order; and never are two requests under way."""
        server = AsyncServer(is_open=False)
        _, held = awaitable(server)

        async def main():
            tasks = [asyncio.create_task(held.token()) for _ in range(10)]
            for victim in victims:
                await asyncio.sleep(0)
                tasks[victim].cancel()
            server.gate.set()
            return await asyncio.gather(*tasks, return_exceptions=True)

        got = asyncio.run(main())
        for place, one in enumerate(got):
            assert isinstance(one, asyncio.CancelledError) == (place in victims)
        kept = {one.access_token for n, one in enumerate(got) if n not in victims}
        assert len(kept) == (len(set(victims)) < 10)
        assert server.most_open <= 1


class TestSameAsCredentials:
    def test_a_token_is_asked_for_once(self):
        """Then it is in memory, where both doors find it."""
        server = AsyncServer()
        held, ahead = awaitable(server)

        token = asyncio.run(ahead.token())

        assert held.token() is token
        assert asyncio.run(ahead.token()) is token
        assert asyncio.run(ahead.authorization()) == token.authorization
        assert ahead.peek() == token
        assert ahead.client is held.client
        assert len(server.asked) == 1

    def test_a_token_in_memory_costs_no_look_into_the_store(self):
        """The fast path is the same."""
        store, server = FailingStore(), AsyncServer()
        _, held = awaitable(server, store=store)
        token = asyncio.run(held.token())
        store.broken = {"load", "lock"}

        assert asyncio.run(held.token()) is token

    def test_a_longer_life_can_be_asked_for(self):
        """As with `Credentials`, at the price of a request."""
        clock, server = StillClock(), AsyncServer()
        _, held = awaitable(server, clock=clock)
        asyncio.run(held.token())
        clock.advance(1800)

        asyncio.run(held.token(min_life=1700))
        assert len(server.asked) == 1
        asyncio.run(held.token(min_life=2000))
        assert len(server.asked) == 2

    def test_tokens_are_refreshed_replaced_and_revoked(self):
        """Each method does what its namesake does."""
        server = AsyncServer()
        _, held = awaitable(server)

        async def main():
            first = await held.token()
            second = await held.refresh()
            third = await held.replace(second)
            assert await held.replace(first) == third
            server.inner.answers.append(REVOKED)
            return [first, second, third], await held.revoke()

        tokens, revoked = asyncio.run(main())
        assert len({token.access_token for token in tokens}) == 3
        assert revoked is True
        assert held.peek() is None
        assert held.status().state is TokenState.DEAD

    def test_sixty_four_tasks_with_a_rejected_token_cause_one_refresh(self):
        """And one that comes late with an older token causes none."""
        server = AsyncServer()
        _, held = awaitable(server)

        async def main():
            bad = await held.token()
            got = await asyncio.gather(*[held.replace(bad) for _ in range(64)])
            return [*got, await held.replace(bad)]

        got = asyncio.run(main())
        assert len({token.access_token for token in got}) == 1
        assert len(server.asked) == 2

    def test_a_lock_of_somebody_else_does_not_stop_the_loop(self):
        """Other tasks run while this one waits for another process."""
        store, server = MemoryStore(), AsyncServer()
        _, held = awaitable(server, store=store)
        key = StoreKey(
            profile="default",
            accounts_url=CLIENT.data_center.accounts_url,
            client_id=CLIENT.client_id,
        )

        async def main():
            with store.lock(key, 0.0) as is_held:
                assert is_held
                task = asyncio.create_task(held.token())
                for _ in range(20):
                    await asyncio.sleep(0)
                assert not task.done()
                assert server.asked == []
            return await task

        assert asyncio.run(main()).access_token
        assert len(server.asked) == 1

    def test_a_repr_names_the_client_only(self):
        """Whatever is printed, no token is."""
        _, held = awaitable(AsyncServer())

        assert repr(held) == f"<asynchronous credentials of {CLIENT.client_id}>"
