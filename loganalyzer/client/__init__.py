"""The client's side: what an HTTP response tells of the failure behind it, without any log."""
