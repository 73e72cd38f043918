"""The site: requests in, pages out. Rules, reads and writes live in the rooms below; here are forms, addresses and looks."""
