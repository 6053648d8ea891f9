"""The bank's word against the books: what the bank reports beside what was posted, and the difference."""
