"""What pages of every kind are made of: lists, pickers, dialogs, steps."""
