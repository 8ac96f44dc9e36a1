"""Drones: small networks that imitate any classifier or regressor, and grow until they do."""
