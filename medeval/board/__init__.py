"""Pages: static, self-contained, without scripts."""
