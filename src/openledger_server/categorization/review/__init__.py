"""What waits for a person, what people decide again and again, and how often machines were right."""
