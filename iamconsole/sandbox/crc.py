"""CRC-32C and CRC-64/NVME, which Python's library lacks, at some fifty megabytes a second.

A CRC is the remainder of a division of polynomials, so a message can be folded: its first half,
multiplied by a power of x, is added to its second half, until one word is left. All words of a half
are multiplied at once, by one table look-up for each of their bytes: `bytes.translate`.

Parameters: the "Catalogue of parametrised CRC algorithms" (CRC-32/ISCSI, CRC-64/NVME). Both are
reflected: the lowest bit of a byte stands for the highest power.
"""

from __future__ import annotations

from functools import cache
from typing import ClassVar, NamedTuple


class Kind(NamedTuple):
    """The polynomial, reflected, and the number of bytes of a word."""

    polynomial: int
    width: int


class Crc:
    """A CRC of some bytes, which may come in pieces."""

    kind: ClassVar[Kind]

    def __init__(self) -> None:
        self._rest = (1 << 8 * self.kind.width) - 1

    def update(self, piece: bytes) -> None:
        """Add bytes."""
        # The first bytes are looked at together with what is left of those before.
        for start in range(0, len(piece), _PIECE):
            self._add(piece[start : start + _PIECE])

    def digest(self) -> bytes:
        """The CRC, its highest byte first."""
        width = self.kind.width
        return (self._rest ^ ((1 << 8 * width) - 1)).to_bytes(width, "big")

    def _add(self, piece: bytes) -> None:
        kind, width = self.kind, self.kind.width
        if len(piece) < width:
            for byte in piece:
                low = (self._rest ^ byte) & 0xFF
                self._rest = _step(kind, low) ^ (self._rest >> 8)
            return
        begin = int.from_bytes(piece[:width], "little") ^ self._rest
        words = 1
        while words * width < len(piece):
            words *= 2
        # Zeros before a message don't change its remainder.
        padded = bytes(words * width - len(piece)) + begin.to_bytes(width, "little") + piece[width:]
        planes = [padded[place::width] for place in range(width)]
        while words > 1:
            words //= 2
            planes = [
                _xor(one, plane[words:])
                for one, plane in zip(_times(kind, planes, words, words), planes, strict=True)
            ]
        # What is divided is the message with as many zeros after it as a word has bits.
        (rest,) = zip(*_times(kind, planes, 1, 1), strict=True)
        self._rest = int.from_bytes(bytes(rest), "little")


class Crc32c(Crc):
    """CRC-32C, also called Castagnoli."""

    kind = Kind(0x82F63B78, 4)


class Crc64Nvme(Crc):
    """CRC-64/NVME."""

    kind = Kind(0x9A6C9329AC4BC9B5, 8)


_PIECE = 1 << 20


def _times(kind: Kind, planes: list[bytes], words: int, shift: int) -> list[bytes]:
    """The first words, each multiplied by x to the power of as many bits as `shift` words have."""
    tables = _tables(kind, shift)
    heads = [plane[:words] for plane in planes]
    found = []
    for column in range(kind.width):
        total = 0
        for head, table in zip(heads, tables, strict=True):
            total ^= int.from_bytes(head.translate(table[column]), "little")
        found.append(total.to_bytes(words, "little"))
    return found


def _xor(one: bytes, other: bytes) -> bytes:
    mixed = int.from_bytes(one, "little") ^ int.from_bytes(other, "little")
    return mixed.to_bytes(len(one), "little")


@cache
def _tables(kind: Kind, shift: int) -> list[list[bytes]]:
    """For each byte of a word, and each byte of the product, the table of what it adds there."""
    bits = 8 * kind.width
    # The highest bit stands for x to the power of nothing: that is the number one.
    factor = _power(kind, bits * shift)
    found = []
    for place in range(kind.width):
        singles = [_product(kind, 1 << (8 * place + bit), factor) for bit in range(8)]
        products = [0] * 256
        for byte in range(1, 256):
            low = byte & -byte
            products[byte] = products[byte ^ low] ^ singles[low.bit_length() - 1]
        found.append(
            [
                bytes((product >> (8 * column)) & 0xFF for product in products)
                for column in range(kind.width)
            ]
        )
    return found


@cache
def _power(kind: Kind, exponent: int) -> int:
    """The remainder of x to this power."""
    one = 1 << (8 * kind.width - 1)
    if exponent == 0:
        return one
    half = _power(kind, exponent // 2)
    square = _product(kind, half, half)
    return _by_x(kind, square) if exponent % 2 else square


def _product(kind: Kind, one: int, other: int) -> int:
    """The remainder of a product."""
    total = 0
    for bit in reversed(range(8 * kind.width)):
        if one >> bit & 1:
            total ^= other
        other = _by_x(kind, other)
    return total


def _by_x(kind: Kind, value: int) -> int:
    return (value >> 1) ^ (kind.polynomial if value & 1 else 0)


@cache
def _step(kind: Kind, byte: int) -> int:
    for _ in range(8):
        byte = _by_x(kind, byte)
    return byte
