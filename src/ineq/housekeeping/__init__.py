"""What commands do with a study beside running it: fetch, ship, publish and remove."""
