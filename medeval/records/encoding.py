"""Values to JSON, the same bytes for the same value."""

import msgspec

_encoder = msgspec.json.Encoder(order="deterministic")
_plain = msgspec.json.Encoder()


def to_json(value: object) -> bytes:
    r"""Encode a value; a lone surrogate, which UTF-8 cannot hold, is spelt out as `\udXXX`."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _plain.encode(_spelt_out(msgspec.to_builtins(value)))


def _spelt_out(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_spelt_out(key): _spelt_out(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spelt_out(item) for item in value]
    return value
