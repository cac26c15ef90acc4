"""Kinds of thing to wear."""

from catalog.sample.shop import Kind

_SIZES = ("XS", "S", "M", "L", "XL")
_SHOE = ("5", "6", "7", "8", "9", "10", "11")
_ALL = ("women", "men", "kids", "unisex")
_SOFT = ("cotton", "linen", "wool")
_YEAR = ("summer", "winter", "all year")

KINDS = (
    Kind("dress", "clothing", "dresses", "dress", ("frock", "gown"), ("cotton", "linen", "silk"), (28, 140),
         _SIZES, ("women", "kids"), ("summer", "winter", "all year"),
         styles=("wrap", "pleated", "vintage", "maxi"), uses=("parties", "the office", "garden evenings")),
    Kind("skirt", "clothing", "dresses", "skirt", ("midi skirt",), ("cotton", "denim", "wool"), (22, 80),
         _SIZES, ("women", "kids"), styles=("pleated", "vintage", "wrap"), uses=("the office", "weekends")),
    Kind("shirt", "clothing", "tops", "shirt", ("button down", "button-up"), ("cotton", "linen", "flannel"), (22, 90),
         _SIZES, _ALL, styles=("slim fit", "relaxed", "classic"), uses=("the office", "weekends")),
    Kind("t-shirt", "clothing", "tops", "tee", ("tee", "tshirt"), ("cotton", "linen", "bamboo"), (9, 38),
         _SIZES, _ALL, counts=(1, 1, 3), styles=("relaxed", "slim fit", "vintage"), uses=("weekends", "layering")),
    Kind("jumper", "clothing", "tops", "jumper", ("sweater", "pullover"), ("wool", "cotton", "cashmere"), (30, 150),
         _SIZES, _ALL, styles=("cable knit", "crew neck", "relaxed"), uses=("cold days", "layering")),
    Kind("jacket", "clothing", "coats", "jacket", ("coat",), ("cotton", "leather", "wool"), (55, 260),
         _SIZES, _ALL, _YEAR, styles=("bomber", "cropped", "classic"), uses=("city walks", "travel")),
    Kind("trousers", "clothing", "bottoms", "trousers", ("pants", "slacks"), ("cotton", "linen", "denim"), (25, 110),
         _SIZES, _ALL, _YEAR, styles=("wide leg", "slim fit", "tapered"), uses=("the office", "travel")),
    Kind("scarf", "clothing", "extras", "scarf", ("neck warmer",), ("wool", "silk", "cotton"), (12, 70),
         (), _ALL, _YEAR, styles=("fringed", "checked", "plain"), uses=("cold days", "gifts")),
    Kind("gloves", "clothing", "extras", "gloves", ("mittens",), ("wool", "leather", "fleece"), (10, 60),
         ("S", "M", "L"), _ALL, styles=("lined", "touchscreen", "classic"), uses=("cold days", "cycling")),
    Kind("cap", "clothing", "extras", "cap", ("baseball cap",), _SOFT, (10, 35),
         (), _ALL, _YEAR, styles=("curved", "flat brim", "vintage"), uses=("sunny days", "sports")),
    Kind("handbag", "clothing", "bags", "bag", ("purse", "shoulder bag"), ("leather", "canvas", "suede"), (30, 220),
         (), ("women",), styles=("quilted", "tote", "classic"), uses=("the office", "evenings out")),
    Kind("running shoes", "shoes", "trainers", "shoe", ("joggers", "running trainers"), ("mesh", "nylon"), (45, 160),
         _SHOE, _ALL, styles=("cushioned", "lightweight", "trail"), uses=("long runs", "daily training")),
    Kind("sneakers", "shoes", "trainers", "shoe", ("trainers", "kicks"), ("canvas", "leather", "suede"), (35, 130),
         _SHOE, _ALL, styles=("low top", "retro", "chunky"), uses=("city walks", "weekends")),
    Kind("hiking boots", "shoes", "boots", "boot", ("walking boots",), ("leather", "suede"), (60, 210),
         _SHOE, ("women", "men", "unisex"), _YEAR, styles=("waterproof", "lightweight", "mid cut"),
         uses=("mountain paths", "wet trails")),
    Kind("sandals", "shoes", "open shoes", "sandal", ("open toe shoes",), ("leather", "cork", "canvas"), (20, 90),
         _SHOE, _ALL, styles=("strappy", "slip on", "platform"), uses=("the beach", "holidays")),
    Kind("shoe laces", "shoes", "shoe care", "laces", ("laces",), ("cotton", "polyester"), (3, 9),
         counts=(1, 2, 4), accessory_for="sneakers", styles=("flat", "round", "elastic"),
         uses=("sneakers", "trainers", "running shoes")),
)  # fmt: skip
