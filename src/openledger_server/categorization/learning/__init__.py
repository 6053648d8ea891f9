"""What an entity's people chose teaches what they would choose for merchants nobody has seen before."""
