"""How benchmarks are scored; a benchmark names its protocol, the corridor joins the two."""
