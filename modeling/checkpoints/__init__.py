"""Other forms of a checkpoint: its sentence twin, safetensors instead of a pickle."""
