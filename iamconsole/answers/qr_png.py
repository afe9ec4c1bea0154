"""QR codes (ISO/IEC 18004) as PNG files of one bit a pixel (ISO/IEC 15948)."""

from __future__ import annotations

import struct
import zlib

import qrcode

#: Modules of white around the code; with fewer, phones fail to find it.
QUIET_ZONE = 4
#: Pixels of a module's side.
_SCALE = 6
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(text: str) -> bytes:
    """The code of a text, black on white."""
    code = qrcode.QRCode(border=QUIET_ZONE)
    code.add_data(text)
    rows = [_row(row) for row in code.get_matrix()]
    pixels = b"".join(row * _SCALE for row in rows)
    side = len(rows) * _SCALE
    # One bit of grey a pixel, deflated, without interlacing.
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(pixels)),
            _chunk(b"IEND", b""),
        )
    )


def _row(modules: list[bool | None]) -> bytes:
    """One line of pixels: its filter, which is none, and its bits, where 1 is white."""
    bits = "".join(("0" if dark else "1") * _SCALE for dark in modules)
    padded = bits.ljust(-len(bits) // 8 * -8, "0")
    return b"\0" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
