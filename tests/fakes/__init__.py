"""Peers of ours on loopback, for tests and benches: they speak as outsiders do, and misbehave on demand."""
