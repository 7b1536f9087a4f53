"""What a published checkpoint may carry: flat files that import torch and transformers alone."""
