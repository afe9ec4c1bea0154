"""Whether a lab works: lint, the proof, and installing what passed both."""
