"""What every page does alike: answer whole or in part, refuse in place, keep what is unchanged."""
