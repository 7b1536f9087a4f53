"""What the machine does for a training: compiled layers, memory and bf16 of the CPU, energy."""
