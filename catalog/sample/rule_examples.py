"""Examples of the sample's rules; grade None means that the rule must not fire."""

from typing import Any


def _example(
    query: dict[str, Any], item: dict[str, Any], grade: str | None, dimension: str = "", note: str = ""
) -> dict[str, Any]:
    return {"query": query, "item": item, "grade": grade, "dimension": dimension, "note": note}


def _dress(**more: Any) -> dict[str, Any]:
    return {"category": "dress", **more}


_LAKE = {"text": "lake blue dress", "category": "dress", "color": "lake blue", "head": "dress"}
_QUILL = {"text": "quillmere dress", "category": "dress", "brand": "Quillmere", "head": "dress"}
_KIDS = {"text": "dress for kids", "category": "dress", "head": "dress"}
_SHOES = {"text": "sneakers size 9", "category": "sneakers", "size": "9", "head": "sneaker"}
_WATCH = {"text": "fitness watch", "head": "watch", "category": "sports watch"}
_MUG = {"text": "mug without glass", "category": "mug", "head": "mug"}
_COAT = {"text": "jacket for winter", "category": "jacket", "head": "jacket"}
_CHEAP = {"text": "mug under 20", "category": "mug", "head": "mug"}
_SPINDLE = {"text": "spindle chair", "category": "chair", "head": "chair"}
_SIX = {"text": "mug set of 4", "category": "mug", "quantity": 4, "head": "mug"}

EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "R01": [
        _example(_LAKE, _dress(color="red"), "L2", "colour"),
        _example(_LAKE, _dress(color="navy"), None, note="the same family"),
        _example(_LAKE, _dress(), None, note="the text is silent: look at the picture"),
    ],
    "R02": [
        _example(_LAKE, _dress(color="navy"), "L3"),
        _example(
            {**_LAKE, "text": "blue dress", "color": "blue"}, _dress(color="navy"), None, note="a plain name"
        ),
    ],
    "R03": [
        _example(_LAKE, _dress(color="sky blue"), "L2", "colour"),
        _example(_LAKE, _dress(color="navy"), None, note="another neighbour"),
    ],
    "R04": [
        _example(_QUILL, _dress(brand="Tarnholt"), "L2", "brand"),
        _example(_QUILL, _dress(brand="Quillotte"), None, note="the sister label"),
    ],
    "R05": [
        _example(_QUILL, _dress(brand="Quillotte"), "L3"),
        _example(_QUILL, _dress(brand="Quillmere"), None, note="the brand itself"),
    ],
    "R06": [
        _example(_KIDS, _dress(audience="women"), "L2", "audience"),
        _example(_KIDS, _dress(audience="unisex"), None),
    ],
    "R07": [
        _example(_SHOES, {"category": "sneakers", "size": 10}, "L2", "size"),
        _example(_SHOES, {"category": "sneakers", "size": 9}, None),
        _example({**_LAKE, "size": "m"}, _dress(size="L"), "L2", "size"),
    ],
    "R08": [
        _example(_WATCH, {"category": "watch strap", "accessory_for": "sports watch"}, "L1", "component"),
        _example(_WATCH, {"category": "sports watch"}, None),
    ],
    "R09": [
        _example(_MUG, {"category": "mug", "material": "glass"}, "L2", "material"),
        _example(_MUG, {"category": "mug", "material": "ceramic"}, None),
        _example({**_MUG, "text": "glass mug"}, {"category": "mug", "material": "ceramic"}, "L2", "material"),
    ],
    "R10": [
        _example(_COAT, {"category": "jacket", "season": "summer"}, "L2", "season"),
        _example(_COAT, {"category": "jacket", "season": "all year"}, None),
        _example(_COAT, {"category": "jacket", "season": "winter"}, None),
    ],
    "R11": [
        _example(_CHEAP, {"category": "mug", "price": 24.99}, "L2", "price"),
        _example(_CHEAP, {"category": "mug", "price": 21.99}, None),
        _example(_CHEAP, {"category": "mug", "price": 19.99}, None),
    ],
    "R12": [
        _example(_SIX, {"category": "mug", "set_size": 2}, "L2", "quantity"),
        _example(_SIX, {"category": "mug", "set_size": 6}, "L3"),
        _example(_SIX, {"category": "mug", "set_size": 4}, None),
    ],
    "R13": [
        _example(_COAT, {"category": "jacket", "season": "all year"}, "L3"),
        _example(_COAT, {"category": "jacket", "season": "winter"}, None),
    ],
    "R14": [
        _example(_CHEAP, {"category": "mug", "price": 21.99}, "L3"),
        _example(_CHEAP, {"category": "mug", "price": 24.99}, None),
    ],
    "R15": [
        _example(_SPINDLE, {"category": "stool"}, "L2", "category"),
        _example(_SPINDLE, {"category": "dress"}, "L1", "category"),
        _example(_SPINDLE, {"category": "chair"}, None),
        _example(_SPINDLE, {"title": "oak seat"}, None, note="the text is silent: look at the picture"),
    ],
    "R16": [
        _example(_SPINDLE, {"category": "chair", "style": "mid-century"}, "L3"),
        _example(_SPINDLE, {"category": "chair", "style": "spindle"}, None),
        _example({**_SPINDLE, "text": "oak chair"}, {"category": "chair", "style": "stackable"}, None),
    ],
}
