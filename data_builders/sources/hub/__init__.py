"""Text of the Hugging Face Hub: which datasets are known, their configs, their files."""
