"""What goes into the sandbox, what comes out, and how both are written on a socket."""

import json
import socket
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = ["Job", "Limits", "Outcome", "frame", "frames", "receive", "send"]

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Limits:
    """What a submission may take.

    Attributes:
        seconds: Wall clock for all of it; a cell or an answer may take a quarter.
        memory: Bytes, beyond those of Python and TensorFlow themselves.
        processes: Processes and threads at a time.
        file: Bytes of a file, and of all temporary files together.
    """

    seconds: float = 120.0
    memory: int = 1_000_000_000
    processes: int = 128
    file: int = 50_000_000


@dataclass(frozen=True)
class Job:
    """A submission to run.

    Attributes:
        cells: Sources of the code cells, in order.
        inputs: For the id of each exercise its packed inputs.
    """

    cells: tuple[str, ...]
    inputs: dict[str, bytes]


@dataclass(frozen=True)
class Outcome:
    """What came out of it. All of it but `state`, `seconds` and `peak_memory` is the student's.

    Attributes:
        state: Done, or why not.
        answers: For the id of each exercise the packed data, as far as they came.
        errors: Number of a cell and the error that it raised.
        detail: Why it is not done.
        seconds: Wall clock.
        peak_memory: Bytes, those of Python and TensorFlow included.
    """

    state: Literal["done", "timeout", "memory", "crashed"]
    answers: dict[str, bytes] = field(default_factory=dict)
    errors: list[tuple[int, str]] = field(default_factory=list)
    detail: str = ""
    seconds: float = 0.0
    peak_memory: int = 0


def frame(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """Writes a header, which JSON can hold, and a payload of bytes as one piece."""
    text = json.dumps(header).encode()
    return _LENGTH.pack(len(text)) + text + _LENGTH.pack(len(payload)) + payload


def frames(raw: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Reads the pieces in raw bytes as far as they are whole; they may come from anybody."""
    at = 0
    while True:
        text, at = _piece(raw, at)
        payload, at = _piece(raw, at)
        if text is None or payload is None:
            return
        try:
            header = json.loads(text)
        except (ValueError, RecursionError):
            return
        if isinstance(header, dict):
            yield header, payload


def _piece(raw: bytes, at: int) -> tuple[bytes | None, int]:
    start = at + _LENGTH.size
    if start > len(raw):
        return None, len(raw) + 1
    end = start + _LENGTH.unpack_from(raw, at)[0]
    return (raw[start:end], end) if end <= len(raw) else (None, len(raw) + 1)


def send(connection: socket.socket, header: dict[str, Any], payload: bytes = b"") -> None:
    """Sends a header and a payload of bytes over a connection."""
    connection.sendall(frame(header, payload))


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Receives what :func:`send` sent over a connection.

    Raises:
        EOFError: The other side has closed.
        TimeoutError: Nothing came in the time that the socket waits.
    """
    header = json.loads(_exactly(connection, _LENGTH.unpack(_exactly(connection, 8))[0]))
    return header, _exactly(connection, _LENGTH.unpack(_exactly(connection, 8))[0])


def _exactly(connection: socket.socket, count: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < count:
        piece = connection.recv(min(count - len(pieces), 1 << 20))
        if not piece:
            raise EOFError("The sandbox has closed the connection.")
        pieces += piece
    return bytes(pieces)


def job_message(job: Job, limits: Limits, isolated: bool) -> tuple[dict[str, Any], bytes]:
    """Writes a job for the server, its limits, and whether it is isolated."""
    header = {
        "cells": job.cells,
        "limits": asdict(limits),
        "isolated": isolated,
        "ids": list(job.inputs),
        "lengths": [len(inputs) for inputs in job.inputs.values()],
    }
    return header, b"".join(job.inputs.values())


def read_job(header: dict[str, Any], payload: bytes) -> tuple[Job, Limits, bool]:
    """Reads the header and the payload that :func:`job_message` wrote."""
    inputs, at = {}, 0
    for id, length in zip(header["ids"], header["lengths"], strict=True):
        inputs[id] = payload[at : at + length]
        at += length
    return Job(tuple(header["cells"]), inputs), Limits(**header["limits"]), header["isolated"]
