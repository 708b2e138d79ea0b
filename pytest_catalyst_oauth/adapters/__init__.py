"""The engine's connections to the world."""
