"""The agent's buffers are bounded by bytes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pipeline.stream import intake as module
from pipeline.stream.intake import Intake


@dataclass(eq=False)
class Message:
    value: bytes | None
    key: bytes | None = None


def test_it_is_full_at_its_limit_and_one_message_always_enters() -> None:
    intake = Intake(100)
    assert not intake.is_full
    large = Message(b"x" * 500)
    intake.enter(large)
    assert intake.is_full
    intake.leave(large)
    assert not intake.is_full


def test_keys_count_and_leaving_twice_is_leaving_once() -> None:
    intake = Intake(10)
    first, second = Message(None, b"12345"), Message(b"12345")
    intake.enter(first)
    assert not intake.is_full
    intake.enter(second)
    assert intake.is_full
    intake.leave(first)
    intake.leave(first)
    third = Message(b"1234")
    intake.enter(third)
    assert not intake.is_full


def test_room_is_waited_for_until_a_message_leaves() -> None:
    async def scene() -> None:
        intake, message = Intake(10), Message(b"x" * 10)
        intake.enter(message)
        waiting = asyncio.create_task(intake.room())
        await asyncio.sleep(0)
        assert not waiting.done()
        intake.leave(message)
        await asyncio.wait_for(waiting, 5)

    asyncio.run(scene())


def test_what_was_dropped_without_a_word_takes_no_room() -> None:
    async def scene() -> None:
        intake, message = Intake(10), Message(b"x" * 10)
        intake.enter(message)
        waiting = asyncio.create_task(intake.room())
        await asyncio.sleep(0)
        del message
        await asyncio.wait_for(waiting, 5 * module._LOOK_SECONDS)

    asyncio.run(scene())
