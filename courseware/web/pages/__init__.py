"""One file an area: its addresses, forms and page values. Each module has an `area`."""
