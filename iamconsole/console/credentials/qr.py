"""QR codes (ISO/IEC 18004) as SVG that stands inside a page."""

from __future__ import annotations

import qrcode
from django.utils.safestring import SafeString
from qrcode.image.svg import SvgPathFillImage

#: Modules of white around the code; with fewer, phones fail to find it.
QUIET_ZONE = 4


def svg(text: str, label: str) -> SafeString:
    """The code of a text, black on white in every theme; `label` is what screen readers say.

    Its size is the style sheet's: class `qr`.
    """
    code = qrcode.QRCode(border=QUIET_ZONE, image_factory=SvgPathFillImage)
    code.add_data(text)
    attributes = {"class": "qr", "role": "img", "aria-label": label}
    image = code.make_image(**attributes)
    drawn = image.get_image()
    for measure in ("width", "height"):  # in millimetres
        del drawn.attrib[measure]
    # The text is in it as modules only, and the label was escaped by ElementTree.
    return SafeString(image.to_string(encoding="unicode"))
