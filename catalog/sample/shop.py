"""The words a made-up shop is described in: kinds of thing, colours, brands, needs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of thing. `others` are spellings a shopper may use; `group` holds near neighbours."""

    name: str
    department: str
    group: str
    shape: str
    others: tuple[str, ...]
    materials: tuple[str, ...]
    price: tuple[int, int]
    sizes: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    seasons: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    accessory_for: str = ""
    styles: tuple[str, ...] = ("classic", "modern", "vintage")
    uses: tuple[str, ...] = ("everyday use",)


@dataclass(frozen=True)
class Colour:
    """A shade: its family, red-green-blue value and other names."""

    name: str
    family: str
    rgb: tuple[int, int, int]
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Need:
    """A query that names a purpose: kinds that serve it well, and kinds that serve it somewhat."""

    text: str
    well: tuple[str, ...]
    somewhat: tuple[str, ...]


COLOURS = (
    Colour("red", "red", (200, 38, 42), ("scarlet",)),
    Colour("burgundy", "red", (116, 22, 44), ("wine red", "maroon")),
    Colour("coral", "red", (240, 112, 92)),
    Colour("blue", "blue", (38, 88, 190)),
    Colour("sky blue", "blue", (138, 196, 238), ("azure",)),
    Colour("lake blue", "blue", (24, 138, 160), ("teal",)),
    Colour("navy", "blue", (26, 38, 84), ("dark blue",)),
    Colour("green", "green", (42, 138, 68)),
    Colour("olive", "green", (112, 116, 48), ("olive green",)),
    Colour("mint", "green", (162, 220, 188), ("mint green",)),
    Colour("yellow", "yellow", (244, 204, 52)),
    Colour("mustard", "yellow", (200, 152, 32), ("ochre",)),
    Colour("pink", "pink", (236, 128, 172)),
    Colour("blush", "pink", (240, 192, 196), ("pale pink",)),
    Colour("brown", "brown", (116, 74, 44)),
    Colour("camel", "brown", (192, 146, 92), ("tan",)),
    Colour("black", "black", (32, 32, 36)),
    Colour("charcoal", "black", (68, 72, 78)),
    Colour("white", "white", (250, 250, 250)),
    Colour("ivory", "white", (244, 234, 208), ("off-white",)),
    Colour("grey", "grey", (146, 150, 156), ("gray",)),
    Colour("purple", "purple", (112, 60, 152)),
    Colour("lavender", "purple", (184, 164, 220), ("lilac",)),
)
BASE_COLOURS = ("red", "blue", "green", "yellow", "pink", "brown", "black", "white", "grey", "purple")

# Sister labels stand side by side: a shopper who names one is shown the other as a near match.
BRANDS: dict[str, tuple[tuple[str, str], ...]] = {
    "clothing": (("Quillmere", "Quillotte"), ("Tarnholt", "Tarnby"), ("Fennary", "Fennelisse")),
    "shoes": (("Oskeld", "Oskette"), ("Strideloom", "Strolloom"), ("Pavecrest", "Pavelle")),
    "home": (("Hollowick", "Hollin Row"), ("Emberlune", "Emberette"), ("Dunmarrow", "Dunnel")),
    "kitchen": (("Potterwyn", "Pottelle"), ("Saltmere", "Saltino"), ("Brassenby", "Brassette")),
    "electronics": (("Voltaryn", "Volteen"), ("Kestrix", "Kestling"), ("Ohmara", "Ohmette")),
    "toys": (("Jollyquill", "Jollypip"), ("Bramblebox", "Bramblet"), ("Tumblewick", "Tumbly")),
    "beauty": (("Rosamere", "Rosette Lane"), ("Velmist", "Velmini"), ("Isolde Grove", "Grovelet")),
    "sport": (("Ridgemarrow", "Ridgelet"), ("Alpenfirth", "Alpenelle"), ("Corvane", "Corvelle")),
}

NEEDS = (
    Need(
        "gift for a runner",
        ("running shoes", "water bottle", "sports watch"),
        ("headphones", "backpack", "cap"),
    ),
    Need("something to keep coffee hot on the way", ("travel mug",), ("mug", "water bottle")),
    Need("dry skin in winter", ("face cream", "hand cream"), ("lip balm", "face serum")),
    Need("light for reading in bed", ("table lamp",), ("floor lamp",)),
    Need("block out noise on the train", ("headphones",), ("earbuds",)),
    Need(
        "rainy day with small children", ("board game", "building blocks", "jigsaw puzzle"), ("teddy bear",)
    ),
    Need("what to wear to a beach wedding", ("dress", "sandals"), ("skirt", "shirt")),
    Need("first flat kitchen starter", ("saucepan", "plate set", "mug"), ("teapot", "bowl set")),
    Need("keep hands warm", ("gloves",), ("hand cream", "travel mug")),
    Need("make the sofa cosy", ("cushion", "blanket"), ("rug", "floor lamp")),
    Need("music by the pool", ("speaker",), ("earbuds", "headphones")),
    Need("brighten dull skin", ("face serum",), ("face cream",)),
    Need("weekend hike essentials", ("hiking boots", "backpack", "water bottle"), ("cap", "jacket")),
    Need("afternoon tea for guests", ("teapot", "mug"), ("plate set",)),
    Need("present for a newborn", ("teddy bear",), ("blanket", "building blocks")),
    Need("protect my phone from drops", ("phone case",), ()),
)
