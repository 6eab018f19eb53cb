"""Engines: what answers. Named on the command line as `kind:rest`."""
