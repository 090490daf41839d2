"""What is known, in the forms that other programs read: pure functions from a report to bytes."""
