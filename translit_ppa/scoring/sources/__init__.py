"""Which language to fine-tune on: rankings, and what they are worth."""
