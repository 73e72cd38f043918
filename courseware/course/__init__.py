"""Course files: positions, Markdown, blocks, objectives, references, HTML. Knows no question kind, verb or check."""
