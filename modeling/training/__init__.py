"""From tokenised pairs to a trained model: batches, masks, accumulation, options."""
