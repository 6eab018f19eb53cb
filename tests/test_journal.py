"""The journal: what it keeps through crashes, damage and full disks."""

import errno
import os
import random
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace

from medeval.errors import JournalError, ReportError
from medeval.journal import Journal, Line, frame, unframe
from medeval.records import Failure, Reply, Response


def line(number: int, reply: Reply | None = None, **where: int) -> Line:
    return Line(
        key=f"{number:032x}", asked=f"{number:016x}", sample=f"{number:04d}", variant=where.get("variant", 0),
        repeat=where.get("repeat", 0), slot=where.get("slot", 0), reply=reply or Response(text=f"Antwort {number} 答"),
    )  # fmt: skip


def written(path: Path, count: int) -> list[Line]:
    lines = [line(number) for number in range(count)]
    journal = Journal(path)
    journal.append(lines)
    journal.close()
    return lines


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    lines = written(tmp_path / "j", 70)
    journal = Journal(tmp_path / "j")
    assert [journal.line(each.place) for each in lines] == lines
    assert list(journal.lines()) == lines
    assert all(journal.holds(each.place, each.key) for each in lines)
    assert not journal.holds(lines[0].place, lines[1].key)
    journal.close()


def test_a_line_is_its_checksum_and_its_json() -> None:
    framed = frame(line(7))
    assert framed[8:9] == b" "
    assert framed.endswith(b"\n")
    assert unframe(framed) == line(7)
    assert unframe(framed.upper()) is None, "a checksum in capitals was never written"


def test_every_truncation_of_fifty_records_opens_and_keeps_the_whole_ones(tmp_path: Path) -> None:
    lines = written(tmp_path / "j", 50)
    whole = (tmp_path / "j").read_bytes()
    ends = [0]
    for each in lines:
        ends.append(ends[-1] + len(frame(each)))
    assert ends[-1] == len(whole)
    for offset in range(len(whole) + 1):
        path = tmp_path / "cut"
        path.write_bytes(whole[:offset])
        journal = Journal(path)
        kept = sum(end <= offset for end in ends[1:])
        assert len(journal) == kept
        assert journal.torn == offset - ends[kept]
        journal.append([line(99)])
        journal.close()
        assert path.read_bytes() == whole[: ends[kept]] + frame(line(99))


def test_two_thousand_bit_flips_are_all_detected(tmp_path: Path) -> None:
    lines = written(tmp_path / "j", 50)
    whole = (tmp_path / "j").read_bytes()
    dice = random.Random(17)
    path = tmp_path / "flipped"
    refused = cut = 0
    for _ in range(2000):
        bit = dice.randrange(len(whole) * 8)
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            journal = Journal(path)
        except JournalError as error:
            refused += 1
            assert str(path) in str(error)
        else:
            # Only the very last line end can look like a crash: then the line is cut, and asked again.
            cut += 1
            assert journal.torn > 0
            assert list(journal.lines()) == lines[:-1]
            journal.close()
    assert refused + cut == 2000
    assert cut < 20


def test_a_bad_line_before_a_good_one_stops_the_run_and_is_left_alone(tmp_path: Path) -> None:
    written(tmp_path / "j", 3)
    damaged = (tmp_path / "j").read_bytes().replace(b"Antwort 1", b"Antwort 2")
    (tmp_path / "j").write_bytes(damaged)
    with pytest.raises(JournalError, match="line 2 is damaged"):
        Journal(tmp_path / "j")
    assert (tmp_path / "j").read_bytes() == damaged


def test_reading_leaves_a_torn_tail_where_it_is(tmp_path: Path) -> None:
    written(tmp_path / "j", 3)
    torn = (tmp_path / "j").read_bytes()[:-5]
    (tmp_path / "j").write_bytes(torn)
    journal = Journal(tmp_path / "j", writable=False)
    assert len(journal) == 2
    journal.close()
    assert (tmp_path / "j").read_bytes() == torn


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    first = Journal(tmp_path / "j")
    with pytest.raises(ReportError, match="another medeval is writing here"):
        Journal(tmp_path / "j")
    first.close()
    Journal(tmp_path / "j").close()


def test_a_later_line_for_the_same_place_takes_over(tmp_path: Path) -> None:
    broken = line(1, Failure(failure="engine_error", reason="out of memory"))
    mended = Line(key=broken.key, asked=broken.asked, sample=broken.sample, reply=Response(text="B"))
    journal = Journal(tmp_path / "j")
    journal.append([broken])
    assert journal.unsettled == 1
    assert not journal.holds(broken.place, broken.key), "an engine error is asked again"
    journal.append([mended])
    assert journal.unsettled == 0
    assert journal.line(mended.place) == mended
    assert len(journal) == 1
    journal.close()


@pytest.mark.parametrize("kind", ["too_long", "nonfinite"])
def test_a_final_failure_is_not_asked_again(tmp_path: Path, kind: str) -> None:
    final = line(1, Failure(failure=kind, reason=""))  # type: ignore[arg-type]
    journal = Journal(tmp_path / "j")
    journal.append([final])
    assert journal.holds(final.place, final.key)
    journal.close()


def test_the_fingerprint_does_not_depend_on_the_order_or_on_detours(tmp_path: Path) -> None:
    lines = [line(number) for number in range(20)]
    prints = set()
    for seed in range(3):
        shuffled = list(lines)
        random.Random(seed).shuffle(shuffled)
        journal = Journal(tmp_path / str(seed))
        journal.append([line(5, Failure(failure="engine_error", reason=""))])
        journal.append(shuffled)
        prints.add(journal.fingerprint())
        journal.close()
    assert len(prints) == 1
    journal = Journal(tmp_path / "other")
    journal.append([*lines[:-1], line(19, Response(text="something else"))])
    assert journal.fingerprint() not in prints
    journal.close()


def test_a_reply_is_acknowledged_only_after_the_disk_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, gate = os.fsync, threading.Event()

    def slow(fd: int) -> None:
        gate.wait(10)
        real(fd)

    journal = Journal(tmp_path / "j")
    monkeypatch.setattr(os, "fsync", slow)
    journal.append([line(number) for number in range(100)])
    assert journal.acknowledged == 0
    gate.set()
    journal.flush()
    assert journal.acknowledged == 100
    journal.close()


def test_a_failed_sync_is_final(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    journal = Journal(tmp_path / "j")
    monkeypatch.setattr(os, "fsync", failing)
    journal.append([line(1)])
    for attempt in (journal.flush, lambda: journal.append([line(2)]), journal.close):
        with pytest.raises(ReportError, match="cannot be written"):
            attempt()
    assert journal.acknowledged == 0


def test_what_judges_say_is_counted_and_hashed_apart(tmp_path: Path) -> None:
    answers = [line(number) for number in range(3)]
    verdicts = [replace(line(number + 10), role=f"judge:{name}") for number in range(2) for name in ("one", "two")]
    journal = Journal(tmp_path / "j")
    journal.append(answers)
    alone = journal.fingerprint()
    journal.append(verdicts)
    assert journal.fingerprint() == alone, "a judge changes no answer"
    assert (journal.count(), journal.count("one"), journal.count("nobody"), len(journal)) == (3, 2, 0, 7)
    assert len({alone, journal.fingerprint("one"), journal.fingerprint("two")}) == 3
    journal.append([replace(verdicts[0], reply=Failure(failure="judge_error", reason="gone"))])
    assert (journal.unsettled, journal.unsettled_of("one"), journal.unsettled_of("two")) == (0, 1, 0)
    journal.close()
