"""AWS on loopback."""

from tests.live import moto, moto_server, scripted, scripted_server

__all__ = ["moto", "moto_server", "scripted", "scripted_server"]
