"""Marks of thousands of samples in a few lines of text: a bit a sample where they are right or wrong."""

import base64
import binascii
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from medeval.comparing.samples import Floats, Whole
from medeval.errors import ComparisonError
from medeval.records import Record

Flags = npt.NDArray[np.bool_]
Form = Literal["bits", "floats", "kinds"]


class Packed(Record, frozen=True, kw_only=True):
    """The marks of a metric, take by take."""

    form: Form
    takes: tuple[str, ...]
    """Base64 of a bit a sample, of doubles, or of places among the kinds (four bytes each); little-endian."""
    known: str = ""
    """A bit a sample: whether it has a mark; empty: all have."""
    kinds: tuple[Whole, ...] = ()
    """Distinct marks, where they are no numbers."""


def of_numbers(takes: Floats) -> Packed:
    """Pack numbers (samples, takes). A sample that one take has no mark of has none."""
    known: Flags = np.asarray(np.isfinite(takes).all(axis=1))
    said = "" if known.all() else _bits(known)
    kept = np.where(known[:, None], takes, 0.0)
    if np.isin(kept, (0.0, 1.0)).all():
        return Packed(form="bits", takes=tuple([_bits(take == 1) for take in kept.T]), known=said)
    return Packed(form="floats", takes=tuple([_text(take.astype("<f8").tobytes()) for take in kept.T]), known=said)


def of_wholes(takes: Sequence[Sequence[Whole | None]]) -> Packed:
    """Pack marks that are no numbers, take by take."""
    known = np.array([all(mark is not None for mark in marks) for marks in zip(*takes, strict=True)])
    kinds = {mark: None for take in takes for mark in take if mark is not None}
    places = {kind: place for place, kind in enumerate(kinds)}
    texts = [
        _text(np.array([places[mark] if mark is not None else 0 for mark in take], "<u4").tobytes()) for take in takes
    ]
    return Packed(form="kinds", takes=tuple(texts), known="" if known.all() else _bits(known), kinds=tuple(kinds))


def of_owners(clusters: Sequence[str]) -> str:
    """Pack which samples belong together: the number of the cluster of each."""
    if not clusters:
        return ""
    places = {name: place for place, name in enumerate(dict.fromkeys(clusters))}
    return _text(np.array([places[name] for name in clusters], "<u4").tobytes())


def owners(text: str, n: int) -> tuple[str, ...]:
    """The clusters again, by numbers for names."""
    return tuple([f"{place:.0f}" for place in _array(text, "<u4", n)]) if text else ()


def numbers(packed: Packed, n: int) -> Floats:
    """The numbers again (samples, takes)."""
    if packed.form == "bits":
        columns = [_unbits(take, n).astype(float) for take in packed.takes]
    else:
        columns = [_array(take, "<f8", n) for take in packed.takes]
    made = np.column_stack(columns)
    made[~_known(packed, n)] = np.nan
    return made


def wholes(packed: Packed, n: int) -> list[tuple[Whole | None, ...]]:
    """The marks that are no numbers again, take by take."""
    known = _known(packed, n)
    places = [_array(take, "<u4", n).astype(int) for take in packed.takes]
    if any((each[known] >= len(packed.kinds)).any() for each in places):
        raise ComparisonError("A pinned mark is of a kind that is not listed.")
    return [
        tuple([packed.kinds[place] if there else None for place, there in zip(take, known, strict=True)])
        for take in places
    ]


def _known(packed: Packed, n: int) -> Flags:
    return _unbits(packed.known, n).astype(bool) if packed.known else np.ones(n, dtype=bool)


def _bits(marks: Flags) -> str:
    return _text(np.packbits(marks).tobytes())


def _unbits(text: str, n: int) -> npt.NDArray[np.uint8]:
    packed = np.frombuffer(_bytes(text), dtype=np.uint8)
    if len(packed) != (n + 7) // 8:
        raise _other(len(packed), n)
    return np.unpackbits(packed, count=n)


def _array(text: str, kind: str, n: int) -> Floats:
    data = _bytes(text)
    if len(data) != n * np.dtype(kind).itemsize:
        raise _other(len(data), n)
    return np.frombuffer(data, dtype=kind).astype(np.float64)


def _other(size: int, n: int) -> ComparisonError:
    return ComparisonError(
        f"A pinned take has {size} bytes for {n} samples: another medeval wrote it. Accept a baseline anew."
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ComparisonError(f"A pinned take cannot be read ({error}).") from error
