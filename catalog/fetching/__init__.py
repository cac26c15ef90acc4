"""Remote pictures into the blob store: from checked addresses, within limits, a few at a time."""
