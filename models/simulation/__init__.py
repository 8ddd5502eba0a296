"""How a garment looks when somebody carries it; what an import compares with."""
