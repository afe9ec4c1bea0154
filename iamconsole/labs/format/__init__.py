"""A pack's files: read and checked until they are a lab, or refused with what is wrong."""
