"""Finding bank transactions by words and by what the words mean."""
