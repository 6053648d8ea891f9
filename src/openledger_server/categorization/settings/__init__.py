"""What an entity wants of the judging: floors, and where each kind of row belongs in its own chart."""
