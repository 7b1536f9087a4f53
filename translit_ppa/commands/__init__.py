"""The commands of `translit-ppa`: each a thin reader of options over the API."""
