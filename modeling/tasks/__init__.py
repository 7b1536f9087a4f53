"""Tasks with labels: fine-tuning, scores, chance."""
