"""Attribution methods and attacks from other packages: found by their entry points, held to a contract."""
