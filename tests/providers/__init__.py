"""What the providers make of the world: each against a real peer on loopback."""
