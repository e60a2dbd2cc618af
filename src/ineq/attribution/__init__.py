"""Attribution maps."""
