"""What people decide about a bank transaction beyond its category: a split over accounts, or to leave it out."""
