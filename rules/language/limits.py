"""How large a condition may be. Past these it is refused, so that no input can stall a page or a worker."""

MAX_BYTES = 8 * 1024
MAX_DEPTH = 64
MAX_NODES = 1_000
MAX_MACROS = 2  # exists/all inside one another
MAX_RANGE = 1_000  # elements that a macro walks; a longer list makes it unknown
MAX_PATTERN = 512
REGEX_MEMORY = 1 << 20  # bytes that RE2 may use for one compiled pattern
MAX_SCANNED = 20_000  # characters of a text that are looked through
MEMO_TEXT = 2_000  # a longer text is matched, but its answer is not kept
MEMO_ENTRIES = 8_192
INT_MIN = -(2**63)
INT_MAX = 2**63 - 1
