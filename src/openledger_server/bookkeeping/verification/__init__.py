"""What the last check of each entity's books found."""
