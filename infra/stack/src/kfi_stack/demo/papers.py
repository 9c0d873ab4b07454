"""A paper that the association hands in: a small PDF of one page, made here so that the demo carries no file."""

from typing import Final

from kfi_stack.demo.person import Json

_TEXT: Final = b"BT /F1 14 Tf 72 760 Td (Satzung des Begegnungsvereins Lippe e. V., Fassung 2026) Tj ET"
_OBJECTS: Final = (
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    b"<< /Length %d >>\nstream\n%b\nendstream" % (len(_TEXT), _TEXT),
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
)
RIGHT_ADDRESS: Final[Json] = {
    "attention": "Adam Brückner",
    "street": "Lange Straße",
    "house_number": "12 a",
    "postcode": "32756",
    "city": "Detmold",
    "email": "vorstand@begegnungsverein-lippe.example",
}


def statutes() -> bytes:
    """The statutes as PDF 1.4 (ISO 32000-1, 7.5)."""
    content, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(_OBJECTS, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    begin = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, begin)
    return bytes(content)
