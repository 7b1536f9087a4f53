"""The Hugging Face Hub: what goes up is gathered, checked and sent."""
