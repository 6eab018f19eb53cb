"""The head of a file in a tar archive: 512 bytes, of which a bundle leaves nothing open but name and size.

So whoever reads one knows, byte for byte, what must stand there: links, devices, owners, times and extensions
have no place to hide in.
"""

from medeval.bundles.names import parted

BLOCK = 512
END = bytes(2 * BLOCK)
KINDS = {
    b"1": "a hard link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"5": "a folder", b"6": "a FIFO",
    b"x": "an extended header", b"g": "an extended header", b"L": "a long name", b"K": "a long link",
    b"S": "a sparse file", b"V": "a volume label", b"M": "a part of another volume",
}  # fmt: skip


def head(path: str, size: int) -> bytes:
    """Write the head of a file by POSIX.1-1988: mode 644, owner 0, time 0."""
    folder, name = parted(path)
    before = name.ljust(100, b"\0") + b"0000644\0" + 2 * b"0000000\0" + b"%011o\0" % size + b"%011o\0" % 0
    after = b"0" + bytes(100) + b"ustar\00000" + bytes(64) + bytes(16) + folder.ljust(155, b"\0") + bytes(12)
    # The sum is taken with blanks in its own place.
    return before + b"%06o\0 " % sum(before + b" " * 8 + after) + after


def padding(size: int) -> int:
    """Bytes that fill the last block of a file."""
    return -size % BLOCK


def size_in(block: bytes) -> int:
    """Read the size out of a head; 0 where none can be read."""
    digits = block[124:135]
    return int(digits, 8) if digits.isdigit() and not {*digits} & {*b"89"} else 0


def said(block: bytes) -> str:
    """Tell what a head that is another one stands for."""
    if block == bytes(BLOCK):
        return "its end"
    name = b"/".join(filter(None, (block[345:500].rstrip(b"\0"), block[:100].rstrip(b"\0"))))
    kind = KINDS.get(block[156:157], "a file")
    return f"{kind} {name.decode('utf-8', 'backslashreplace')!r:.120}"
