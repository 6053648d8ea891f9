"""The life of items and bank accounts after they were linked."""
