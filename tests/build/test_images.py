"""What the site says of an image that a cell shows."""

from tiny_site import page

IMAGE = """
import struct, zlib
from IPython.display import Image
def part(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
size = struct.pack(">IIBBBBB", 30, 20, 8, 0, 0, 0, 0)
dots = zlib.compress((b"\\0" + b"\\0" * 30) * 20)
Image(b"\\x89PNG\\r\\n\\x1a\\n" + part(b"IHDR", size) + part(b"IDAT", dots) + part(b"IEND", b""))
"""


def test_an_image_waits_for_the_view_and_its_place_is_kept(site):
    site.write(page(IMAGE))
    built = site.build()
    assert built.status == 0, built.printed
    assert '<img loading="lazy" width="30" height="20" ' in site.read()
