"""Do no harm: the base is asked before a training, the model after it, and the two are compared."""
