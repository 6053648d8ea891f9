"""What users choose for a bank account: from which day on it is booked, where, and what it held before."""
