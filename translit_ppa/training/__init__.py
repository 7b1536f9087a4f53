"""Post-training: options, pairs, base model, run, checkpoint, ablation."""
