"""Small PDFs made by hand: words at places, links over rectangles."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Page:
    """Words as (x, y, text) in 10 point Helvetica, links as (x, y, width, address)."""

    words: list[tuple[float, float, str]] = field(default_factory=list)
    links: list[tuple[float, float, float, str]] = field(default_factory=list)

    def lines(self, x: float, y: float, *texts: str) -> float:
        """Lines of text below one another; the height below the last."""
        for text in texts:
            self.words.append((x, y, text))
            y -= 12
        return y


def make_pdf(*pages: Page, encrypted: bool = False) -> bytes:
    """The bytes of a PDF with these pages."""
    objects: list[bytes] = [b"", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids: list[int] = []
    for page in pages:
        stream = b"BT /F1 10 Tf\n"
        for x, y, text in page.words:
            shown = text.encode("cp1252").replace(b"\\", b"\\\\")
            shown = shown.replace(b"(", b"\\(").replace(b")", b"\\)")
            stream += b"1 0 0 1 %g %g Tm (%s) Tj\n" % (x, y, shown)
        stream += b"ET"
        notes: list[int] = []
        for x, y, width, address in page.links:
            box = b"[%g %g %g %g]" % (x, y - 2, x + width, y + 9)
            uri = b"<</S/URI/URI(%s)>>" % address.encode()
            objects.append(b"<</Type/Annot/Subtype/Link/Rect%s/A%s>>" % (box, uri))
            notes.append(len(objects))
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        refs = b" ".join(b"%d 0 R" % note for note in notes)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Annots[%s]"
            b"/Resources<</Font<</F1 3 0 R>>>>>>" % (len(objects), refs)
        )
        kids.append(len(objects))
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (listed, len(kids))
    return _written(objects, encrypted=encrypted)


def _written(objects: list[bytes], *, encrypted: bool) -> bytes:
    if encrypted:
        key = b"<" + b"41" * 32 + b">"
        objects = [
            *objects,
            b"<</Filter/Standard/V 1/R 2/O %s/U %s/P -4>>" % (key, key),
        ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj%s endobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    locked = b"/Encrypt %d 0 R/ID[<41><41>]" % len(objects) if encrypted else b""
    return data + b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        locked,
        start,
    )
