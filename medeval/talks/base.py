"""What a talk is: a generator that yields requests, is sent their replies, and returns an answer.

It does no I/O, knows no engine, and given the same replies goes the same way: so a crashed run is
resumed, and a finished one scored again, by sending it the replies of the journal.
"""

from collections.abc import Generator

from medeval.records import Answer, Reply, Request

Talk = Generator[tuple[Request, ...], tuple[Reply, ...], Answer]
