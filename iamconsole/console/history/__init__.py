"""What the pages of the event history are made of."""
