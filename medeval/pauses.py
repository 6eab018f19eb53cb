"""How long a server asks to be left alone."""

import email.utils
import time
from collections.abc import Mapping


def wanted(headers: Mapping[str, str]) -> float:
    """Seconds that Retry-After asks for: a number, or a date; 0 where it asks for none."""
    said = headers.get("retry-after", "")
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(said).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0
