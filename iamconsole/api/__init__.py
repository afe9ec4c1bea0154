"""The second face: AWS's own clients, speaking the AWS Query protocol with SigV4 signatures."""
