"""The commands of `helpline`, a module for each."""
