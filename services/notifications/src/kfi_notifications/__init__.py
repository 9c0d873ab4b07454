"""Letters, e-mails, proof of announcement."""
