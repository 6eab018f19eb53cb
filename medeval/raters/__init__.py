"""Human raters: a page to rate on that needs nothing else, and what their ratings say of judges."""
