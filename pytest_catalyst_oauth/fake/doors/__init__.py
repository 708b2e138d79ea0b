"""The ways to a fake: in process, and over a socket."""
