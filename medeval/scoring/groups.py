"""Several tasks, one result."""

import math
from collections.abc import Sequence

from medeval.journal import fingerprint
from medeval.records import Estimate, Result
from medeval.stats import mean_of_means


def grouped(group: str, members: Sequence[Result]) -> Result:
    """Make the result of a group: the plain mean of its members, and all their questions pooled."""
    firsts = [member.first for member in members]
    name, one = firsts[0].metric, members[0]
    # A limit that left nothing out of a small member stands in the setting of the others only.
    setting = max([member.setting for member in members], key=lambda setting: setting.limit)
    macro = _together(firsts, f"macro_{name}", [1.0] * len(firsts))
    micro = _together(firsts, f"micro_{name}", [float(first.n) for first in firsts])
    halves = fingerprint("\n".join([member.protocol for member in members]).encode())
    data = fingerprint("".join([member.data for member in members]).encode())
    marked = "(sample)" if one.setting.data == "sample" else ""
    style = one.setting.style
    asked_how = [part for part in one.protocol.split("|") if part == style or part.startswith(f"{style}-")]
    protocol = [group, *asked_how, f"n:{micro.n}", f"data:{data[:8]}{marked}", f"members:{halves[:8]}"]
    return Result(
        task=group,
        task_version=1,
        entry=one.entry,
        setting=setting,
        members=tuple([member.task for member in members]),
        data=data,
        prompt=fingerprint("".join([member.prompt for member in members]).encode()),
        journal_records=sum(member.journal_records for member in members),
        journal=fingerprint("".join([member.journal for member in members]).encode()),
        headline=macro.metric,
        estimates=(macro, micro),
        flags=tuple([f"{member.task}: {flag}" for member in members for flag in member.flags]),
        protocol="|".join(protocol),
        conditions=one.conditions,
    )


def _together(firsts: Sequence[Estimate], name: str, weights: Sequence[float]) -> Estimate:
    """The mean over tasks: its error is that of drawing other questions, not other tasks."""
    parts = [
        (
            first.value,
            first.value if first.low is None else first.low,
            first.value if first.high is None else first.high,
        )
        for first in firsts
        if first.value is not None
    ]
    whole = mean_of_means(parts, weights) if len(parts) == len(firsts) else None
    n = sum(first.n for first in firsts)
    return Estimate(
        metric=name,
        value=whole[0] if whole else None,
        low=whole[1].low if whole else None,
        high=whole[1].high if whole else None,
        method=whole[1].method if whole else "a member was not measured",
        n=n,
        n_eff=math.fsum(first.n_eff for first in firsts),
        unread=sum(first.unread for first in firsts),
        truncated=sum(first.truncated for first in firsts),
        refused=sum(first.refused for first in firsts),
        too_long=sum(first.too_long for first in firsts),
        failed=sum(first.failed for first in firsts),
        takes=max(first.takes for first in firsts),
    )
